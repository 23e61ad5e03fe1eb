import { expect, test } from 'vitest';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Backend } from './engine-backend.ts';
import { makeStage, openPage, openReady, textsOf } from './engine-stage.ts';
import { type HandWorld, until } from './engine-world.ts';

const minute = 60_000;

function sayFor(ms: number, { backend, world }: { backend: Backend; world: HandWorld }) {
  return (talk: ConversationId, sender: UserId, text: string) =>
    backend.append(talk, sender, { kind: 'message', body: { text }, expiresAt: world.now() + ms });
}

test('what disappears goes from the screen, from quotes and from the list at its time, asking nobody', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  backend.say(talk, ben, 'stays');
  sayFor(minute, { backend, world })(talk, ben, 'goes');
  backend.append(talk, ben, { kind: 'message', body: { text: 'answers', replyTo: 2 } });
  await until(() => textsOf(view).length === 3);
  expect(view.messages.value[2]?.quote).toMatchObject({ is: 'there', text: 'goes' });
  expect(view.messages.value.map(({ message }) => message?.expiresAt !== undefined)).toEqual([false, true, false]);
  await world.pass(minute - 1_000);
  expect(textsOf(view)).toEqual(['stays', 'goes', 'answers']);
  const asked = backend.asked.length;
  await world.pass(1_000);
  expect(textsOf(view)).toEqual(['stays', 'answers']);
  expect(view.messages.value[1]?.quote).toMatchObject({ is: 'removed', text: '' });
  expect(backend.asked.length).toBe(asked);
});

test('the list shows what stands beneath, and counts only what is there', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const one = () => engine.conversations.value[0];
  const reading = engine.open(talk);
  await until(() => reading.atEnd.value);
  reading.close();
  backend.say(talk, ben, 'stays');
  sayFor(minute, { backend, world })(talk, ben, 'goes');
  await until(() => one()?.last?.text === 'goes');
  expect(one()?.unread).toBe(2);
  await world.pass(minute);
  await until(() => one()?.last?.text === 'stays' && one()?.unread === 1);
});

test('nothing of it is left on the device, also where the page was closed meanwhile', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  const view = engine.open(talk);
  backend.say(talk, ben, 'stays');
  sayFor(minute, { backend, world })(talk, ben, 'goes');
  await until(() => textsOf(view).length === 2);
  await world.pass(1_000);
  backend.up = false;
  backend.cut();
  const later = openPage(backend, disk);
  await until(() => later.engine.conversations.value.length === 1);
  const again = later.engine.open(talk);
  await until(() => textsOf(again).length === 2);
  await later.world.pass(2 * minute);
  expect(textsOf(again)).toEqual(['stays']);
  await later.world.pass(1_000);
  const last = openPage(backend, disk);
  await until(() => last.engine.conversations.value.length === 1);
  const third = last.engine.open(talk);
  await until(() => textsOf(third).length > 0);
  await last.world.pass(1_000);
  expect(textsOf(third).filter((text) => text === 'goes')).toEqual([]);
});

test('what is older than it is kept goes with the state that says so', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 1; i <= 80; i++) backend.say(talk, ben, `${i}`);
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => textsOf(view).length > 20);
  while (view.hasOlder.value) await view.loadOlder();
  expect(textsOf(view)[0]).toBe('1');
  backend.firstSeqs.set(talk, 71);
  backend.changed(anna);
  await until(() => textsOf(view)[0] === '71');
  await world.pass(1_000);
  expect(view.hasOlder.value).toBe(false);
  expect(textsOf(view)).toHaveLength(10);
  expect(await view.jumpTo(5)).toBe('unreadable');
  backend.say(talk, ben, 'new');
  await until(() => textsOf(view).at(-1) === 'new');
});
