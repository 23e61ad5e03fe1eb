import { expect, test } from 'vitest';
import type { OpenConversation } from '../../src/web/engine/engine.ts';
import { makeStage, openPage, openReady, textsOf } from './engine-stage.ts';
import { until } from './engine-world.ts';

const seqsOf = (view: OpenConversation) => view.messages.value.map(({ seq }) => seq ?? 0);
const unbroken = (seqs: readonly number[]) => seqs.every((seq, i) => i === 0 || seq === (seqs[i - 1] ?? 0) + 1);

/** Anna and Ben with so many messages of his, all of them read. */
function stageWith(count: number) {
  const stage = makeStage();
  for (let i = 1; i <= count; i++) stage.backend.say(stage.talk, stage.ben, `${i}`);
  const row = stage.backend.of(stage.talk).members.get(stage.anna);
  if (row) Object.assign(row, { readSeq: count, deliveredSeq: count });
  return { ...stage, row: row as NonNullable<typeof row> };
}

test('a jump into a part of history that was never read shows it whole, and it goes on both ways up to the end', async () => {
  const { backend, anna, ben, talk } = stageWith(700);
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => view.atEnd.value);
  expect(await view.jumpTo(300)).toBe('there');
  expect(seqsOf(view)).toContain(300);
  for (let i = 0; i < 3; i++) await view.loadOlder();
  backend.say(talk, ben, 'meanwhile');
  while (!view.atEnd.value) await view.loadNewer();
  expect(unbroken(seqsOf(view))).toBe(true);
  expect(textsOf(view).at(-1)).toBe('meanwhile');
  backend.say(talk, ben, 'and live');
  await world.pass(10);
  expect(textsOf(view).at(-1)).toBe('and live');
});

test('pages that long messages keep small leave no gap, and the message that was jumped to is there', async () => {
  const { backend, anna, talk } = stageWith(600);
  backend.pageSize = 8;
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => view.atEnd.value);
  expect(await view.jumpTo(200)).toBe('there');
  expect(seqsOf(view)).toContain(199);
  while (!view.atEnd.value) {
    await view.loadNewer();
    expect(unbroken(seqsOf(view))).toBe(true);
  }
  while (view.hasOlder.value) await view.loadOlder();
  expect(textsOf(view)[0]).toBe('1');
});

test('a mention among long messages is found', async () => {
  const { backend, anna, ben, talk, row } = stageWith(10);
  backend.append(talk, ben, { kind: 'message', body: { text: '@person1', mentions: [anna] } });
  for (let i = 1; i <= 300; i++) backend.say(talk, ben, `${i}`);
  row.deliveredSeq = 311;
  backend.pageSize = 8;
  const { engine } = await openReady(backend, anna);
  expect(await engine.open(talk).nextMention()).toBe(11);
});

test('a jump says why there is nothing: removed for me, not mine to read, no such message', async () => {
  const { backend, anna, ben, talk, row } = stageWith(100);
  row.spans = [
    { from: 1, to: 40 },
    { from: 60, to: null },
  ];
  row.hidden = [80];
  backend.append(talk, ben, { kind: 'edit', body: { text: 'other' }, target: 90 });
  row.readSeq = 101;
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => view.atEnd.value);
  const before = seqsOf(view);
  expect(await view.jumpTo(50)).toBe('unreadable');
  expect(await view.jumpTo(80)).toBe('hidden');
  expect(seqsOf(view)).toEqual(before);
  expect(await view.jumpTo(500)).toBe('nowhere');
  expect(await view.jumpTo(101)).toBe('nowhere');
  expect(await view.jumpTo(30)).toBe('there');
});

test('a link to a message opened cold shows that message, also while the conversation is still being learnt', async () => {
  const { backend, anna, talk } = stageWith(500);
  const { engine, disk, world } = await openReady(backend, anna);
  engine.open(talk).close();
  await world.pass(100);
  for (let i = 501; i <= 2_000; i++) backend.say(talk, anna, `${i}`);
  backend.cut();

  const again = openPage(backend, { ...disk });
  await until(() => again.engine.phase.value === 'signed_in');
  const view = again.engine.open(talk);
  await until(() => view.item.value !== null);
  expect(await view.jumpTo(250)).toBe('there');
  await until(() => again.engine.connection.value === 'ready');
  await again.world.pass(100);
  expect(seqsOf(view)).toContain(250);
  expect(unbroken(seqsOf(view))).toBe(true);
});

test('who returns to a group that shows its past sees what was written before, without a gap', async () => {
  const { backend, anna, ben } = makeStage();
  const group = backend.talk([anna, ben], 'group', 'Club');
  for (let i = 1; i <= 60; i++) backend.say(group, ben, `${i}`);
  const row = backend.of(group).members.get(anna);
  if (!row) throw new Error('Anna is in it');
  row.spans = [{ from: 21, to: null }];
  row.readSeq = 60;
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(group);
  await until(() => textsOf(view).length > 0);
  while (view.hasOlder.value) await view.loadOlder();
  expect(textsOf(view)[0]).toBe('21');

  backend.append(group, ben, { kind: 'removed', body: { userId: anna } });
  Object.assign(row, { member: false, spans: [{ from: 21, to: 61 }] });
  await until(() => view.item.value?.conversation.mine.member === false);
  backend.mute = true;
  for (let i = 62; i <= 90; i++) backend.say(group, ben, `${i}`);
  backend.append(group, ben, { kind: 'joined', body: { userIds: [anna] } });
  Object.assign(row, { member: true, spans: [{ from: 1, to: null }], readSeq: 91 });
  backend.mute = false;
  backend.tellAll({ event: 'changed', body: {} } as never);
  await until(() => view.item.value?.conversation.mine.member === true);
  await world.pass(100);

  while (view.hasOlder.value) await view.loadOlder();
  expect(seqsOf(view)).toEqual(Array.from({ length: 91 }, (_, i) => i + 1));
  backend.say(group, ben, 'welcome back');
  await world.pass(10);
  expect(textsOf(view).at(-1)).toBe('welcome back');
});
