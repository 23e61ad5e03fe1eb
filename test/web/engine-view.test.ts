import { expect, test } from 'vitest';
import { makeStage, openPage, openReady, textsOf } from './engine-stage.ts';
import { until } from './engine-world.ts';

const unbroken = (seqs: readonly (number | null)[]) =>
  seqs.every((seq, i) => i === 0 || seq === (seqs[i - 1] ?? 0) + 1);

test('scrolling through a long conversation keeps an unbroken, bounded piece of it in memory', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 1; i <= 3_000; i++) backend.say(talk, ben, `${i}`);
  const row = backend.of(talk).members.get(anna);
  if (row) row.readSeq = 3_000;
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => textsOf(view).length > 0);
  expect(textsOf(view).at(-1)).toBe('3000');
  expect(view.atEnd.value).toBe(true);

  let most = 0;
  const check = () => {
    const seqs = view.messages.value.map(({ seq }) => seq);
    most = Math.max(most, seqs.length);
    expect(unbroken(seqs)).toBe(true);
  };
  while (view.hasOlder.value) {
    await view.loadOlder();
    check();
  }
  expect(textsOf(view)[0]).toBe('1');
  expect(view.atEnd.value).toBe(false);
  const asked = backend.count('conversation.history');
  while (!view.atEnd.value) {
    await view.loadNewer();
    check();
  }
  expect(textsOf(view).at(-1)).toBe('3000');
  expect(most).toBeLessThanOrEqual(650);
  expect(backend.count('conversation.history')).toBe(asked);
});

test('a conversation opens where reading stopped, and goes on to the end', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 1; i <= 400; i++) backend.say(talk, ben, `${i}`);
  const row = backend.of(talk).members.get(anna);
  if (row) Object.assign(row, { readSeq: 150, deliveredSeq: 400 });
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => textsOf(view).length > 0 && view.loading.value === null);
  expect(view.unreadFrom.value).toBe(151);
  expect(textsOf(view)).toContain('151');
  expect(textsOf(view)).toContain('150');
  expect(view.atEnd.value).toBe(false);
  while (!view.atEnd.value) await view.loadNewer();
  expect(textsOf(view).at(-1)).toBe('400');
  expect(unbroken(view.messages.value.map(({ seq }) => seq))).toBe(true);
});

test('jumping shows the place and the end again, and new messages join only at the end', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 1; i <= 1_000; i++) backend.say(talk, ben, `${i}`);
  const row = backend.of(talk).members.get(anna);
  if (row) row.readSeq = 1_000;
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => textsOf(view).length > 0);
  await view.jumpTo(200);
  expect(textsOf(view)).toContain('200');
  expect(view.hasOlder.value).toBe(true);
  backend.say(talk, ben, 'news');
  await world.pass(100);
  expect(textsOf(view)).not.toContain('news');
  view.send('from up here');
  await world.pass(100);
  expect(backend.texts(talk).at(-1)).toBe('from up here');
  await view.jumpTo('end');
  expect(textsOf(view).slice(-2)).toEqual(['news', 'from up here']);
});

test('changes reach messages wherever they are: in the window, in the store, and on the way', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 1; i <= 300; i++) backend.say(talk, ben, `${i}`);
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await view.jumpTo(10);
  await view.jumpTo('end');
  backend.append(talk, ben, { kind: 'edit', body: { text: 'ten' }, target: 10 });
  await world.pass(100);

  let release = () => {};
  backend.hold = new Promise((resolve) => {
    release = resolve;
  });
  const loading = view.loadOlder();
  await until(() => backend.asked.at(-1)?.op === 'conversation.history');
  const before = backend.asked.at(-1)?.input.before as number;
  backend.append(talk, ben, { kind: 'edit', body: { text: 'changed on the way' }, target: before - 1 });
  await world.pass(10);
  backend.hold = null;
  release();
  await loading;
  expect(textsOf(view)).toContain('changed on the way');
  await view.jumpTo(10);
  expect(textsOf(view)).toContain('ten');
});

test('closing and opening again at once, as when a screen is replaced, keeps the same living object', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  const again = engine.open(talk);
  view.close();
  expect(again).toBe(view);
  backend.say(talk, ben, 'still here');
  await until(() => textsOf(again).length === 1);
  for (let i = 0; i < 10; i++) engine.open(backend.talk([anna, ben], 'group', `${i}`)).close();
  await world.pass(100);
});

test('a conversation whose page is opened before anything is known of it appears when it is', async () => {
  const { backend, anna, ben, talk } = makeStage();
  backend.say(talk, ben, 'Hello');
  const { engine } = openPage(backend, { indexedDB: null, notes: null, cookie: backend.cookie(anna) });
  const view = engine.open(talk);
  expect(view.item.value).toBeNull();
  await until(() => textsOf(view).length === 1);
});

test('loading waits for the network and goes on when it is back', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 1; i <= 200; i++) backend.say(talk, ben, `${i}`);
  const row = backend.of(talk).members.get(anna);
  if (row) row.readSeq = 200;
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => textsOf(view).length > 0);
  const shown = textsOf(view).length;
  world.setOnline(false);
  backend.cut();
  await world.pass(100);
  const loading = view.loadOlder();
  await world.pass(10_000);
  expect(view.loading.value).toBe('older');
  expect(textsOf(view)).toHaveLength(shown);
  world.setOnline(true);
  await world.pass(1_000);
  await loading;
  expect(textsOf(view).length).toBeGreaterThan(shown);
});

test('an empty conversation is no spinner', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => view.loading.value === null);
  expect(view.atEnd.value).toBe(true);
  expect(view.hasOlder.value).toBe(false);
});

test('a direct conversation nobody wrote in is listed only where it was opened', async () => {
  const { backend, anna, ben } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  expect(engine.conversations.value).toEqual([]);
  const id = await engine.groups.openDirect(ben);
  await world.pass(10);
  expect(engine.conversations.value.map(({ conversation }) => conversation.conversationId)).toEqual([id]);
});
