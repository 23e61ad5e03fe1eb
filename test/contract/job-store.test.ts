import { expect, it } from 'vitest';
import { onEveryDatabase } from '../support/databases.ts';

const past = 1_000;
const never = 9_999_999_999_999;

onEveryDatabase('jobs', (fresh) => {
  const job = (key: string, more: { payload?: unknown; runAt?: number; queue?: string } = {}) => ({
    queue: 'push',
    key,
    payload: { key },
    runAt: past,
    ...more,
  });

  it('are taken when due, from the queues asked for, with what they carry', async () => {
    const { jobs } = (await fresh()).stores;
    await jobs.add([job('a', { payload: { text: 'ü"\\', list: [1, null] } }), job('later', { runAt: never })]);
    await jobs.add([job('mail', { queue: 'mail', payload: undefined })]);
    await jobs.add([]);
    expect(await jobs.take(['push'], 10, 60_000)).toEqual([
      { jobId: expect.any(String), queue: 'push', key: 'a', payload: { text: 'ü"\\', list: [1, null] }, attempts: 0 },
    ]);
    expect(await jobs.take(['push'], 10, 60_000)).toEqual([]);
    expect(await jobs.take(['other'], 10, 60_000)).toEqual([]);
    expect(await jobs.take(['other', 'mail'], 10, 60_000)).toMatchObject([{ key: 'mail', payload: null }]);
  });

  it('join one that waits under the same key: its payload replaced, the earlier time kept', async () => {
    const { jobs } = (await fresh()).stores;
    await jobs.add([job('a', { payload: 1, runAt: never }), job('a', { payload: 2, runAt: past })]);
    await jobs.add([job('a', { payload: 3, runAt: never })]);
    await jobs.add([job('a', { payload: 'mail', queue: 'mail' })]);
    expect(await jobs.take(['push'], 10, 60_000)).toMatchObject([{ payload: 3 }]);
    expect(await jobs.take(['push'], 10, 60_000)).toEqual([]);
  });

  it('stay apart from one that runs', async () => {
    const { jobs } = (await fresh()).stores;
    await jobs.add([job('a', { payload: 1 })]);
    const [running] = await jobs.take(['push'], 10, 60_000);
    await jobs.add([job('a', { payload: 2 })]);
    await jobs.finish(running?.jobId ?? '');
    expect(await jobs.take(['push'], 10, 60_000)).toMatchObject([{ payload: 2, attempts: 0 }]);
  });

  it('go to one worker only, the longest due first, none twice and none forgotten', async () => {
    const test = await fresh();
    const { jobs } = test.stores;
    const others = (await test.another())?.jobs ?? jobs;
    await jobs.add(Array.from({ length: 40 }, (_, i) => job(`key ${i}`, { runAt: past + i })));
    const [first] = await jobs.take(['push'], 1, 60_000);
    expect(first?.key).toBe('key 0');
    const taken: string[] = [];
    const work = async (store: typeof jobs) => {
      for (
        let some = await store.take(['push'], 3, 60_000);
        some.length > 0;
        some = await store.take(['push'], 3, 60_000)
      )
        taken.push(...some.map((one) => one.key));
    };
    await Promise.all([work(jobs), work(others), work(jobs), work(others)]);
    expect(taken.sort()).toEqual(Array.from({ length: 39 }, (_, i) => `key ${i + 1}`).sort());
  });

  it('are due again when they are not finished within their lease, and count that start', async () => {
    const { stores, pass } = await fresh();
    await stores.jobs.add([job('a')]);
    const [first] = await stores.jobs.take(['push'], 1, 5);
    await pass(6);
    const [second] = await stores.jobs.take(['push'], 1, 60_000);
    expect(second).toMatchObject({ key: 'a', attempts: 1 });
    await stores.jobs.fail(first?.jobId ?? '', 'the first worker wakes up', past);
    expect(await stores.jobs.take(['push'], 1, 60_000)).toEqual([]);
    await stores.jobs.finish(second?.jobId ?? '');
    expect(await stores.jobs.take(['push'], 1, 60_000)).toEqual([]);
  });

  it('are gone once finished, twice too', async () => {
    const { stores, pass } = await fresh();
    await stores.jobs.add([job('a')]);
    const [taken] = await stores.jobs.take(['push'], 1, 1);
    await stores.jobs.finish(taken?.jobId ?? '');
    await stores.jobs.finish(taken?.jobId ?? '');
    await pass(2);
    expect(await stores.jobs.take(['push'], 1, 60_000)).toEqual([]);
  });

  it('that fail are tried again at their time', async () => {
    const { jobs } = (await fresh()).stores;
    await jobs.add([job('a'), job('b')]);
    const [a, b] = await jobs.take(['push'], 2, 60_000);
    await jobs.fail(a?.jobId ?? '', 'no network', past);
    await jobs.fail(b?.jobId ?? '', 'no network', never);
    expect(await jobs.take(['push'], 10, 60_000)).toMatchObject([{ key: 'a', attempts: 1, payload: { key: 'a' } }]);
    expect(await jobs.failures(10)).toEqual([]);
  });

  it('that fail give way to one that came meanwhile under the same key', async () => {
    const { jobs } = (await fresh()).stores;
    await jobs.add([job('a', { payload: 1 })]);
    const [running] = await jobs.take(['push'], 1, 60_000);
    await jobs.add([job('a', { payload: 2 })]);
    await jobs.fail(running?.jobId ?? '', 'no network', past);
    expect(await jobs.take(['push'], 10, 60_000)).toMatchObject([{ payload: 2 }]);
  });

  it('that are given up are kept for the operator, newest first, and never run again', async () => {
    const { stores, pass } = await fresh();
    const { jobs } = stores;
    await jobs.add([job('a'), job('b')]);
    for (const one of await jobs.take(['push'], 2, 1)) {
      await jobs.fail(one.jobId, `broken ${one.key}`, null);
      await pass(2);
    }
    expect(await jobs.take(['push'], 10, 60_000)).toEqual([]);
    expect(await jobs.failures(10)).toMatchObject([
      { job: { key: 'b', attempts: 0 }, error: 'broken b', failedAt: expect.any(Number) },
      { job: { key: 'a' }, error: 'broken a' },
    ]);
    expect(await jobs.failures(1)).toHaveLength(1);
    await jobs.add([job('a')]);
    expect(await jobs.take(['push'], 10, 60_000)).toMatchObject([{ key: 'a', attempts: 0 }]);
  });

  it('are found by what their key begins with, in whatever state they are', async () => {
    const { jobs } = (await fresh()).stores;
    await jobs.add([job('one 1'), job('one 2'), job('two')]);
    const [first, second] = await jobs.take(['push'], 2, 60_000);
    await jobs.fail(first?.jobId ?? '', 'broken', null);
    await jobs.fail(second?.jobId ?? '', 'no network', never);
    await jobs.add([job('one'), job('on')]);
    const found = (await jobs.find('one', 10)).map(({ job, state, error }) => [job.key, state, error]);
    expect(new Map(found.map((one) => [one[0], one]))).toEqual(
      new Map([
        ['one', ['one', 'waiting', null]],
        ['one 1', ['one 1', 'failed', 'broken']],
        ['one 2', ['one 2', 'waiting', 'no network']],
      ]),
    );
    expect(await jobs.find('one', 1)).toHaveLength(1);
    expect(await jobs.find("o%' or 1", 10)).toEqual([]);
    const [running] = await jobs.take(['push'], 1, 60_000);
    expect(await jobs.find(running?.key ?? '', 10)).toContainEqual(expect.objectContaining({ state: 'running' }));
  });

  it('added by two nodes at once under the same keys join', async () => {
    const test = await fresh();
    const others = (await test.another()) ?? test.stores;
    const keys = Array.from({ length: 30 }, (_, i) => `key ${i}`);
    const add = (stores: typeof others, order: string[]) => stores.jobs.add(order.map((key) => job(key)));
    await Promise.all(
      Array.from({ length: 6 }, (_, i) => add(i % 2 ? others : test.stores, i % 2 ? keys : keys.toReversed())),
    );
    expect(await test.stores.jobs.take(['push'], 100, 60_000)).toHaveLength(30);
  });
});

onEveryDatabase('nodes', (fresh) => {
  it('are listed with their roles and the time since their last beat', async () => {
    const { stores, pass } = await fresh();
    await stores.nodes.beat('one', ['api']);
    await stores.nodes.beat('two', ['api', 'worker']);
    await pass(20);
    await stores.nodes.beat('two', ['worker']);
    const [one, two, ...more] = await stores.nodes.list();
    expect(more).toEqual([]);
    expect(one).toMatchObject({ node: 'one', roles: ['api'] });
    expect(two).toMatchObject({ node: 'two', roles: ['worker'] });
    expect(one?.silentMs).toBeGreaterThanOrEqual(20);
    expect(two?.silentMs).toBeLessThan(one?.silentMs ?? 0);
  });
});
