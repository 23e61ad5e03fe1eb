import { expect, it } from 'vitest';
import type { ScheduledRecord } from '../../src/ports/scheduled-store.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase, type TestDatabase } from '../support/databases.ts';

async function scene({ stores }: TestDatabase) {
  const [ann, ben] = await addPeople(stores, 'ann', 'ben');
  const { conversation } = await stores.conversations.openDirect(someId.conversation(), ann, ben);
  const { conversationId } = conversation;
  const of = (sendAt: number, more: Partial<ScheduledRecord> = {}) => ({
    userId: ann,
    conversationId,
    clientId: someId.client(),
    text: 'later, "ж" \u0000',
    replyTo: null,
    preview: true,
    sendAt,
    ...more,
  });
  return { ann, ben, conversationId, of };
}

onEveryDatabase('what is sent later', (fresh) => {
  it('is kept as it was asked for, once under its key', async () => {
    const test = await fresh();
    const { scheduled } = test.stores;
    const { of } = await scene(test);
    const made = of(1_000, { replyTo: 7, preview: false });
    expect(await scheduled.add(made, 5)).toBe('added');
    expect(await scheduled.add({ ...made, text: 'other' }, 5)).toBe('known');
    expect(await scheduled.find(made)).toEqual({ ...made, refused: null });
    expect(await scheduled.find(of(1))).toBeNull();
  });

  it('is never more than so many of one person, also when they come at once', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    const { of, ben } = await scene(test);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? another : test.stores).scheduled.add(of(i), 5)),
    );
    expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(5);
    expect(await test.stores.scheduled.add(of(1, { userId: ben }), 5)).toBe('added');
  });

  it('is listed by key, in pages, of one conversation or all', async () => {
    const test = await fresh();
    const { scheduled } = test.stores;
    const { of, ann, ben, conversationId } = await scene(test);
    const notes = await test.stores.conversations.openDirect(someId.conversation(), ann, ann);
    const made = [of(3), of(1), of(2, { conversationId: notes.conversation.conversationId })];
    for (const one of [...made, of(4, { userId: ben })]) await scheduled.add(one, 9);
    const keys = made.map(({ clientId }) => clientId).sort();
    const ask = { userId: ann, conversationId: null, after: null, limit: 9 };
    const listed = async (more: object) => (await scheduled.list({ ...ask, ...more })).map(({ clientId }) => clientId);
    expect(await listed({})).toEqual(keys);
    expect(await listed({ limit: 2 })).toEqual(keys.slice(0, 2));
    expect(await listed({ after: keys[1] })).toEqual(keys.slice(2));
    expect(await listed({ conversationId })).toEqual([made[0], made[1]].map((one) => one?.clientId).sort());
  });

  it('is changed until it is begun, and again once it was refused', async () => {
    const test = await fresh();
    const { scheduled } = test.stores;
    const { of } = await scene(test);
    const made = of(1_000);
    await scheduled.add(made, 9);
    expect(await scheduled.change(made, { text: 'new' })).toMatchObject({ text: 'new', sendAt: 1_000 });
    expect(await scheduled.begin(made)).toMatchObject({ text: 'new' });
    expect(await scheduled.begin(made)).toMatchObject({ text: 'new' });
    expect(await scheduled.change(made, { sendAt: 5 })).toBe('begun');
    expect(await scheduled.cancel(made)).toBe('begun');
    await scheduled.refuse(made, 'not_a_member');
    expect(await scheduled.find(made)).toMatchObject({ refused: 'not_a_member' });
    expect(await scheduled.begin(made)).toBeNull();
    expect(await scheduled.change(made, { sendAt: 5 })).toMatchObject({ sendAt: 5, refused: null });
    expect(await scheduled.begin(made)).not.toBeNull();
    await scheduled.finish(made);
    await scheduled.finish(made);
    expect(await scheduled.find(made)).toBeNull();
    expect(await scheduled.change(made, {})).toBeNull();
    expect(await scheduled.cancel(made)).toBe('cancelled');
  });

  it('is named once it is due, the longest due first, and goes with its person', async () => {
    const test = await fresh();
    const { scheduled } = test.stores;
    const { of, ann, ben } = await scene(test);
    const [late, later, never, other] = [of(20), of(10), of(99), of(15, { userId: ben })];
    for (const one of [late, later, never, other]) await scheduled.add(one, 9);
    const key = ({ userId, clientId }: ScheduledRecord | ReturnType<typeof of>) => ({ userId, clientId });
    expect(await scheduled.due(9, 9)).toEqual([]);
    expect(await scheduled.due(20, 9)).toEqual([key(later), key(other), key(late)]);
    expect(await scheduled.due(20, 1)).toEqual([key(later)]);
    await scheduled.begin(later);
    await scheduled.begin(late);
    await scheduled.refuse(late, 'not_a_member');
    expect(await scheduled.due(20, 9)).toEqual([key(later), key(other)]);
    await scheduled.forget(ann);
    expect(await scheduled.due(100, 9)).toEqual([key(other)]);
  });
});
