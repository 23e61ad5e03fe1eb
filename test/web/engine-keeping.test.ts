import { expect, test } from 'vitest';
import { plainSettings } from '../../src/protocol/models.ts';
import { makeStage, openPage, openReady } from './engine-stage.ts';
import { until } from './engine-world.ts';

test('a draft follows to another device, at most one request in two seconds, and is over when it is sent', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const other = await openReady(backend, anna);
  const [here, there] = [engine.open(talk), other.engine.open(talk)];
  await world.pass(0);
  for (const text of ['H', 'He', 'Hel', 'Hello']) {
    here.setDraft(text);
    await world.pass(400);
  }
  await world.pass(1_000);
  expect(backend.count('draft.set')).toBe(1);
  await until(() => there.draft.value === 'Hello');
  here.setDraft('Hello Ben');
  await world.pass(2_000);
  await until(() => there.draft.value === 'Hello Ben');
  expect(backend.count('draft.set')).toBe(2);
  here.send('Hello Ben');
  await world.pass(3_000);
  await until(() => there.draft.value === '');
  expect(backend.row(talk, anna).draft).toBeNull();
});

test('leaving a conversation tells its draft at once; one that was never told needs no request when it is sent', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  view.setDraft('quick');
  view.send('quick');
  await world.pass(5_000);
  expect(backend.count('draft.set')).toBe(0);
  view.setDraft('left behind');
  view.close();
  await world.pass(0);
  expect(backend.row(talk, anna).draft?.text).toBe('left behind');
});

test('what is being typed is not overwritten from elsewhere, and the later one wins', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const other = await openReady(backend, anna);
  const [here, there] = [engine.open(talk), other.engine.open(talk)];
  await world.pass(0);
  there.setDraft('from the phone');
  here.setDraft('being ty');
  await other.world.pass(2_500);
  await world.pass(100);
  expect(here.draft.value).toBe('being ty');
  here.setDraft('being typed');
  await world.pass(2_500);
  await other.world.pass(10_000);
  expect([here.draft.value, there.draft.value]).toEqual(['being typed', 'being typed']);
});

test('a draft written offline survives closing the page and is told on return, unless a later one is there', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  backend.up = false;
  backend.cut();
  await world.pass(10);
  engine.open(talk).setDraft('on the train');
  await world.pass(1_000);
  backend.up = true;
  const again = openPage(backend, disk);
  await until(() => again.engine.connection.value === 'ready');
  expect(again.engine.open(talk).draft.value).toBe('on the train');
  await again.world.pass(3_000);
  expect(backend.row(talk, anna).draft?.text).toBe('on the train');

  again.world.setOnline(false);
  backend.cut();
  again.engine.open(talk).setDraft('older');
  await again.world.pass(10_000);
  backend.row(talk, anna).draft = { text: 'later', replyTo: null, at: again.world.now() + 1_000 };
  again.world.setOnline(true);
  await again.world.pass(10_000);
  expect(again.engine.open(talk).draft.value).toBe('later');
  expect(backend.row(talk, anna).draft?.text).toBe('later');
});

test('a draft keeps what it answers', async () => {
  const { backend, anna, ben, talk } = makeStage();
  backend.say(talk, ben, 'Question');
  const { engine, world } = await openReady(backend, anna);
  const other = await openReady(backend, anna);
  const [here, there] = [engine.open(talk), other.engine.open(talk)];
  await until(() => here.messages.value.length === 1 && there.messages.value.length === 1);
  here.reply(1);
  here.setDraft('Ans');
  await world.pass(2_000);
  await until(() => there.replyingTo.value?.text === 'Question');
  expect(there.draft.value).toBe('Ans');
});

test('how a conversation is kept shows at once, also offline, and on the other device', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const notes = backend.talk([anna]);
  backend.say(notes, anna, 'a note');
  backend.say(talk, ben, 'newer');
  const { engine, world } = await openReady(backend, anna);
  const other = await openReady(backend, anna);
  const order = (of: typeof engine) => of.conversations.value.map(({ conversation }) => conversation.conversationId);
  expect(order(engine)).toEqual([talk, notes]);
  engine.keeping.set(notes, { pinned: true });
  expect(order(engine)).toEqual([notes, talk]);
  await until(() => order(other.engine)[0] === notes);
  backend.up = false;
  backend.cut();
  await world.pass(10);
  engine.keeping.set(notes, { pinned: false });
  engine.keeping.set(talk, { archived: true, mutedUntil: 10 });
  expect(order(engine)).toEqual([talk, notes]);
  expect(engine.conversations.value[0]?.conversation.mine).toMatchObject({ archived: true, mutedUntil: 10 });
  backend.up = true;
  world.wake();
  await world.pass(5_000);
  expect(backend.row(talk, anna).keeping).toMatchObject({ archived: true, mutedUntil: 10 });
  expect(backend.row(notes, anna).keeping.pinned).toBe(false);
});

test('how it is kept is undone where the server refuses', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  backend.meddle = ({ op }) =>
    op === 'conversation.setMine' ? { code: 'forbidden', reason: 'not_a_member' } : undefined;
  engine.keeping.set(talk, { pinned: true });
  expect(view.item.value?.conversation.mine.pinned).toBe(true);
  await until(() => view.item.value?.conversation.mine.pinned === false);
  expect(engine.refused.value?.code).toBe('forbidden');
});

test('the badge of the app leaves out what is muted or archived, but not mentions; a mark by hand counts as one', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const club = backend.talk([anna, ben], 'group', 'Club');
  const { engine, world } = await openReady(backend, anna);
  backend.say(talk, ben, 'one');
  backend.say(club, ben, 'two');
  backend.append(club, ben, { kind: 'message', body: { text: '@person1', mentions: [anna] } });
  await until(() => engine.unreadTotal.value === 3);
  engine.keeping.set(club, { mutedUntil: world.now() + 3_600_000 });
  expect(engine.unreadTotal.value).toBe(2);
  engine.keeping.markRead(talk);
  await until(() => engine.unreadTotal.value === 1);
  engine.keeping.set(talk, { markedUnread: true });
  expect(engine.unreadTotal.value).toBe(2);
  engine.open(talk);
  await until(() => engine.unreadTotal.value === 1);
  await until(() => !backend.row(talk, anna).keeping.markedUnread);
});

test('pins and settings follow the log, the last pinned first', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (const text of ['one', 'two', 'three']) backend.say(talk, ben, text);
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  const pinned = () => view.pinned.value.map(({ text }) => text);
  backend.append(talk, ben, { kind: 'pin', body: { on: true }, target: 1 });
  backend.append(talk, ben, { kind: 'pin', body: { on: true }, target: 3 });
  await until(() => pinned().join() === 'three,one');
  backend.append(talk, ben, { kind: 'edit', body: { text: 'uno' }, target: 1 });
  await until(() => pinned().join() === 'three,uno');
  backend.append(talk, ben, { kind: 'pin', body: { on: false }, target: 3 });
  await until(() => pinned().join() === 'uno');
  backend.append(talk, ben, { kind: 'removal', body: {}, target: 1 });
  await until(() => pinned().length === 0);
  const settings = { ...plainSettings, description: 'About us', posting: 'admins' } as const;
  backend.append(talk, ben, { kind: 'settings', body: settings });
  await until(() => view.item.value?.conversation.settings.posting === 'admins');
  expect(view.item.value?.conversation.settings).toEqual(settings);
});
