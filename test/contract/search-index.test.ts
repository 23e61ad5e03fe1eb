import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { openDatabase } from '../../src/adapters/sql/database.ts';
import { openPostgresSearchIndex } from '../../src/adapters/sql/postgres-search-index.ts';
import { openSqliteSearchIndex } from '../../src/adapters/sql/sqlite-search-index.ts';
import type { IndexedMessage, SearchAsk, SearchIndex, SearchTerm } from '../../src/ports/search-index.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { makeHandClock } from '../support/clock.ts';
import { onEveryDatabase, type TestDatabase } from '../support/databases.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
const closing = <T extends { close(): Promise<unknown> }>(one: T): T => {
  opened.push(() => one.close());
  return one;
};

const conversation = () => randomUUID() as ConversationId;
const person = () => randomUUID() as UserId;
const [cats, dogs, birds] = [conversation(), conversation(), conversation()];
const [anna, boris] = [person(), person()];
const noon = Date.UTC(2026, 2, 1, 12);
const all = [{ from: 1, to: null }];

const message = (seq: number, stems: string, more: Partial<IndexedMessage> = {}): IndexedMessage => ({
  seq,
  time: noon + seq,
  senderId: anna,
  stems,
  more: '',
  hasLink: false,
  ...more,
});
const word = (stem: string, begins: string | null = null): SearchTerm => ({ kind: 'word', stems: [stem], begins });
const phrase = (...stems: string[]): SearchTerm => ({ kind: 'phrase', stems });

/** Of this process, those that are nicer than it; the 19th field of their state, as proc_pid_stat(5) has it. */
function threadsGivingWay(): number {
  const stats = readdirSync('/proc/self/task').map((thread) => readFileSync(`/proc/self/task/${thread}/stat`, 'utf8'));
  const nices = stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
  return nices.filter((nice) => nice > getPriority()).length;
}

onEveryDatabase('the search index', (fresh) => {
  /** An index that was prepared, with the words of these messages in it. */
  async function made(test?: TestDatabase) {
    const clock = makeHandClock();
    const { address, database } = test ?? (await fresh());
    const file = address.store === 'sqlite' && address.file !== ':memory:' ? `${address.file}.search` : ':memory:';
    const open = () =>
      address.store === 'sqlite' ? openSqliteSearchIndex({ file, clock }) : openPostgresSearchIndex(database);
    const index = closing(await open());
    await index.prepare('one');

    async function change(
      conversationId: ConversationId,
      changes: Partial<Parameters<SearchIndex['store']>[1][number]>,
      node = 'main',
    ) {
      const [from = 0] = await index.marks([conversationId]);
      const to = Math.max(from + 1, ...(changes.added ?? []).map(({ seq }) => seq));
      await index.claim(node, [{ conversationId, seq: to }], 60_000);
      return index.store(node, [{ conversationId, from, to, added: [], edited: [], dropped: [], ...changes }]);
    }

    async function page(terms: readonly SearchTerm[], more: Partial<SearchAsk> = {}) {
      const within = [cats, dogs, birds].map((conversationId) => ({ conversationId, spans: all }));
      const { found, next } = await index.find({
        terms,
        within,
        senderId: null,
        hasLink: false,
        since: null,
        until: null,
        behind: null,
        limit: 100,
        ...more,
      });
      return { found, next, seqs: found.map(({ seq }) => seq) };
    }

    /** All pages. */
    async function seqs(terms: readonly SearchTerm[], more: Partial<SearchAsk> = {}): Promise<number[]> {
      const found: number[] = [];
      for (let behind: string | null = more.behind ?? null; ; ) {
        const next = await page(terms, { ...more, behind });
        found.push(...next.seqs);
        if (next.next === null) return found;
        behind = next.next;
      }
    }
    return { index, address, database, clock, open, change, page, seqs };
  }

  it('finds what holds all words, by any stem, or by how a word begins', async () => {
    const { change, seqs } = await made();
    await change(cats, {
      added: [
        message(1, 'grey cat', { more: 'cats' }),
        message(2, 'cat run', { more: 'running' }),
        message(3, 'кот бежа', { more: 'бежала bezh' }),
      ],
    });
    expect(await seqs([word('cat')])).toEqual([2, 1]);
    expect(await seqs([word('cat'), word('grey')])).toEqual([1]);
    expect(await seqs([word('cat'), word('кот')])).toEqual([]);
    expect(await seqs([{ kind: 'word', stems: ['grey', 'кот'], begins: null }])).toEqual([3, 1]);
    expect(await seqs([word('runnin')])).toEqual([]);
    expect(await seqs([word('runnin', 'runnin')])).toEqual([2]);
    expect(await seqs([word('gr', 'gr'), word('cat')])).toEqual([1]);
    expect(await seqs([word('бежал', 'бежал')])).toEqual([3]);
    expect(await seqs([word('bezh')])).toEqual([3]);
  });

  it('finds phrases only where the words stand one behind the other', async () => {
    const { change, seqs } = await made();
    await change(cats, { added: [message(1, 'new year soon'), message(2, 'year new'), message(3, 'new big year')] });
    expect(await seqs([phrase('new', 'year')])).toEqual([1]);
    expect(await seqs([phrase('new', 'year'), word('soon')])).toEqual([1]);
    expect(await seqs([phrase('big', 'year', 'soon')])).toEqual([]);
  });

  it('looks only within the spans', async () => {
    const { change, page, seqs } = await made();
    await change(cats, { added: [1, 2, 3, 4, 5].map((seq) => message(seq, 'meow')) });
    await change(dogs, { added: [message(7, 'meow'), message(8, 'meow')] });
    const spans = (conversationId: ConversationId, ...those: [number, number | null][]) => ({
      conversationId,
      spans: those.map(([from, to]) => ({ from, to })),
    });
    expect(await seqs([word('meow')], { within: [spans(cats, [2, 2], [4, null])] })).toEqual([5, 4, 2]);
    expect(await seqs([word('meow')], { within: [spans(cats, [1, 1]), spans(dogs, [8, null])] })).toEqual([8, 1]);
    expect(await seqs([word('meow')], { within: [spans(birds, [1, null])] })).toEqual([]);
    expect(await page([word('meow')], { within: [] })).toMatchObject({ found: [], next: null });
  });

  it('answers the newest first, whenever they came in, in pages that leave nothing out', async () => {
    const { change, page } = await made();
    const at = (seq: number, time: number) => message(seq, 'tick', { time: noon + time });
    await change(dogs, { added: [at(1, 50), at(2, 60), at(3, 60)] });
    await change(cats, { added: [at(1, 10), at(2, 55), at(3, 60), at(4, 70)] });
    await change(birds, { added: [at(1, 5)] });
    const found: string[] = [];
    const name = new Map([
      [cats, 'cats'],
      [dogs, 'dogs'],
      [birds, 'birds'],
    ]);
    let next: string | null = null;
    do {
      const answer = await page([word('tick')], { limit: 2, behind: next });
      expect(answer.found.length).toBeLessThanOrEqual(2);
      found.push(...answer.found.map(({ conversationId, seq }) => `${name.get(conversationId)} ${seq}`));
      next = answer.next;
    } while (next !== null);
    // Of the same millisecond, those of one conversation keep their order.
    const same = found.slice(1, 4);
    expect(same.toSorted()).toEqual(['cats 3', 'dogs 2', 'dogs 3']);
    expect(same.indexOf('dogs 3')).toBeLessThan(same.indexOf('dogs 2'));
    expect([found[0], ...found.slice(4)]).toEqual(['cats 4', 'cats 2', 'dogs 1', 'cats 1', 'birds 1']);
  });

  it('has room for any number of messages of one millisecond', async () => {
    const { change, seqs } = await made();
    const many = Array.from({ length: 2_500 }, (_, i) => message(i + 1, 'flood', { time: noon }));
    await change(cats, { added: many });
    await change(dogs, { added: [message(9_999, 'flood', { time: noon + 5 })] });
    const found = await seqs([word('flood')], { limit: 500 });
    expect(found.slice(0, 3)).toEqual([9_999, 2_500, 2_499]);
    expect(found).toHaveLength(2_501);
  });

  it('keeps to the sender, to links and to times, with words and without', async () => {
    const { change, seqs } = await made();
    await change(cats, {
      added: [
        message(1, 'see', { hasLink: true }),
        message(2, 'see', { senderId: boris }),
        message(3, 'see', { senderId: boris, hasLink: true }),
        message(4, 'hear', { senderId: null }),
      ],
    });
    expect(await seqs([word('see')], { senderId: boris })).toEqual([3, 2]);
    expect(await seqs([word('see')], { hasLink: true })).toEqual([3, 1]);
    expect(await seqs([], { hasLink: true })).toEqual([3, 1]);
    expect(await seqs([], { senderId: boris, hasLink: true })).toEqual([3]);
    expect(await seqs([], { senderId: person() })).toEqual([]);
    expect(await seqs([word('see')], { since: noon + 2 })).toEqual([3, 2]);
    expect(await seqs([word('see')], { until: noon + 2 })).toEqual([2, 1]);
    expect(await seqs([word('see')], { since: noon + 2, until: noon + 2, limit: 1 })).toEqual([2]);
    expect(await seqs([word('see')], { since: noon + 3, until: noon + 1 })).toEqual([]);
    expect(await seqs([word('see')], { since: 0, until: Number.MAX_SAFE_INTEGER })).toEqual([3, 2, 1]);
  });

  it('takes edits, repeats and removals in', async () => {
    const { index, change, seqs } = await made();
    await change(cats, { added: [message(1, 'alpha'), message(2, 'beta', { hasLink: true }), message(3, 'gamma')] });
    const words = (seq: number, stems: string, hasLink = false) => ({ seq, stems, more: '', hasLink });
    await change(cats, {
      edited: [words(1, 'delta', true), words(2, 'beta two'), words(77, 'nobody')],
      dropped: [3, 78],
    });
    expect(await seqs([word('alpha')])).toEqual([]);
    expect(await seqs([word('delta')], { senderId: anna })).toEqual([1]);
    expect(await seqs([word('beta'), word('two')])).toEqual([2]);
    expect(await seqs([], { hasLink: true })).toEqual([1]);
    expect(await seqs([word('gamma')])).toEqual([]);
    expect(await seqs([word('nobody')])).toEqual([]);
    await change(cats, { added: [message(1, 'epsilon', { time: noon + 9 })] });
    expect(await seqs([word('delta')])).toEqual([]);
    expect(await seqs([word('epsilon')])).toEqual([1]);
    await index.drop(cats, 1);
    await index.drop(cats, 1);
    await index.drop(conversation(), 1);
    expect(await seqs([word('epsilon')])).toEqual([]);
    expect(await seqs([word('beta')])).toEqual([2]);
  });

  it('lets one node at a time store of a conversation, from where it stands', async () => {
    const { index, change, seqs } = await made();
    const wants = [
      { conversationId: cats, seq: 5 },
      { conversationId: dogs, seq: 0 },
    ];
    expect(await index.claim('a', wants, 60_000)).toEqual([
      { conversationId: cats, mark: 0, mine: true },
      { conversationId: dogs, mark: 0, mine: false },
    ]);
    expect(await index.claim('b', wants, 60_000)).toMatchObject([{ mine: false }, { mine: false }]);
    expect(await index.claim('a', wants, 60_000)).toMatchObject([{ mine: true }, { mine: false }]);
    const step = (from: number, to: number, stems: string) => [
      { conversationId: cats, from, to, added: [message(to, stems)], edited: [], dropped: [] },
    ];
    expect(await index.store('b', step(0, 5, 'other'))).toEqual([0]);
    expect(await index.store('a', step(1, 5, 'gap'))).toEqual([0]);
    expect(await index.store('a', step(0, 3, 'mine'))).toEqual([3]);
    // Storing gave it back.
    expect(await index.store('a', step(3, 4, 'again'))).toEqual([3]);
    expect(await index.claim('b', wants, 60_000)).toMatchObject([{ mark: 3, mine: true }, {}]);
    expect(await index.store('b', step(3, 5, 'theirs'))).toEqual([5]);
    expect(await index.claim('b', wants, 60_000)).toMatchObject([{ mark: 5, mine: false }, {}]);
    expect(await index.marks([dogs, cats, birds])).toEqual([0, 5, 0]);
    expect(await index.count()).toBe(5);
    expect(await seqs([word('mine')])).toEqual([3]);
    expect(await seqs([word('theirs')])).toEqual([5]);
    for (const lost of ['other', 'gap', 'again']) expect(await seqs([word(lost)])).toEqual([]);
    expect(await change(cats, { added: [message(6, 'next')] })).toEqual([6]);
  });

  it('gives what a node held too long to another one', async () => {
    const test = await fresh();
    const { index, clock } = await made(test);
    const wants = [{ conversationId: cats, seq: 5 }];
    await index.claim('a', wants, 50);
    expect(await index.claim('b', wants, 50)).toMatchObject([{ mine: false }]);
    clock.advance(60);
    await test.pass(60);
    expect(await index.claim('b', wants, 60_000)).toMatchObject([{ mine: true }]);
    const late = { conversationId: cats, from: 0, to: 1, added: [message(1, 'late')], edited: [], dropped: [] };
    expect(await index.store('a', [late])).toEqual([0]);
  });

  it('is emptied where it was made under another name, and kept where it was not', async () => {
    const { index, change, seqs } = await made();
    await change(cats, { added: [message(1, 'kept')] });
    expect(await index.prepare('one')).toBe(false);
    expect(await seqs([word('kept')])).toEqual([1]);
    expect(await index.prepare('two')).toBe(true);
    expect(await seqs([word('kept')])).toEqual([]);
    expect(await index.marks([cats])).toEqual([0]);
    await change(cats, { added: [message(1, 'again')] });
    expect(await seqs([word('again')])).toEqual([1]);
    await index.clear();
    expect(await seqs([word('again')])).toEqual([]);
    expect(await index.count()).toBe(0);
    // What was under way belongs to what was emptied.
    const late = { conversationId: cats, from: 1, to: 2, added: [message(2, 'late')], edited: [], dropped: [] };
    expect(await index.store('main', [late])).toEqual([0]);
    expect(await index.prepare('two')).toBe(false);
  });

  it('forgets a conversation and nothing else', async () => {
    const { index, change, seqs } = await made();
    await change(cats, { added: Array.from({ length: 1_500 }, (_, i) => message(i + 1, 'both')) });
    await change(dogs, { added: [message(1, 'both')] });
    await index.forget(cats);
    await index.forget(birds);
    expect(await seqs([word('both')])).toEqual([1]);
    expect(await index.marks([cats, dogs])).toEqual([0, 1]);
    await change(cats, { added: [message(2, 'both')] });
    expect(await seqs([word('both')])).toEqual([2, 1]);
  });

  it('finds what is seldom among very many, and what is in few of very many conversations', async () => {
    const { change, seqs } = await made();
    const many = (from: number, stems: (seq: number) => string) =>
      Array.from({ length: 2_500 }, (_, i) => message(from + i, stems(from + i)));
    await change(cats, { added: many(1, (seq) => (seq === 7 || seq === 2_000 ? 'often seldom' : 'often')) });
    await change(dogs, { added: many(5_000, () => 'often') });
    await change(birds, { added: [message(1, 'often')] });
    const strangers = Array.from({ length: 400 }, () => ({ conversationId: conversation(), spans: all }));
    const only = (conversationId: ConversationId) => ({ conversationId, spans: all });
    for (const others of [[], strangers]) {
      expect(await seqs([word('seldom')], { within: [only(cats), only(birds), ...others] })).toEqual([2_000, 7]);
      expect(await seqs([word('often')], { within: [only(birds), ...others] })).toEqual([1]);
      const spans = [{ from: 2, to: 8 }];
      const asked = { within: [{ conversationId: cats, spans }, only(birds), ...others], limit: 3 };
      expect(await seqs([word('often')], asked)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    }
  });

  it('with more conversations of mine than it names finds mine alone', async () => {
    const { index, seqs } = await made();
    const mine = Array.from({ length: 300 }, conversation);
    const theirs = Array.from({ length: 300 }, conversation);
    const both = [...mine, ...theirs];
    await index.claim(
      'main',
      both.map((conversationId) => ({ conversationId, seq: 9_000 })),
      60_000,
    );
    await index.store(
      'main',
      both.map((conversationId, i) => {
        const added = Array.from({ length: 10 }, (_, k) => message(i * 10 + k + 1, k === 0 ? 'rare tree' : 'tree'));
        return { conversationId, from: 0, to: 9_000, added, edited: [], dropped: [] };
      }),
    );
    const within = mine.map((conversationId) => ({ conversationId, spans: all }));
    const trees = await seqs([word('tree')], { within, limit: 700 });
    expect(trees).toEqual(Array.from({ length: 3_000 }, (_, i) => 3_000 - i));
    expect(await seqs([word('rare')], { within, limit: 7 })).toHaveLength(300);
  });

  it('takes words for words, whatever language they are words of', async () => {
    const { change, seqs } = await made();
    const strange = ['or', 'and', 'not', 'near', 'stems', 'a'.repeat(64), '𝒳𝒴', 'क्षि', '北', 'ÿ', 'ﬁ'];
    await change(cats, { added: strange.map((each, i) => message(i + 1, each)) });
    for (const [i, each] of strange.entries()) {
      expect(await seqs([word(each)])).toEqual([i + 1]);
      expect(await seqs([word(each, each), phrase(each, each)])).toEqual([]);
    }
    const hostile = [`"`, `'`, `x" OR "or`, `x' | 'or`, `or) OR (and`, `*`, `:*`, `\\`, `\\'`, `@c1`, `^or`, `{place}`];
    for (const each of hostile) expect(await seqs([word(each), word('nowhere')])).toEqual([]);
    for (const each of [`x" OR "or`, `x' | 'or`, `\\`]) expect(await seqs([word(each, each)])).toEqual([]);
  });

  it('holds what a plain list would, whatever is added, edited and dropped', async () => {
    const stems = fc.array(fc.constantFrom('cat', 'cats', 'dog', 'кот', 'a', 'x'), { minLength: 1, maxLength: 4 });
    const step = fc.record({
      conversation: fc.constantFrom(0, 1, 2),
      kind: fc.constantFrom('add', 'add', 'edit', 'drop'),
      seq: fc.integer({ min: 1, max: 12 }),
      time: fc.integer({ min: 0, max: 5 }),
      stems,
      hasLink: fc.boolean(),
    });
    const { index, change, page } = await made();
    const places = [cats, dogs, birds];
    const name = (conversationId: ConversationId, seq: number) => `${places.indexOf(conversationId)} ${seq}`;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        await index.clear();
        const model = new Map<string, { time: number; stems: string[]; hasLink: boolean }>();
        for (const { conversation: at, kind, seq, time, stems, hasLink } of steps) {
          const conversationId = places[at] as ConversationId;
          const key = name(conversationId, seq);
          const words = { seq, stems: stems.join(' '), more: '', hasLink };
          if (kind === 'add') {
            await change(conversationId, { added: [message(seq, words.stems, { time: noon + time, hasLink })] });
            model.set(key, { time, stems, hasLink });
          } else if (kind === 'edit') {
            await change(conversationId, { edited: [words] });
            const there = model.get(key);
            if (there !== undefined) model.set(key, { ...there, stems, hasLink });
          } else {
            await change(conversationId, { dropped: [seq] });
            model.delete(key);
          }
        }
        for (const wanted of ['cat', 'dog', 'кот', 'x']) {
          const expected = [...model].filter(([, there]) => there.stems.includes(wanted)).map(([key]) => key);
          const { found } = await page([word(wanted)]);
          expect(found.map((one) => name(one.conversationId, one.seq)).toSorted()).toEqual(expected.toSorted());
          const times = found.map((one) => model.get(name(one.conversationId, one.seq))?.time ?? -1);
          expect(times).toEqual(times.toSorted((a, b) => b - a));
        }
        const linked = await page([], { hasLink: true });
        expect(linked.found).toHaveLength([...model.values()].filter((there) => there.hasLink).length);
      }),
      { numRuns: 25 },
    );
  });

  it('refuses to go on from a place that is none', async () => {
    const { page } = await made();
    for (const behind of ['', 'x', '-1', '1e9', "1'", '1.2', '9'.repeat(40), '1.2.3.4'])
      await expect(page([word('a')], { behind })).rejects.toMatchObject({ code: 'invalid', reason: 'cursor_invalid' });
  });

  it('is there again after it was closed', async () => {
    const test = await fresh();
    const first = await made(test);
    await first.change(cats, { added: [message(1, 'lasting')] });
    if (test.address.store === 'sqlite' && test.address.file === ':memory:') return;
    await first.index.close();
    const second = await made(test);
    expect(await second.seqs([word('lasting')])).toEqual([1]);
    expect(await second.index.health()).toMatchObject({ ok: true });
  });

  it('is made anew where it is damaged', async () => {
    const test = await fresh();
    const { address } = test;
    if (address.store !== 'sqlite' || address.file === ':memory:') return;
    const first = await made(test);
    await first.change(cats, { added: [message(1, 'lost')] });
    await first.index.close();
    const file = `${address.file}.search`;
    writeFileSync(file, readFileSync(file).fill(7, 0, 4_096));
    const second = await made(test);
    expect(await second.seqs([word('lost')])).toEqual([]);
    await second.change(cats, { added: [message(1, 'found')] });
    expect(await second.seqs([word('found')])).toEqual([1]);
  });

  it('fills the index in a thread that gives way to all others', async () => {
    const test = await fresh();
    const { address } = test;
    if (address.store !== 'sqlite' || address.file === ':memory:' || process.platform !== 'linux') return;
    const before = threadsGivingWay();
    const { change, seqs } = await made(test);
    await change(cats, { added: [message(1, 'polite')] });
    expect(await seqs([word('polite')])).toEqual([1]);
    expect(threadsGivingWay()).toBe(before + 1);
  });

  it('takes nothing from a node that prepared it as something else', async () => {
    const test = await fresh();
    if (test.address.store === 'sqlite') return;
    const { index } = await made(test);
    const other = await openPostgresSearchIndex(closing(await openDatabase(test.address, makeHandClock())));
    expect(await other.prepare('newer')).toBe(true);
    const wants = [{ conversationId: cats, seq: 1 }];
    expect(await index.claim('a', wants, 60_000)).toMatchObject([{ mine: false }]);
    expect(await other.claim('b', wants, 60_000)).toMatchObject([{ mine: true }]);
  });
});
