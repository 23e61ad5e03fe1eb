import { expect, test } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import { makeStage, openPage, openReady } from './engine-stage.ts';
import { until } from './engine-world.ts';

test('a block is shown at once, told to the server, and known to my other devices', async () => {
  const { backend, anna, ben } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const other = await openReady(backend, anna);
  engine.people.block(ben, true);
  expect(engine.blocks.value.has(ben)).toBe(true);
  await world.pass(0);
  await until(() => other.engine.blocks.value.has(ben));
  other.engine.people.block(ben, false);
  await until(() => !engine.blocks.value.has(ben));
  expect(backend.blocks.get(anna)?.size).toBe(0);
});

test('a block made offline survives closing the page, and is told on return', async () => {
  const { backend, anna, ben } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  backend.up = false;
  backend.cut();
  await world.pass(10);
  engine.people.block(ben, true);
  engine.people.block(ben, false);
  engine.people.block(ben, true);
  await world.pass(1_000);
  const again = openPage(backend, disk);
  await until(() => again.engine.blocks.value.has(ben));
  backend.up = true;
  again.world.setOnline(true);
  await again.world.pass(60_000);
  await until(() => backend.blocks.get(anna)?.has(ben) === true);
  expect(backend.inputs('person.block')).toEqual([{ userId: ben, on: true }]);
  expect(again.engine.blocks.value.has(ben)).toBe(true);
});

test('a block whose answer is lost is told again, and stays', async () => {
  const { backend, anna, ben } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  let lost = 0;
  backend.meddle = ({ op }) => (op === 'person.block' && lost++ === 0 ? 'lose' : undefined);
  engine.people.block(ben, true);
  await world.pass(30_000);
  await until(() => backend.count('person.block') === 2);
  await until(() => engine.connection.value === 'ready');
  expect(engine.blocks.value.has(ben)).toBe(true);
});

test('a block that is refused is taken back, and said', async () => {
  const { backend, anna, ben } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  backend.meddle = ({ op }) => (op === 'person.block' ? { code: 'conflict', reason: 'too_many_blocks' } : undefined);
  engine.people.block(ben, true);
  await world.pass(100);
  await until(() => engine.refused.value?.reason === 'too_many_blocks');
  expect(engine.blocks.value.has(ben)).toBe(false);
});

test('in groups, what somebody I block wrote is folded, also in quotes and the list, and does not call me', async () => {
  const { backend, anna, ben } = makeStage();
  const cid = backend.person(3);
  const group = backend.talk([anna, ben, cid], 'group', 'Choir');
  const first = backend.say(group, ben, 'hello @person1');
  backend.append(group, cid, { kind: 'message', body: { text: 'answer', replyTo: first.seq } });
  backend.append(group, cid, {
    kind: 'reaction',
    target: 2,
    body: {
      changes: [
        { userId: ben, emoji: '👍', on: true },
        { userId: cid, emoji: '👍', on: true },
        { userId: ben, emoji: '🔥', on: true },
      ],
    },
  });
  backend.append(group, ben, { kind: 'message', body: { text: '@person1 again', mentions: [anna] } });
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(group);
  await world.pass(0);
  await until(() => view.messages.value.length === 3);
  const look = () => view.messages.value.map(({ blocked, mentionsMe }) => ({ blocked, mentionsMe }));
  expect(look()[2]).toEqual({ blocked: false, mentionsMe: true });
  engine.people.block(ben, true);
  expect(look()).toEqual([
    { blocked: true, mentionsMe: false },
    { blocked: false, mentionsMe: false },
    { blocked: true, mentionsMe: false },
  ]);
  expect(view.messages.value[1]?.quote).toMatchObject({ blocked: true });
  expect(view.messages.value[1]?.reactions).toEqual([{ emoji: '👍', count: 1, mine: false }]);
  expect(engine.conversations.value.find((one) => one.title === 'Choir')?.last).toMatchObject({ blocked: true });
  expect(await view.nextMention()).toBeNull();
  engine.people.block(ben, false);
  expect(look()[0]?.blocked).toBe(false);
});

test('what was said directly before a block is not folded', async () => {
  const { backend, anna, ben, talk } = makeStage();
  backend.say(talk, ben, 'hello');
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  await until(() => view.messages.value.length > 0);
  engine.people.block(ben, true);
  expect(view.messages.value.every(({ blocked }) => !blocked)).toBe(true);
});

test('privacy is shown at once, known to my other devices, and taken back where it is refused', async () => {
  const { backend, anna } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const other = await openReady(backend, anna);
  expect(engine.privacy.value).toEqual({ lastSeen: 'everybody', readReceipts: true });
  const setting = engine.people.setPrivacy({ lastSeen: 'nobody' });
  expect(engine.privacy.value?.lastSeen).toBe('nobody');
  await world.pass(0);
  await setting;
  await until(() => other.engine.privacy.value?.lastSeen === 'nobody');
  backend.meddle = ({ op }) => (op === 'privacy.set' ? { code: 'too_many_requests', reason: 'throttled' } : undefined);
  const refused = engine.people.setPrivacy({ readReceipts: false });
  expect(engine.privacy.value?.readReceipts).toBe(false);
  await expect(refused).rejects.toThrow(AppError);
  expect(engine.privacy.value).toEqual({ lastSeen: 'nobody', readReceipts: true });
});

test('of two choices of privacy in quick succession the answer to the first does not take back the second', async () => {
  const { backend, anna } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const seen: unknown[] = [];
  const unsubscribe = engine.privacy.subscribe((privacy) => seen.push(privacy?.readReceipts));
  const first = engine.people.setPrivacy({ lastSeen: 'nobody' });
  const second = engine.people.setPrivacy({ readReceipts: false });
  await world.pass(0);
  await Promise.all([first, second]);
  unsubscribe();
  expect(engine.privacy.value).toEqual({ lastSeen: 'nobody', readReceipts: false });
  expect(seen.lastIndexOf(true)).toBeLessThan(seen.indexOf(false));
});
