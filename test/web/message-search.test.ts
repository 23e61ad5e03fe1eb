import { describe, expect, test } from 'vitest';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { SearchAsk, SearchHit } from '../../src/web/engine/engine.ts';
import { makeMessageSearch, nothingAsked, readAsk, writeAsk } from '../../src/web/search/message-search.ts';
import { snippetOf } from '../../src/web/search/snippet.ts';

interface Asked {
  readonly ask: SearchAsk;
  readonly cursor: string | null;
  answer(seqs: readonly number[], cursor?: string | null): Promise<void>;
  fail(): Promise<void>;
}

const hit = (seq: number) => ({ seq }) as SearchHit;
const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** A search whose clock and answers the test moves by hand. */
function stage() {
  const asked: Asked[] = [];
  let timers: { run: () => void }[] = [];
  const search = makeMessageSearch(
    (ask, cursor) =>
      new Promise((resolve, reject) => {
        asked.push({
          ask,
          cursor,
          answer(seqs, next = null) {
            resolve({ results: seqs.map(hit), cursor: next } as never);
            return settled();
          },
          fail() {
            reject(new Error('offline'));
            return settled();
          },
        });
      }),
    (_ms, run) => {
      const timer = { run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  );
  const pass = () => {
    const due = timers;
    timers = [];
    for (const { run } of due) run();
  };
  const seqs = () => search.hits.value.map(({ seq }) => seq);
  const last = () => asked.at(-1) as Asked;
  return { search, asked, pass, seqs, last };
}

describe('finding messages as one types', () => {
  test('asks once typing pauses, and one thing at a time: what was typed meanwhile is asked when the answer came', async () => {
    const { search, asked, pass, seqs, last } = stage();
    for (const query of ['b', 'bo', 'boa']) search.change({ query });
    pass();
    expect(asked.map(({ ask }) => ask.query)).toEqual(['boa']);
    search.change({ query: 'boat' });
    pass();
    search.change({ query: 'boats' });
    pass();
    expect(asked).toHaveLength(1);
    await last().answer([1, 2]);
    expect(seqs()).toEqual([]);
    expect(asked.map(({ ask }) => ask.query)).toEqual(['boa', 'boats']);
    await last().answer([3]);
    expect(seqs()).toEqual([3]);
    expect(search.busy.value).toBeNull();
    expect(search.answered.value?.query).toBe('boats');
    pass();
    expect(asked).toHaveLength(2);
  });

  test('shows what was found until the next answer is there, and nothing once nothing is asked', async () => {
    const { search, pass, seqs, last } = stage();
    search.change({ query: 'boat' });
    pass();
    await last().answer([1]);
    search.change({ query: 'boats' });
    expect(seqs()).toEqual([1]);
    pass();
    search.change({ query: '' });
    expect(seqs()).toEqual([]);
    await last().answer([2]);
    expect(seqs()).toEqual([]);
    expect(search.busy.value).toBeNull();
  });

  test('goes on to older ones, over pages that hold nothing, until there are none', async () => {
    const { search, asked, pass, seqs, last } = stage();
    search.change({ query: 'boat' });
    pass();
    await last().answer([9, 8], 'a');
    expect(search.more.value).toBe(true);
    search.loadMore();
    search.loadMore();
    expect(asked).toHaveLength(2);
    await last().answer([], 'b');
    await last().answer([7]);
    expect(asked.map(({ cursor }) => cursor)).toEqual([null, 'a', 'b']);
    expect(seqs()).toEqual([9, 8, 7]);
    expect(search.more.value).toBe(false);
    search.loadMore();
    expect(asked).toHaveLength(3);
  });

  test('keeps what was found when going on fails, and tries again from there', async () => {
    const { search, pass, seqs, last } = stage();
    search.change({ query: 'boat' });
    pass();
    await last().fail();
    expect(search.failure.value).not.toBeNull();
    search.again();
    await last().answer([5], 'a');
    expect(search.failure.value).toBeNull();
    search.loadMore();
    await last().fail();
    expect(seqs()).toEqual([5]);
    search.again();
    expect(last().cursor).toBe('a');
    await last().answer([4]);
    expect(seqs()).toEqual([5, 4]);
  });

  test('a conversation alone is nothing to ask for, a person is', () => {
    const { search, asked, pass } = stage();
    search.change({ conversationId: '019a0000-0000-7000-8000-000000000001' as ConversationId });
    pass();
    expect(asked).toHaveLength(0);
    search.change({ senderId: '019a0000-0000-7000-8000-000000000002' as UserId });
    pass();
    expect(asked).toHaveLength(1);
  });

  test('what is looked for stands in the address, and nonsense there is nothing', () => {
    const ask: SearchAsk = {
      query: 'two boats & more',
      conversationId: '019a0000-0000-7000-8000-000000000001' as ConversationId,
      senderId: '019a0000-0000-7000-8000-000000000002' as UserId,
      since: 5,
      until: 1_700_000_000_000,
      hasLink: true,
    };
    expect(readAsk(writeAsk(ask))).toEqual(ask);
    expect(writeAsk(nothingAsked)).toBe('');
    expect(readAsk('by=me&in=../x&since=-1&until=soon&has=virus')).toEqual(nothingAsked);
  });
});

describe('what is shown of a message that was found', () => {
  const of = (text: string, ...ranges: readonly (readonly [number, number])[]) =>
    snippetOf({
      message: { kind: 'message', body: { text } } as SearchHit['message'],
      ranges: ranges.map(([from, to]) => ({ from, to })),
    });

  test('what was found is marked, in one line', () => {
    expect(of('The boat\nis  a boat', [4, 8], [15, 19])).toEqual([
      { text: 'The ', hit: false },
      { text: 'boat', hit: true },
      { text: ' is a ', hit: false },
      { text: 'boat', hit: true },
    ]);
  });

  test('of a long message the part around the first hit', () => {
    const text = `${'word '.repeat(200)}boat ${'word '.repeat(200)}`;
    const pieces = of(text, [1_000, 1_004]);
    expect(pieces[0]).toEqual({ text: '…', hit: false });
    expect(pieces[1]?.text.startsWith('word ')).toBe(true);
    expect(pieces[1]?.text.length).toBeLessThan(30);
    expect(pieces[2]).toEqual({ text: 'boat', hit: true });
    expect(pieces.map(({ text: part }) => part).join('').length).toBeLessThan(300);
  });

  test('of a poll the answer that was found', () => {
    const message = { kind: 'poll', body: { question: 'When?', options: ['On Saturday', 'Never'] } };
    expect(snippetOf({ message: message as SearchHit['message'], ranges: [{ from: 0, to: 5, option: 1 }] })).toEqual([
      { text: 'Never', hit: true },
    ]);
  });
});
