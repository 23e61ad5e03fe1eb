import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Appended, MessageLog } from '../../src/ports/message-log.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { Entry } from '../../src/protocol/models.ts';
import { makeHandClock } from '../support/clock.ts';
import {
  edit,
  everything,
  mention,
  newConversation,
  newKey,
  newPerson,
  page,
  preview,
  remove,
  retitle,
  say,
} from '../support/drafts.ts';
import { logKinds } from '../support/message-logs.ts';

const entryOf = (appended: Appended): Entry => {
  if (appended.outcome !== 'appended' && appended.outcome !== 'repeated') throw new Error(appended.outcome);
  return appended.entry;
};
const texts = (entries: readonly Entry[]) => entries.map(({ body }) => ('text' in body ? body.text : null));
const seqs = (entries: readonly Entry[]) => entries.map(({ seq }) => seq);

describe.each(logKinds())('the message log on $name', (kind) => {
  const clock = makeHandClock();
  let place: string;
  let log: MessageLog;
  beforeEach(async (context) => {
    const found = await kind.place();
    if (found === null) return context.skip();
    place = found;
    log = await kind.open(place, clock);
  });
  afterEach(async () => {
    await log?.close();
  });
  const append = async (draft: Parameters<MessageLog['append']>[0]) => entryOf(await log.append(draft));
  const entriesOf = async (conversationId: Entry['conversationId']) =>
    (await log.entries({ conversationId, after: 0, spans: everything, ...page })).entries;
  const historyOf = async (conversationId: Entry['conversationId']) =>
    (await log.history({ conversationId, before: null, spans: everything, ...page })).messages;

  describe('appending', () => {
    it('numbers from 1 without gaps, each conversation by itself, in the order of the calls', async () => {
      const [a, b] = [newConversation(), newConversation()];
      const all = await Promise.all(
        Array.from({ length: 300 }, (_, i) => append(say(`${i}`, { conversationId: i % 3 === 0 ? a : b }))),
      );
      for (const conversationId of [a, b]) {
        const mine = all.filter((entry) => entry.conversationId === conversationId);
        expect(seqs(mine)).toEqual(mine.map((_, i) => i + 1));
        expect(await entriesOf(conversationId)).toEqual(mine.slice(0, page.limit));
      }
      expect(await log.count()).toBe(300);
    });

    it('answers the entry as it is read later', async () => {
      const conversationId = newConversation();
      const senderId = newPerson();
      const text = 'Ünïcode \u{1f600} \u0000 "quoted" \ud800';
      const made = [
        await append(say(text, { conversationId, senderId, time: 5 })),
        await append(edit(1, 'b', { conversationId, senderId })),
        await append({ ...retitle('t', { conversationId, senderId: null }) }),
      ];
      expect(made[0]).toMatchObject({ conversationId, senderId, seq: 1, time: 5, kind: 'message', body: { text } });
      expect(made[1]).toMatchObject({ target: 1 });
      expect(made[2]?.senderId).toBeNull();
      for (const entry of made) {
        expect(await log.entry(conversationId, entry.seq)).toEqual(entry);
        expect(await log.find(conversationId, entry.senderId, entry.clientId)).toEqual(entry);
      }
      expect(await log.entry(conversationId, 4)).toBeNull();
      expect(await log.entry(newConversation(), 1)).toBeNull();
      expect(await log.find(conversationId, newPerson(), made[0]?.clientId as never)).toBeNull();
      expect(await log.find(conversationId, senderId, newKey())).toBeNull();
    });

    it('takes thousands at once', async () => {
      const conversationId = newConversation();
      const all = await Promise.all(Array.from({ length: 6_000 }, () => append(say('x', { conversationId }))));
      expect(seqs(all)).toEqual(all.map((_, i) => i + 1));
    });

    it('gives an entry the time of the one before it where its own is earlier', async () => {
      const conversationId = newConversation();
      const times = [50, 20, 60, 60, 1];
      const made = await Promise.all(times.map((time) => append(say('x', { conversationId, time }))));
      expect(made.map(({ time }) => time)).toEqual([50, 50, 60, 60, 60]);
    });

    it('answers a known key with its first entry, whatever was appended since', async () => {
      const draft = say('once', {});
      const first = await append(draft);
      await append(say('other', { conversationId: draft.conversationId }));
      expect(await log.append({ ...draft, time: 99 })).toEqual({ outcome: 'repeated', entry: first });
      expect(await log.append({ ...draft, body: { text: 'twice' } } as typeof draft)).toEqual({ outcome: 'conflict' });
      expect(await log.count()).toBe(2);
    });

    it('knows a key within the same turn', async () => {
      const draft = say('once', {});
      const other = { ...draft, body: { text: 'other' } } as typeof draft;
      const answers = await Promise.all([log.append(draft), log.append(draft), log.append(other)]);
      expect(answers.map(({ outcome }) => outcome)).toEqual(['appended', 'repeated', 'conflict']);
      expect(await log.count()).toBe(1);
    });

    it('tells keys apart by conversation and sender', async () => {
      const clientId = newKey();
      const conversationId = newConversation();
      const made = [
        await append(say('a', { clientId, conversationId })),
        await append(say('b', { clientId, conversationId })),
        await append(say('c', { clientId, conversationId, senderId: null })),
        await append(say('d', { clientId })),
      ];
      expect(seqs(made)).toEqual([1, 2, 3, 1]);
    });

    it('tells a target apart that differs under one key', async () => {
      const conversationId = newConversation();
      await append(say('a', { conversationId }));
      await append(say('b', { conversationId }));
      const draft = edit(1, 'c', { conversationId });
      await append(draft);
      expect((await log.append({ ...draft, target: 2 })).outcome).toBe('conflict');
      expect((await log.append(draft)).outcome).toBe('repeated');
    });

    it('stores nothing that was judged by older rules, but answers a known key before', async () => {
      const conversationId = newConversation();
      const known = say('known', { conversationId, rulesSeq: 0 });
      await append(known);
      await append(retitle('new rules', { conversationId }));
      expect((await log.heads([conversationId]))[0]).toMatchObject({ seq: 2, rulesSeq: 2 });
      expect(await log.append(say('late', { conversationId, rulesSeq: 0 }))).toEqual({ outcome: 'outdated' });
      expect((await log.append(known)).outcome).toBe('repeated');
      expect((await log.append({ ...known, body: { text: 'x' } } as typeof known)).outcome).toBe('conflict');
      expect((await log.append(say('judged', { conversationId, rulesSeq: 2 }))).outcome).toBe('appended');
      expect((await log.append(say('owed', { conversationId, rulesSeq: null }))).outcome).toBe('appended');
    });

    it('judges by rules that came in the same turn', async () => {
      const conversationId = newConversation();
      await append(say('a', { conversationId }));
      const answers = await Promise.all([
        log.append(say('before', { conversationId, rulesSeq: 0 })),
        log.append(retitle('t', { conversationId, rulesSeq: 0 })),
        log.append(say('behind', { conversationId, rulesSeq: 0 })),
      ]);
      expect(answers.map(({ outcome }) => outcome)).toEqual(['appended', 'appended', 'outdated']);
    });

    it('fails one draft alone', async () => {
      const conversationId = newConversation();
      const bad = say('x', { conversationId });
      Object.assign(bad, { body: { text: 1n } });
      const answers = await Promise.allSettled([
        log.append(say('a', { conversationId })),
        log.append(bad),
        log.append(say('b', { conversationId })),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(texts(await entriesOf(conversationId))).toEqual(['a', 'b']);
    });

    it('is all there after it was closed and opened again', async () => {
      const conversationId = newConversation();
      const senderId = newPerson();
      const draft = say('kept', { conversationId, senderId });
      const first = await append(draft);
      const epoch = await log.epoch();
      const head = await log.heads([conversationId]);
      await log.close();
      log = await kind.open(place, clock);
      expect(await log.epoch()).toBe(epoch);
      expect(await log.heads([conversationId])).toEqual(head);
      expect(await log.append(draft)).toEqual({ outcome: 'repeated', entry: first });
      expect((await append(say('next', { conversationId, senderId, time: 1 }))).seq).toBe(2);
    });

    it('finishes what was asked for before it closes', async () => {
      const conversationId = newConversation();
      const asked = Array.from({ length: 20 }, (_, i) => log.append(say(`${i}`, { conversationId })));
      await log.close();
      expect(seqs((await Promise.all(asked)).map(entryOf))).toEqual(asked.map((_, i) => i + 1));
      log = await kind.open(place, clock);
      expect(await log.count()).toBe(20);
    });
  });

  describe('heads', () => {
    it('are answered in the order asked for, and empty for conversations without entries', async () => {
      const [a, b, none] = [newConversation(), newConversation(), newConversation()];
      await append(say('x', { conversationId: b, time: 7 }));
      await append(say('y', { conversationId: a, time: 8 }));
      const heads = await log.heads([none, a, b]);
      expect(heads.map((head) => head.conversationId)).toEqual([none, a, b]);
      expect(heads[0]).toEqual({
        conversationId: none,
        seq: 0,
        time: 0,
        firstSeq: 1,
        rulesSeq: 0,
        changedAt: 0,
      });
      expect(heads.map(({ time }) => time)).toEqual([0, 8, 7]);
      expect(await log.heads([])).toEqual([]);
    });

    it('bear the time of their last change by the store’s clock', async () => {
      const conversationId = newConversation();
      await append(say('x', { conversationId, time: 7 }));
      const [first] = await log.heads([conversationId]);
      expect(Math.abs((first?.changedAt ?? 0) - (kind.name === 'SQLite' ? clock.now() : Date.now()))).toBeLessThan(
        60_000,
      );
      clock.advance(500);
      await append(say('y', { conversationId, time: 7 }));
      const [second] = await log.heads([conversationId]);
      expect(second?.changedAt).toBeGreaterThan(first?.changedAt ?? Number.POSITIVE_INFINITY);
    });
  });

  describe('entries', () => {
    it('come in pages with none missing, targets included', async () => {
      const conversationId = newConversation();
      for (let i = 1; i <= 10; i++)
        await append(i % 3 === 0 ? edit(1, 'e', { conversationId }) : say('m', { conversationId }));
      const read: number[] = [];
      for (let more = true; more; ) {
        const answer = await log.entries({
          conversationId,
          after: read.at(-1) ?? 0,
          spans: everything,
          limit: 3,
          maxBytes: 1e6,
        });
        read.push(...seqs(answer.entries));
        expect(answer.head).toBe(10);
        more = answer.more;
      }
      expect(read).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it('are cut to the spans', async () => {
      const conversationId = newConversation();
      for (let i = 1; i <= 10; i++) await append(say(`${i}`, { conversationId }));
      const spans = [
        { from: 2, to: 3 },
        { from: 6, to: 7 },
        { from: 10, to: null },
      ];
      const ask = { conversationId, spans, ...page };
      expect(seqs((await log.entries({ ...ask, after: 0 })).entries)).toEqual([2, 3, 6, 7, 10]);
      expect(await log.entries({ ...ask, after: 2, limit: 2 })).toMatchObject({
        entries: [{ seq: 3 }, { seq: 6 }],
        more: true,
      });
      expect(await log.entries({ ...ask, after: 7 })).toMatchObject({ entries: [{ seq: 10 }], more: false });
      expect(await log.entries({ ...ask, after: 10 })).toEqual({ entries: [], more: false, head: 10 });
      expect(await log.entries({ ...ask, spans: [], after: 0 })).toEqual({ entries: [], more: false, head: 10 });
      expect(await log.entries({ ...ask, conversationId: newConversation(), after: 0 })).toEqual({
        entries: [],
        more: false,
        head: 0,
      });
    });

    it('are bounded in bytes of JSON, but always one', async () => {
      const conversationId = newConversation();
      for (let i = 1; i <= 6; i++) await append(say('é'.repeat(500), { conversationId }));
      const ask = { conversationId, after: 0, spans: everything, limit: 100 };
      const bounded = await log.entries({ ...ask, maxBytes: 4_000 });
      expect(bounded.more).toBe(true);
      expect(bounded.entries.length).toBeGreaterThan(1);
      expect(Buffer.byteLength(JSON.stringify(bounded.entries))).toBeLessThanOrEqual(4_000);
      expect(await log.entries({ ...ask, maxBytes: 1 })).toMatchObject({ entries: [{ seq: 1 }], more: true });
    });
  });

  describe('history', () => {
    it('shows messages as they are now and gives targets no place', async () => {
      const conversationId = newConversation();
      await append(say('one', { conversationId }));
      await append(say('two', { conversationId }));
      await append(say('three', { conversationId }));
      await append(edit(1, 'one, edited', { conversationId, time: 2_000 }));
      await append(edit(1, 'one, edited again', { conversationId, time: 3_000 }));
      await append(remove(2, { conversationId }));
      const answer = await log.history({ conversationId, before: null, spans: everything, ...page });
      expect(answer).toMatchObject({ more: false, asOf: 6 });
      expect(seqs(answer.messages)).toEqual([1, 2, 3]);
      expect(answer.messages[0]).toMatchObject({ body: { text: 'one, edited again' }, editedAt: 3_000 });
      expect(answer.messages[1]).toMatchObject({ body: {}, emptied: true });
      expect(answer.messages[1]?.editedAt).toBeUndefined();
      expect(answer.messages[2]).toEqual((await entriesOf(conversationId))[2]);
    });

    it('keeps from those who left what was edited behind their span, and shows them what was removed as removed', async () => {
      const conversationId = newConversation();
      for (const text of ['one', 'two']) await append(say(text, { conversationId }));
      await append(edit(1, 'one, for those who stayed', { conversationId }));
      await append(remove(2, { conversationId }));
      const spans = [{ from: 1, to: 2 }];
      const { messages } = await log.history({ conversationId, before: null, spans, ...page });
      expect(messages).toMatchObject([{ body: { text: 'one' } }, { body: {}, emptied: true }]);
      expect(messages[0]?.editedAt).toBeUndefined();
      const [summary] = await log.summaries(
        [{ conversationId, userId: newPerson(), spans: [{ from: 1, to: 1 }], readSeq: 0 }],
        0,
      );
      expect(summary?.last).toMatchObject({ seq: 1, body: { text: 'one' } });
    });

    it('goes backwards in pages', async () => {
      const conversationId = newConversation();
      for (let i = 1; i <= 12; i++)
        await append(i % 4 === 0 ? edit(1, 'e', { conversationId }) : say('m', { conversationId }));
      const read: number[] = [];
      for (let more = true; more; ) {
        const answer = await log.history({
          conversationId,
          before: read[0] ?? null,
          spans: everything,
          limit: 2,
          maxBytes: 1e6,
        });
        read.unshift(...seqs(answer.messages));
        more = answer.more;
      }
      expect(read).toEqual([1, 2, 3, 5, 6, 7, 9, 10, 11]);
    });

    it('is cut to the spans and bounded in bytes, but always one', async () => {
      const conversationId = newConversation();
      for (let i = 1; i <= 10; i++) await append(say('é'.repeat(500), { conversationId }));
      const spans = [
        { from: 2, to: 3 },
        { from: 6, to: 7 },
        { from: 9, to: null },
      ];
      const ask = { conversationId, before: null, spans, ...page };
      expect(seqs((await log.history(ask)).messages)).toEqual([2, 3, 6, 7, 9, 10]);
      expect(await log.history({ ...ask, limit: 3 })).toMatchObject({
        messages: [{ seq: 7 }, { seq: 9 }, { seq: 10 }],
        more: true,
      });
      expect(await log.history({ ...ask, before: 6 })).toMatchObject({
        messages: [{ seq: 2 }, { seq: 3 }],
        more: false,
      });
      const bounded = await log.history({ ...ask, maxBytes: 4_000 });
      expect(bounded.messages.at(-1)?.seq).toBe(10);
      expect(bounded.more).toBe(true);
      expect(Buffer.byteLength(JSON.stringify(bounded.messages))).toBeLessThanOrEqual(4_000);
      expect(await log.history({ ...ask, maxBytes: 1 })).toMatchObject({ messages: [{ seq: 10 }], more: true });
      expect(await log.history({ ...ask, spans: [] })).toEqual({ messages: [], more: false, asOf: 10 });
      expect(await log.history({ ...ask, conversationId: newConversation() })).toEqual({
        messages: [],
        more: false,
        asOf: 0,
      });
    });
  });

  describe('what disappears', () => {
    it('says when, and is the same under its key whatever the time', async () => {
      const draft = say('for a while', { time: 10, expiresAt: 60 });
      const { conversationId } = draft;
      const entry = await append(draft);
      expect(entry).toMatchObject({ seq: 1, expiresAt: 60 });
      expect(await log.append({ ...draft, expiresAt: 90 })).toEqual({ outcome: 'repeated', entry });
      expect(await log.entry(conversationId, 1)).toEqual(entry);
      expect(await entriesOf(conversationId)).toEqual([entry]);
      expect(await historyOf(conversationId)).toEqual([entry]);
      await log.erase(conversationId, 1);
      expect(await log.entry(conversationId, 1)).toEqual({ ...entry, body: {}, emptied: true });
    });

    it('is named once its time has come, the first to go first, until it is emptied', async () => {
      const conversationId = newConversation();
      for (const expiresAt of [300, 100, 200]) await append(say('x', { conversationId, time: 1, expiresAt }));
      await append(edit(2, 'y', { conversationId, time: 1, expiresAt: 100 }));
      await append(say('stays', { conversationId, time: 1 }));
      const seqsBy = async (now: number, limit = 10) => (await log.expired(now, limit)).map(({ seq }) => seq);
      expect(await log.expired(99, 10)).toEqual([]);
      expect(await log.expired(100, 10)).toEqual([2, 4].map((seq) => ({ conversationId, seq })));
      expect(await seqsBy(1_000)).toEqual([2, 4, 3, 1]);
      expect(await seqsBy(1_000, 2)).toEqual([2, 4]);
      await log.erase(conversationId, 2);
      expect(await seqsBy(1_000)).toEqual([3, 1]);
      expect(await log.entry(conversationId, 4)).toMatchObject({ body: {}, emptied: true });
    });

    it('is neither unread nor a mention from then on', async () => {
      const conversationId = newConversation();
      const userId = newPerson();
      const around = { conversationId, time: 1 };
      await append(mention([userId], false, { ...around, expiresAt: 100 }));
      await append(say('a', { ...around, expiresAt: 100 }));
      await append(say('b', { ...around, expiresAt: 200 }));
      await append(say('c', around));
      const counts = async (now: number) => {
        const [one] = await log.summaries([{ conversationId, userId, spans: everything, readSeq: 0 }], now);
        return [one?.unread, one?.mentions];
      };
      expect(await counts(99)).toEqual([4, 1]);
      expect(await counts(100)).toEqual([2, 0]);
      await log.erase(conversationId, 1);
      expect(await counts(200)).toEqual([1, 0]);
    });
  });

  describe('retiring', () => {
    it('empties the beginning of a log for good, and answers nothing of it any more', async () => {
      const conversationId = newConversation();
      const [one] = [await append(say('one', { conversationId }))];
      await append(retitle('two', { conversationId }));
      await append(say('three', { conversationId }));
      await append(edit(1, 'one anew', { conversationId }));
      const before = (await log.heads([conversationId]))[0];
      clock.advance(5_000);
      await log.retire(conversationId, 2);
      await log.retire(conversationId, 2);
      await log.retire(conversationId, 1);
      const [head] = await log.heads([conversationId]);
      expect(head).toMatchObject({ seq: 4, firstSeq: 3 });
      expect(head?.changedAt).toBeGreaterThanOrEqual(before?.changedAt as number);
      expect(seqs(await entriesOf(conversationId))).toEqual([3, 4]);
      expect(seqs(await historyOf(conversationId))).toEqual([3]);
      expect(await log.entry(conversationId, 1)).toBeNull();
      expect(await log.find(conversationId, one.senderId, one.clientId)).toMatchObject({ seq: 1, emptied: true });
      expect(await log.targeting({ conversationId, target: 1, spans: everything, after: 0, limit: 9 })).toMatchObject([
        { seq: 4 },
      ]);
    });

    it('may empty all there is, and goes on behind it', async () => {
      const conversationId = newConversation();
      await append(say('one', { conversationId, time: 5 }));
      await log.retire(conversationId, 99);
      await log.retire(newConversation(), 5);
      expect((await log.heads([conversationId]))[0]).toMatchObject({ seq: 1, firstSeq: 2 });
      expect(await entriesOf(conversationId)).toEqual([]);
      const ask = { conversationId, userId: newPerson(), spans: everything, readSeq: 0 };
      expect(await log.summaries([ask], 0)).toEqual([{ last: null, unread: 0, mentions: 0, ownSeq: 0 }]);
      expect(await append(say('two', { conversationId }))).toMatchObject({ seq: 2 });
      expect(await log.summaries([ask], 0)).toMatchObject([{ last: { seq: 2 }, unread: 1 }]);
      await log.markDispatched('main', [{ conversationId, seq: 2 }]);
      expect((await log.heads([conversationId]))[0]).toMatchObject({ seq: 2, firstSeq: 2 });
    });
  });

  describe('what a link leads to', () => {
    it('is part of the message, as long as the text holds the link', async () => {
      const at = { conversationId: newConversation() };
      await log.append(say('see https://example.org/', at));
      await log.append(preview(1, 'Example', at));
      const now = async () => {
        const { messages } = await log.history({ ...at, before: null, spans: everything, ...page });
        return messages[0]?.preview?.title;
      };
      expect(await now()).toBe('Example');
      await log.append(edit(1, 'look at https://example.org/', at));
      expect(await now()).toBe('Example');
      await log.append(edit(1, 'look', at));
      expect(await now()).toBeUndefined();
    });

    it('takes its room in a page', async () => {
      const conversationId = newConversation();
      for (let seq = 1; seq < 20; seq += 2) {
        await log.append(say('see https://example.org/', { conversationId }));
        await log.append(preview(seq, 'x'.repeat(10_000), { conversationId }));
      }
      const ask = { conversationId, before: null, spans: everything, limit: 100, maxBytes: 35_000 };
      const { messages, more } = await log.history(ask);
      expect(messages).toHaveLength(3);
      expect(more).toBe(true);
    });

    it('is erased with the message', async () => {
      const conversationId = newConversation();
      await log.append(say('see https://example.org/', { conversationId }));
      await log.append(preview(1, 'Example', { conversationId }));
      await log.erase(conversationId, 1);
      expect(await log.entry(conversationId, 2)).toMatchObject({ kind: 'preview', body: {}, emptied: true });
    });
  });

  describe('erasing', () => {
    it('empties an entry and its edits, and keeps seq, time, key and kind', async () => {
      const conversationId = newConversation();
      const draft = say('secret', { conversationId });
      const first = await append(draft);
      const change = edit(1, 'more secret', { conversationId });
      const edited = await append(change);
      const other = await append(say('stays', { conversationId }));
      await append(remove(1, { conversationId }));
      for (let again = 0; again < 2; again++) {
        await log.erase(conversationId, 1);
        const [one, two, three] = await entriesOf(conversationId);
        expect(one).toEqual({ ...first, body: {}, emptied: true });
        expect(two).toEqual({ ...edited, body: {}, emptied: true });
        expect(three).toEqual(other);
      }
      expect((await historyOf(conversationId))[0]).toEqual({ ...first, body: {}, emptied: true });
      await log.erase(newConversation(), 1);
    });

    it('leaves a key that answers its entry whatever the content', async () => {
      const conversationId = newConversation();
      const draft = say('secret', { conversationId });
      const first = await append(draft);
      await append(remove(1, { conversationId }));
      await log.erase(conversationId, 1);
      const repeated = { outcome: 'repeated', entry: { ...first, body: {}, emptied: true } };
      expect(await log.append(draft)).toEqual(repeated);
      expect(await log.append({ ...draft, body: { text: 'other' } } as typeof draft)).toEqual(repeated);
    });
  });

  describe('summaries', () => {
    it('count what others wrote above what was read, and carry the last message as it is now', async () => {
      const conversationId = newConversation();
      const [me, other] = [newPerson(), newPerson()];
      for (let i = 1; i <= 3; i++) await append(say(`${i}`, { conversationId, senderId: other }));
      await append(say('mine', { conversationId, senderId: me }));
      for (let i = 5; i <= 8; i++) await append(say(`${i}`, { conversationId, senderId: other }));
      await append(retitle('does not count', { conversationId, senderId: other }));
      await append(edit(8, '8 edited', { conversationId, senderId: other }));
      await append(remove(6, { conversationId, senderId: other }));
      await append(remove(6, { conversationId, senderId: other }));
      await append(remove(2, { conversationId, senderId: other }));
      const ask = { conversationId, userId: me, spans: everything, readSeq: 0 };
      const [mine, read, theirs, cut, stranger, nothing] = await log.summaries(
        [
          ask,
          { ...ask, readSeq: 7 },
          { ...ask, userId: other },
          {
            ...ask,
            spans: [
              { from: 1, to: 5 },
              { from: 8, to: 8 },
            ],
          },
          { ...ask, userId: newPerson() },
          { ...ask, conversationId: newConversation() },
        ],
        0,
      );
      expect(mine).toMatchObject({ ownSeq: 4, unread: 3, last: { seq: 9, kind: 'title' } });
      expect(read).toMatchObject({ ownSeq: 4, unread: 1 });
      expect(theirs).toMatchObject({ ownSeq: 8, unread: 0 });
      expect(cut).toMatchObject({ unread: 2, last: { seq: 8, body: { text: '8' } } });
      expect(stranger).toMatchObject({ ownSeq: 0, unread: 6 });
      expect(nothing).toEqual({ last: null, unread: 0, mentions: 0, ownSeq: 0 });
      expect(await log.summaries([{ ...ask, spans: [] }], 0)).toEqual([
        { last: null, unread: 0, mentions: 0, ownSeq: 4 },
      ]);
      expect(await log.summaries([], 0)).toEqual([]);
    });

    it('stop counting at the bound', async () => {
      const conversationId = newConversation();
      await Promise.all(Array.from({ length: limits.unreadCount + 5 }, () => append(say('x', { conversationId }))));
      const ask = { conversationId, userId: newPerson(), spans: everything };
      const [all, exact] = await log.summaries(
        [
          { ...ask, readSeq: 0 },
          { ...ask, readSeq: 6 },
        ],
        0,
      );
      expect(all?.unread).toBe(limits.unreadCount);
      expect(exact?.unread).toBe(limits.unreadCount - 1);
    });
  });

  describe('owed work', () => {
    it('is what a node stored beyond its marks, which never go back', async () => {
      const [a, b] = [newConversation(), newConversation()].sort() as [
        Entry['conversationId'],
        Entry['conversationId'],
      ];
      for (let i = 0; i < 3; i++) await append(say(`a${i}`, { conversationId: a }));
      for (let i = 0; i < 2; i++) await append(say(`b${i}`, { conversationId: b }));
      const owed = async (limit = 100) => texts(await log.undispatched('main', limit));
      expect(await owed()).toEqual(['a0', 'a1', 'a2', 'b0', 'b1']);
      expect(await owed(4)).toEqual(['a0', 'a1', 'a2', 'b0']);
      await log.markDispatched('main', [
        { conversationId: a, seq: 2 },
        { conversationId: b, seq: 2 },
      ]);
      expect(await owed()).toEqual(['a2']);
      await log.markDispatched('main', [{ conversationId: a, seq: 1 }]);
      expect(await owed()).toEqual(['a2']);
      await log.markDispatched('main', []);
      await append(say('b2', { conversationId: b }));
      expect(await owed()).toEqual(['a2', 'b2']);
      await log.markDispatched('main', [
        { conversationId: a, seq: 3 },
        { conversationId: b, seq: 3 },
        { conversationId: newConversation(), seq: 9 },
      ]);
      expect(await owed()).toEqual([]);
      expect(await log.undispatched('nobody', 100)).toEqual([]);
    });

    it('says of each entry which node stored it, and whether its marks passed it', async () => {
      const conversationId = newConversation();
      const other = newConversation();
      await append(say('one', { conversationId }));
      await append(say('elsewhere', { conversationId: other }));
      await log.close();
      log = await kind.open(place, clock, 'other');
      await append(say('two', { conversationId }));
      await append(say('three', { conversationId }));
      const origins = () => Promise.all([1, 2, 3, 4].map((seq) => log.origin(conversationId, seq)));
      const [main, second] = [{ node: 'main' }, { node: 'other' }];
      const [owed, done] = [{ dispatched: false }, { dispatched: true }];
      expect(await origins()).toEqual([{ ...main, ...owed }, { ...second, ...owed }, { ...second, ...owed }, null]);
      await log.markDispatched('other', [{ conversationId, seq: 2 }]);
      expect(await origins()).toEqual([{ ...main, ...owed }, { ...second, ...done }, { ...second, ...owed }, null]);
      await log.markDispatched('other', [{ conversationId, seq: 3 }]);
      await log.markDispatched('main', [{ conversationId, seq: 1 }]);
      expect(await origins()).toEqual([{ ...main, ...done }, { ...second, ...done }, { ...second, ...done }, null]);
      expect(await log.origin(other, 1)).toEqual({ ...main, ...owed });
      expect(await log.origin(newConversation(), 1)).toBeNull();
    });

    it('of a node that is gone stays its own, until it is marked', async () => {
      const conversationId = newConversation();
      await append(say('old', { conversationId }));
      await log.close();
      log = await kind.open(place, clock, 'other');
      await append(say('new', { conversationId }));
      expect(await log.nodes()).toEqual(['main', 'other']);
      expect(texts(await log.undispatched('main', 10))).toEqual(['old']);
      expect(texts(await log.undispatched('other', 10))).toEqual(['new']);
      await log.markDispatched('main', [{ conversationId, seq: 1 }]);
      expect(await log.undispatched('main', 10)).toEqual([]);
      await log.close();
      log = await kind.open(place, clock, 'main');
      await append(say('newer', { conversationId }));
      expect(texts(await log.undispatched('main', 10))).toEqual(['newer']);
      expect(texts(await log.undispatched('other', 10))).toEqual(['new']);
    });
  });

  it('has nothing at a place that no log ever reaches, and is asked for it without harm', async () => {
    const conversationId = newConversation();
    await append(say('m', { conversationId }));
    for (const seq of [2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const range = { conversationId, spans: everything };
      expect(await log.entry(conversationId, seq)).toBeNull();
      expect(await log.targeting({ ...range, target: seq, after: 0, limit: 10 })).toEqual([]);
      expect(await log.targeting({ ...range, target: 1, after: seq, limit: 10 })).toEqual([]);
      expect((await log.entries({ ...range, after: seq, ...page })).entries).toEqual([]);
      expect(texts((await log.history({ ...range, before: seq, ...page })).messages)).toEqual(['m']);
    }
  });

  it('says that it is well', async () => {
    expect(await log.health()).toMatchObject({ ok: true });
  });
});
