import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Entry, Message } from '../../src/protocol/models.ts';
import { fold, type Kept, keptOf } from '../../src/web/engine/apply.ts';
import { withStretch } from '../../src/web/engine/stretches.ts';
import { Backend } from './engine-backend.ts';

const talk = (backend: Backend) => backend.talk([backend.person(1), backend.person(2)]);

/** What entries, one by one, make of messages. */
function folded(entries: readonly Entry[], start: readonly Kept[] = []): Message[] {
  const known = new Map(start.map((kept) => [kept.message.seq, kept]));
  for (const entry of entries) {
    const kept = keptOf(entry);
    if (kept && !known.has(entry.seq)) known.set(entry.seq, kept);
    const target = entry.target === undefined ? undefined : known.get(entry.target);
    if (target) known.set(target.message.seq, fold(target, entry));
  }
  return [...known.values()].map(({ message }) => message).sort((a, b) => a.seq - b.seq);
}

const steps = fc.array(
  fc.record({
    type: fc.constantFrom('message', 'message', 'poll', 'edit', 'removal', 'preview', 'reaction', 'vote', 'title'),
    at: fc.nat(30),
  }),
  { maxLength: 40 },
);

function run(backend: Backend, id: ConversationId, from: readonly { type: string; at: number }[]) {
  const me = [...backend.people.keys()][0] as UserId;
  for (const { type, at } of from) {
    const kind = type === 'vote' ? 'poll' : 'message';
    const targets = backend.messagesOf(id).filter((one) => one.kind === kind && !one.emptied);
    const target = targets[at % Math.max(1, targets.length)]?.seq;
    if (type === 'message') backend.append(id, me, { kind: 'message', body: { text: `text ${at}` } });
    else if (type === 'title') backend.append(id, me, { kind: 'title', body: { title: `title ${at}` } });
    else if (type === 'poll')
      backend.append(id, me, { kind: 'poll', body: { question: '?', options: ['a', 'b'], several: true } });
    else if (target !== undefined) backend.append(id, me, { kind: type, body: changeOf(type, at, me), target });
  }
}

function changeOf(type: string, at: number, userId: UserId): object {
  if (type === 'edit') return { text: `edited ${at}` };
  if (type === 'preview') return { url: `ed ${at % 4}`, site: 'example.org', title: `title ${at}`, description: '' };
  if (type === 'reaction') return { changes: [{ userId, emoji: at % 3 === 0 ? '👍' : '🎉', on: at % 2 === 0 }] };
  if (type === 'vote') return { votes: [{ userId, options: [[0], [1], [0, 1], []][at % 4] }] };
  return {};
}

test('folding all entries gives what history says', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const backend = new Backend();
      const id = talk(backend);
      run(backend, id, all);
      expect(folded(backend.of(id).entries)).toEqual(backend.messagesOf(id));
    }),
  );
});

test('folding what is newer into history as it was gives history as it is, also when entries come twice', () => {
  fc.assert(
    fc.property(steps, steps, fc.nat(40), (before, after, again) => {
      const backend = new Backend();
      const id = talk(backend);
      run(backend, id, before);
      const asOf = backend.of(id).entries.length;
      const start = backend.messagesOf(id).map((message): Kept => ({ message, asOf }));
      run(backend, id, after);
      const { entries } = backend.of(id);
      expect(folded(entries.slice(Math.max(0, asOf - again)), start)).toEqual(backend.messagesOf(id));
    }),
  );
});

test('an entry of a kind from a later version keeps its place, or leaves its target as it is', () => {
  const base = {
    conversationId: 'c' as ConversationId,
    time: 1,
    senderId: 'u' as UserId,
    clientId: 'x' as ClientId,
  };
  const video = { ...base, seq: 1, kind: 'video', body: { length: 7 } } as unknown as Entry;
  const kept = keptOf(video);
  expect(kept?.message).toBe(video);
  const applause = { ...base, seq: 2, kind: 'applause', body: {}, target: 1 } as unknown as Entry;
  expect(keptOf(applause)).toBeNull();
  expect(kept && fold(kept, applause)).toBe(kept);
});

test('stretches are in order, apart, and hold exactly the seqs that were added', () => {
  const stretch = fc.record({ from: fc.integer({ min: 1, max: 60 }), length: fc.integer({ min: 0, max: 12 }) });
  fc.assert(
    fc.property(fc.array(stretch), (added) => {
      const ranges = added.map(({ from, length }) => ({ from, to: from + length }));
      const held = ranges.reduce(withStretch, [] as readonly { from: number; to: number }[]);
      held.forEach((one, i) => {
        expect(one.from).toBeLessThanOrEqual(one.to);
        expect(one.from).toBeGreaterThan((held[i - 1]?.to ?? -1) + 1);
      });
      const seqs = (of: readonly { from: number; to: number }[]) =>
        new Set(of.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));
      expect(seqs(held)).toEqual(seqs(ranges));
    }),
  );
});
