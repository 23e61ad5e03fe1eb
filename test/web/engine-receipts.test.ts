import { expect, test } from 'vitest';
import { pace } from '../../src/protocol/limits.ts';
import { makeStage, openPage, openReady, statesOf, textsOf } from './engine-stage.ts';
import { until } from './engine-world.ts';

type Marks = { conversationId: string; deliveredSeq?: number; readSeq?: number }[];

test('the first delivered mark goes at once, then at most one a second in a conversation, the latest', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { world } = await openReady(backend, anna);
  const marks = () => backend.inputs('receipts.mark').map((input) => input.marks as Marks);
  backend.say(talk, ben, 'one');
  await world.pass(0);
  expect(marks()).toEqual([[{ conversationId: talk, deliveredSeq: 1 }]]);

  for (let i = 0; i < 20; i++) {
    backend.say(talk, ben, `more ${i}`);
    await world.pass(100);
  }
  expect(marks().length).toBeLessThanOrEqual(4);
  await world.pass(pace.receipts);
  expect(marks().at(-1)).toEqual([{ conversationId: talk, deliveredSeq: 21 }]);
});

test('marks of many conversations go together', async () => {
  const { backend, anna, ben } = makeStage();
  const groups = Array.from({ length: 30 }, (_, i) => backend.talk([anna, ben], 'group', `Group ${i}`));
  const { world } = await openReady(backend, anna);
  for (const group of groups) backend.say(group, ben, 'Hi');
  await world.pass(0);
  await world.pass(pace.receipts);
  expect(backend.count('receipts.mark')).toBeLessThanOrEqual(3);
  expect(groups.map((group) => backend.of(group).members.get(anna)?.deliveredSeq)).toEqual(groups.map(() => 1));
});

test('own messages are not confirmed', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  engine.open(talk).send('mine');
  await world.pass(5_000);
  expect(backend.texts(talk)).toEqual(['mine']);
  expect(backend.count('receipts.mark')).toBe(0);
});

test('read is what was on screen in a visible window, and the count of unread follows at once', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  for (let i = 1; i <= 5; i++) backend.say(talk, ben, `${i}`);
  await world.pass(2_000);
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 5);
  expect(view.unreadFrom.value).toBe(1);

  world.setVisible(false);
  view.markRead(5);
  expect(engine.unreadTotal.value).toBe(5);
  world.setVisible(true);
  view.markRead(3);
  await until(() => engine.unreadTotal.value === 2);
  view.markRead(1);
  expect(engine.unreadTotal.value).toBe(2);
  view.markRead(5);
  expect(engine.unreadTotal.value).toBe(0);
  expect(view.unreadFrom.value).toBe(1);
  await world.pass(2_000);
  expect(backend.of(talk).members.get(anna)?.readSeq).toBe(5);
});

test('what was read without a network is told on return, also by a page opened anew', async () => {
  const { backend, anna, ben, talk } = makeStage();
  backend.say(talk, ben, 'one');
  backend.say(talk, ben, 'two');
  const { engine, world, disk } = await openReady(backend, anna);
  await world.pass(2_000);
  world.setOnline(false);
  backend.cut();
  await world.pass(100);
  engine.open(talk).markRead(2);
  await world.pass(1_000);

  const again = openPage(backend, disk);
  await again.world.pass(5_000);
  expect(backend.of(talk).members.get(anna)?.readSeq).toBe(2);
  expect(again.engine.unreadTotal.value).toBe(0);
});

test('what was read on another device is read here, and is not told again', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  for (let i = 1; i <= 3; i++) backend.say(talk, ben, `${i}`);
  await world.pass(2_000);
  expect(engine.unreadTotal.value).toBe(3);
  backend.handlers['receipts.mark']?.(anna, { marks: [{ conversationId: talk, readSeq: 2 }] } as never);
  await until(() => engine.unreadTotal.value === 1);
  await world.pass(5_000);
  const told = backend.inputs('receipts.mark').flatMap((input) => input.marks as Marks);
  expect(told.some(({ readSeq }) => readSeq !== undefined)).toBe(false);
});

test('who hides how far they read no longer sees how far others did, and what was seen before is forgotten', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  view.send('Hello');
  await until(() => statesOf(view)[0] === 'sent');
  backend.handlers['receipts.mark']?.(ben, { marks: [{ conversationId: talk, readSeq: 1 }] } as never);
  await until(() => statesOf(view)[0] === 'read');
  await engine.people.setPrivacy({ readReceipts: false });
  await until(() => statesOf(view)[0] === 'delivered');
});

test('a mark that overtakes the state made before it is not taken back by it', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  view.send('Hello');
  await until(() => statesOf(view)[0] === 'sent');

  const syncs = backend.count('sync');
  const held = Promise.withResolvers<void>();
  backend.hold = held.promise;
  backend.tellAll({ event: 'changed', body: {} });
  await until(() => backend.count('sync') > syncs);
  backend.handlers['receipts.mark']?.(ben, { marks: [{ conversationId: talk, readSeq: 1 }] } as never);
  await until(() => statesOf(view)[0] === 'read');
  backend.hold = null;
  held.resolve();
  await world.pass(100);
  expect(statesOf(view)).toEqual(['read']);
});

test('an unread message that is removed counts no longer', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  for (let i = 1; i <= 3; i++) backend.say(talk, ben, `${i}`);
  backend.append(talk, ben, { kind: 'removal', body: {}, target: 2 });
  await world.pass(2_000);
  expect(engine.unreadTotal.value).toBe(2);
});

test('marks that are refused for good are not told for ever', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { world } = await openReady(backend, anna);
  backend.meddle = ({ op }) => (op === 'receipts.mark' ? { code: 'forbidden', reason: 'not_a_member' } : undefined);
  backend.say(talk, ben, 'one');
  await world.pass(30_000);
  expect(backend.count('receipts.mark')).toBe(1);
});

test('who is online and who types is asked for what is on screen, and again after a reconnect', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  engine.show({ userIds: [ben], conversationId: talk });
  await world.pass(500);
  expect(backend.inputs('presence.watch').at(-1)).toEqual({ userIds: [ben], conversationId: talk });
  expect(engine.presence(ben).value).toEqual({ online: true, lastSeenAt: null });

  backend.tellAll({ event: 'typing.changed', body: { conversationId: talk, userIds: [ben] } });
  await until(() => view.typing.value.length === 1);
  expect(view.typing.value[0]?.displayName).toBe('Ben');
  await world.pass(2 * pace.typing + 2_000);
  expect(view.typing.value).toEqual([]);

  const before = backend.count('presence.watch');
  backend.cut();
  await world.pass(2_000);
  expect(backend.count('presence.watch')).toBe(before + 1);
});

test('typing is said at most every four seconds, and taken back when the text is gone or sent', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  const said = () => backend.inputs('typing.set').map((input) => input.typing);
  for (const text of ['H', 'He', 'Hel', 'Hell', 'Hello']) {
    view.setDraft(text);
    await world.pass(500);
  }
  expect(said()).toEqual([true]);
  await world.pass(pace.typing);
  view.setDraft('Hello!');
  await world.pass(10);
  expect(said()).toEqual([true, true]);
  view.send('Hello!');
  view.setDraft('');
  await world.pass(10);
  expect(said()).toEqual([true, true, false]);
});
