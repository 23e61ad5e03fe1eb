import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Appended, Draft, MessageLog } from '../../src/ports/message-log.ts';
import { foldMessage } from '../../src/protocol/fold.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Entry, kinds, type Message, type Span } from '../../src/protocol/models.ts';
import { makeHandClock } from '../support/clock.ts';
import {
  edit,
  mention,
  newConversation,
  newKey,
  newPerson,
  react,
  remove,
  retitle,
  say,
  vote,
} from '../support/drafts.ts';
import { logKinds } from '../support/message-logs.ts';

const people = [...Array.from({ length: 3 }, newPerson), null];
/** By then some of what disappears has. */
const now = 40;
const keys = Array.from({ length: 40 }, newKey);

/** What a log promises, as simply as it can be said. */
function makeModel(conversations: readonly ConversationId[]) {
  const logs = new Map<string, Entry[]>(conversations.map((id) => [id, []]));
  const firstSeqs = new Map<string, number>();
  const firstOf = (id: string) => firstSeqs.get(id) ?? 1;
  const kept = (id: string) => of(id).filter(({ seq }) => seq >= firstOf(id));
  const of = (id: string) => logs.get(id) as Entry[];
  const rulesSeqOf = (id: string) => of(id).findLast(({ kind }) => kinds[kind].rules)?.seq ?? 0;
  const within = (spans: readonly Span[], seq: number) =>
    spans.some(({ from, to }) => seq >= from && (to === null || seq <= to));

  const nowOf = (entry: Entry, spans: readonly Span[]): Message => {
    const after = kept(entry.conversationId).filter(({ target }) => target === entry.seq);
    const seen = after.filter(({ kind, seq }) => kind === 'removal' || within(spans, seq));
    return seen.reduce<Message>(foldMessage, entry);
  };
  const messages = (id: string, spans: readonly Span[]) =>
    kept(id)
      .filter(({ seq, target }) => target === undefined && within(spans, seq))
      .map((entry) => nowOf(entry, spans));

  return {
    /** Only what stands there already is ever changed. */
    knowsTarget: ({ conversationId, target }: Draft) => target === undefined || target <= of(conversationId).length,
    append(draft: Draft): Appended {
      const log = of(draft.conversationId);
      const held = log.find(({ senderId, clientId }) => senderId === draft.senderId && clientId === draft.clientId);
      if (held !== undefined) {
        const same =
          JSON.stringify([held.kind, held.target, held.body]) ===
          JSON.stringify([draft.kind, draft.target, draft.body]);
        return held.emptied || same ? { outcome: 'repeated', entry: held } : { outcome: 'conflict' };
      }
      if (draft.rulesSeq !== null && draft.rulesSeq < rulesSeqOf(draft.conversationId)) return { outcome: 'outdated' };
      const { rulesSeq: _, ...rest } = draft;
      const entry = { ...rest, seq: log.length + 1, time: Math.max(draft.time, log.at(-1)?.time ?? 0) } as Entry;
      log.push(entry);
      return { outcome: 'appended', entry };
    },
    erase(id: string, seq: number) {
      logs.set(
        id,
        of(id).map((entry) =>
          entry.seq === seq || (entry.target === seq && entry.kind === 'edit')
            ? ({ ...entry, body: {}, emptied: true } as Entry)
            : entry,
        ),
      );
    },
    retire(id: string, to: number) {
      const last = Math.min(to, of(id).length);
      if (last < firstOf(id)) return;
      firstSeqs.set(id, last + 1);
      logs.set(
        id,
        of(id).map((entry) => (entry.seq <= last ? ({ ...entry, body: {}, emptied: true } as Entry) : entry)),
      );
    },
    expired: (now: number) =>
      [...logs].flatMap(([conversationId, log]) =>
        log
          .filter(({ emptied, expiresAt = Infinity }) => !emptied && expiresAt <= now)
          .map(({ seq }) => `${conversationId} ${seq}`),
      ),
    head: (id: string) => ({
      seq: of(id).length,
      time: of(id).at(-1)?.time ?? 0,
      firstSeq: firstOf(id),
      rulesSeq: rulesSeqOf(id),
    }),
    entries: (id: string, after: number, spans: readonly Span[]) =>
      kept(id).filter(({ seq }) => seq > after && within(spans, seq)),
    messages,
    targeting: (id: string, target: number, after: number, spans: readonly Span[]) =>
      kept(id).filter((entry) => entry.target === target && entry.seq > after && within(spans, entry.seq)),
    summary(id: string, userId: string, spans: readonly Span[], readSeq: number, now: number) {
      const ownSeq = of(id).findLast(({ senderId, kind }) => senderId === userId && kinds[kind].counts)?.seq ?? 0;
      const unread = messages(id, spans).filter(
        ({ seq, kind, emptied, expiresAt = Infinity }) =>
          kinds[kind].counts && !emptied && expiresAt > now && seq > Math.max(readSeq, ownSeq),
      );
      const mentions = unread.filter(
        ({ kind, body }) =>
          kind === 'message' && (body.mentions?.includes(userId as UserId) || body.mentionsAll === true),
      );
      return {
        last: messages(id, spans).at(-1) ?? null,
        unread: Math.min(unread.length, limits.unreadCount),
        mentions: mentions.length,
        ownSeq,
      };
    },
    count: () => [...logs.values()].reduce((sum, log) => sum + log.length, 0),
  };
}

const draft = fc
  .record({
    conversation: fc.integer({ min: 0, max: 2 }),
    person: fc.integer({ min: 0, max: 3 }),
    key: fc.integer({ min: 0, max: 39 }),
    kind: fc.constantFrom(
      'say',
      'say',
      'say',
      'edit',
      'edit',
      'remove',
      'retitle',
      'react',
      'react',
      'vote',
      'mention',
    ),
    text: fc.constantFrom('a', 'b'),
    target: fc.integer({ min: 1, max: 12 }),
    time: fc.integer({ min: 1, max: 50 }),
    rulesSeq: fc.option(fc.integer({ min: 0, max: 15 })),
  })
  .map(
    ({ conversation, person, key, kind, text, target, time, rulesSeq }) =>
      (conversations: readonly ConversationId[]): Draft => {
        const around = {
          conversationId: conversations[conversation] as ConversationId,
          senderId: people[person] as (typeof people)[0],
          clientId: keys[key] as (typeof keys)[0],
          time,
          rulesSeq,
          ...(key % 3 === 0 ? { expiresAt: time + 20 } : {}),
        };
        if (kind === 'edit') return edit(target, text, around);
        const other = people[target % 3] as UserId;
        if (kind === 'react') return react(target, other, text, time % 3 > 0, around);
        if (kind === 'vote') return vote(target, other, time % 2 === 0 ? [] : [time], around);
        if (kind === 'mention') return mention([other, people[time % 3] as UserId], text === 'a', around);
        if (kind === 'remove') return remove(target, around);
        return kind === 'retitle' ? retitle(text, around) : say(text, around);
      },
  );

const turns = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ drafts: fc.array(draft, { minLength: 1, maxLength: 8 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ conversation: fc.integer({ min: 0, max: 2 }), erased: fc.integer({ min: 1, max: 12 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ conversation: fc.integer({ min: 0, max: 2 }), retired: fc.integer({ min: 1, max: 12 }) }),
    },
  ),
  { minLength: 1, maxLength: 12 },
);

/** As members have them: ascending, apart, only the last one open. */
const spans = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 25 }), { maxLength: 4 }), fc.boolean())
  .map(([bounds, open]): readonly Span[] => {
    const sorted = bounds.sort((a, b) => a - b);
    const closed: { from: number; to: number | null }[] = [];
    for (let i = 0; i + 1 < sorted.length; i += 2)
      closed.push({ from: sorted[i] as number, to: sorted[i + 1] as number });
    const last = closed.at(-1);
    if (open && last) last.to = null;
    return closed;
  });

type Read = readonly [spans: readonly Span[], at: number, limit: number];
const reads = fc.array(fc.tuple(spans, fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 6 })), {
  minLength: 3,
  maxLength: 3,
});

describe.each(logKinds())('the message log on $name', (kind) => {
  it('does what a plain array would', { timeout: 300_000 }, async (context) => {
    const place = await kind.place();
    if (place === null) return context.skip();
    const clock = makeHandClock();
    let log: MessageLog = await kind.open(place, clock);
    const run = fc.asyncProperty(turns, reads, fc.boolean(), async (made, asked, reopened) => {
      const conversations = [newConversation(), newConversation(), newConversation()];
      const model = makeModel(conversations);
      const before = await log.count();
      for (const each of made) {
        if ('drafts' in each) {
          const drafts = each.drafts.map((draft) => draft(conversations)).filter(model.knowsTarget);
          const answers = await Promise.all(drafts.map(log.append));
          expect(answers).toEqual(drafts.map(model.append));
        } else if ('retired' in each) {
          const id = conversations[each.conversation] as ConversationId;
          await log.retire(id, each.retired);
          model.retire(id, each.retired);
        } else {
          const id = conversations[each.conversation] as ConversationId;
          await log.erase(id, each.erased);
          model.erase(id, each.erased);
        }
      }
      if (reopened) {
        await log.close();
        log = await kind.open(place, clock);
      }
      const expired = (await log.expired(now, 100_000)).map(({ conversationId, seq }) => `${conversationId} ${seq}`);
      expect(expired.filter((at) => conversations.some((id) => at.startsWith(id))).sort()).toEqual(
        model.expired(now).sort(),
      );
      expect((await log.count()) - before).toBe(model.count());
      for (const [i, id] of conversations.entries()) await compare(log, model, id, asked[i] as Read);
    });
    try {
      await fc.assert(run, { numRuns: kind.name === 'SQLite' ? 60 : 15 });
    } finally {
      await log.close();
    }
  });
});

async function compare(
  log: MessageLog,
  model: ReturnType<typeof makeModel>,
  conversationId: ConversationId,
  [spans, at, limit]: Read,
): Promise<void> {
  const ask = { conversationId, spans, limit, maxBytes: 1e6 };
  const head = model.head(conversationId);
  expect((await log.heads([conversationId]))[0]).toMatchObject(head);

  const behind = model.entries(conversationId, at, spans);
  const entries = await log.entries({ ...ask, after: at });
  expect(entries).toEqual({ entries: behind.slice(0, limit), more: behind.length > limit, head: head.seq });

  const before = at === 0 ? null : at;
  const messages = model.messages(conversationId, spans).filter(({ seq }) => before === null || seq < before);
  const history = await log.history({ ...ask, before });
  expect(history).toEqual({ messages: messages.slice(-limit), more: messages.length > limit, asOf: head.seq });

  const target = (at % 4) + 1;
  const targeting = await log.targeting({ conversationId, target, spans, after: at, limit });
  expect(targeting).toEqual(model.targeting(conversationId, target, at, spans).slice(0, limit));

  const asks = people.flatMap((userId) => (userId === null ? [] : { conversationId, userId, spans, readSeq: at }));
  expect(await log.summaries(asks, now)).toEqual(
    asks.map(({ userId }) => model.summary(conversationId, userId, spans, at, now)),
  );
}
