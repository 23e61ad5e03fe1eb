import { expect, it } from 'vitest';
import type { NewReport } from '../../src/ports/report-store.ts';
import type { ReportId, UserId } from '../../src/protocol/ids.ts';
import type { Message } from '../../src/protocol/models.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase, type Stores, type TestDatabase } from '../support/databases.ts';

let lastId = 0;
/** Ids that sort as they were made. */
const newId = () => `00000000-0000-7000-8000-${String(++lastId).padStart(12, '0')}` as ReportId;

async function scene({ stores }: TestDatabase) {
  const [ann, ben, cid] = await addPeople(stores, 'ann', 'ben', 'cid');
  const { conversation } = await stores.conversations.openDirect(someId.conversation(), ann, ben);
  const { conversationId } = conversation;
  const of = (seq: number, reporterId: UserId = ann, authorId: UserId = ben): NewReport => {
    const said = { conversationId, seq, time: 1_000, senderId: authorId, clientId: someId.client() };
    const message: Message = { ...said, kind: 'message', body: { text: `rude, "ж" ${seq}` }, editedAt: 2_000 };
    const why = { reason: 'harassment', note: 'again and again' } as const;
    return { reportId: newId(), reporterId, authorId, conversationId, seq, ...why, message };
  };
  return { ann, ben, cid, of };
}
const all = { state: null, except: null, after: null, limit: 10 } as const;
const ids = async ({ reports }: Stores, ask: Partial<Parameters<Stores['reports']['list']>[0]>) =>
  (await reports.list({ ...all, ...ask })).map(({ reportId }) => reportId);

onEveryDatabase('reports', (fresh) => {
  it('keep the message as it was, and are found again', async () => {
    const test = await fresh();
    const { reports } = test.stores;
    const { of } = await scene(test);
    const made = of(3);
    expect(await reports.add(made)).toEqual({ reportId: made.reportId, added: true });
    expect(await reports.find(made.reportId)).toEqual({ ...made, at: expect.any(Number), resolved: null });
    expect(await reports.find(someId.report())).toBeNull();
  });

  it('of one message by one person are one while it is open, also when they come at once', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    const { of, cid } = await scene(test);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => (i % 2 ? another : test.stores).reports.add(of(3))),
    );
    expect(new Set(answers.map(({ reportId }) => reportId)).size).toBe(1);
    expect(answers.filter(({ added }) => added)).toHaveLength(1);
    expect((await test.stores.reports.add(of(3, cid))).added).toBe(true);
    expect((await test.stores.reports.add(of(4))).added).toBe(true);
    await test.stores.reports.resolve(answers[0]?.reportId as ReportId, { by: null, outcome: 'dismissed', note: '' });
    expect((await test.stores.reports.add(of(3))).added).toBe(true);
    expect(await ids(test.stores, {})).toHaveLength(4);
  });

  it('are listed the oldest first, in pages, by state, without those about somebody', async () => {
    const test = await fresh();
    const { reports } = test.stores;
    const { of, ann, ben, cid } = await scene(test);
    const made: ReportId[] = [];
    for (const report of [of(1), of(2), of(3, ben, ann), of(4, cid, ben)])
      made.push((await reports.add(report)).reportId);
    const [first, second, third, fourth] = made as [ReportId, ReportId, ReportId, ReportId];
    await reports.resolve(second, { by: cid, outcome: 'acted', note: 'talked to Ben' });
    expect(await ids(test.stores, {})).toEqual(made);
    expect(await ids(test.stores, { state: 'open' })).toEqual([first, third, fourth]);
    expect(await ids(test.stores, { state: 'resolved' })).toEqual([second]);
    expect(await ids(test.stores, { limit: 2 })).toEqual([first, second]);
    expect(await ids(test.stores, { after: second })).toEqual([third, fourth]);
    expect(await ids(test.stores, { except: ben })).toEqual([third]);
    expect((await reports.madeBy(ann, null, 10)).map(({ reportId }) => reportId)).toEqual([first, second]);
    expect((await reports.madeBy(ann, first, 10)).map(({ reportId }) => reportId)).toEqual([second]);
  });

  it('are resolved once: of two moderators one is first, and theirs stays', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    const { reports } = test.stores;
    const { of, ann, cid } = await scene(test);
    const { reportId } = await reports.add(of(1));
    const outcomes = await Promise.all([
      reports.resolve(reportId, { by: ann, outcome: 'acted', note: 'ann' }),
      another.reports.resolve(reportId, { by: cid, outcome: 'dismissed', note: 'cid' }),
    ]);
    expect([...outcomes].sort()).toEqual([false, true]);
    const { resolved } = (await reports.find(reportId)) ?? {};
    expect(resolved).toMatchObject(outcomes[0] ? { by: ann, note: 'ann' } : { by: cid, note: 'cid' });
    expect(await reports.resolve(someId.report(), { by: null, outcome: 'acted', note: '' })).toBe(false);
  });

  it('are forgotten some time after they were resolved, and never before', async () => {
    const test = await fresh();
    const { reports, sessions } = test.stores;
    const { of } = await scene(test);
    const [old, young, open] = [of(1), of(2), of(3)];
    for (const report of [old, young, open]) await reports.add(report);
    await reports.resolve(old.reportId, { by: null, outcome: 'acted', note: '' });
    await test.pass(5);
    const before = await sessions.now();
    await reports.resolve(young.reportId, { by: null, outcome: 'acted', note: '' });
    expect(await reports.prune(before)).toBe(1);
    expect(await reports.prune(before)).toBe(0);
    expect(await ids(test.stores, {})).toEqual([young.reportId, open.reportId]);
  });
});
