import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeEngine } from '../../src/web/engine/make-engine.ts';
import { pictureFiles } from '../support/picture-files.ts';
import { textsOf } from './engine-stage.ts';
import { until } from './engine-world.ts';
import { openBrowser, ready, type Served, serve } from './served.ts';

let server: Served;
beforeAll(async () => {
  server = await serve({ registration: 'open' });
});
afterAll(() => server?.remove());

const password = 'a horse without a battery';

test('two people talk over the real server: accepted, delivered, read, edited, removed, and over its restart', async () => {
  const [one, two] = [openBrowser(server), openBrowser(server)];
  const anna = makeEngine(one.world);
  const ben = makeEngine(two.world);
  await until(() => anna.phase.value === 'signed_out' && ben.phase.value === 'signed_out');
  await anna.auth.register({ name: 'anna', displayName: 'Anna', password });
  await ben.auth.register({ name: 'ben', displayName: 'Ben', password });
  await Promise.all([ready(anna), ready(ben)]);

  const [found] = await anna.people.find('ben');
  if (!found) throw new Error('nobody found');
  const talk = await anna.groups.openDirect(found.userId);
  const annas = anna.open(talk);
  anna.show({ userIds: [found.userId], conversationId: talk });
  annas.send('Hello 👋 שלום');
  await until(() => ben.conversations.value[0]?.last?.text === 'Hello 👋 שלום');
  expect(ben.conversations.value[0]).toMatchObject({ title: 'Anna', unread: 1 });
  await until(() => annas.messages.value[0]?.state === 'delivered');

  const bens = ben.open(talk);
  await until(() => textsOf(bens).length === 1);
  bens.markRead(1);
  await until(() => annas.messages.value[0]?.state === 'read');
  bens.setDraft('I am');
  await until(() => annas.typing.value.length === 1);
  await until(() => anna.presence(found.userId).value?.online === true);

  const texts = Array.from({ length: 40 }, (_, i) => `message ${i}`);
  for (const text of texts) bens.send(text);
  await until(() => textsOf(annas).length === 41);
  expect(textsOf(annas)).toEqual(['Hello 👋 שלום', ...texts]);
  annas.edit(1, 'Hello');
  bens.remove(2);
  await until(() => textsOf(bens)[0] === 'Hello' && annas.messages.value[1]?.removed === true);

  await server.stop();
  await until(() => anna.connection.value !== 'ready' && ben.connection.value !== 'ready');
  annas.send('written meanwhile');
  annas.send('and this');
  expect(annas.messages.value.at(-1)?.state).toBe('waiting');
  await server.start();
  one.wake();
  two.wake();
  await until(() => textsOf(bens).at(-1) === 'and this');
  expect(textsOf(bens).slice(-2)).toEqual(['written meanwhile', 'and this']);
  await Promise.all([ready(anna), ready(ben)]);

  const reloaded = makeEngine(two.world);
  await ready(reloaded);
  const shown = (of: typeof bens) =>
    of.messages.value.map(({ seq, text, edited, removed }) => [seq, text, edited, removed]);
  const again = reloaded.open(talk);
  await until(() => textsOf(again).length > 0 && again.loading.value === null);
  while (again.hasOlder.value) await again.loadOlder();
  expect(shown(again)).toEqual(shown(bens));

  await reloaded.auth.signOut();
  await until(() => ben.phase.value === 'signed_out', 'the other page’s end');
  expect(ben.signedOutBecause.value).toBe('session_closed');
  await anna.auth.signOut();
});

test('pictures of people and groups reach others, and go when they are taken away', async () => {
  const [one, two] = [openBrowser(server), openBrowser(server)];
  const carla = makeEngine(one.world);
  const dora = makeEngine(two.world);
  await until(() => carla.phase.value === 'signed_out' && dora.phase.value === 'signed_out');
  await carla.auth.register({ name: 'carla', displayName: 'Carla', password });
  await dora.auth.register({ name: 'dora', displayName: 'Dora', password });
  await Promise.all([ready(carla), ready(dora)]);
  const [found] = await carla.people.find('dora');
  if (!found) throw new Error('nobody found');
  const group = await carla.groups.create({ title: 'Choir', userIds: [found.userId] });
  const doras = dora.open(group);
  await until(() => doras.item.value !== null);

  await carla.pictures.setMine(pictureFiles.jpeg);
  const hash = carla.me.value?.avatar;
  const carlasId = carla.me.value?.userId;
  if (hash === undefined || carlasId === undefined) throw new Error('no picture');
  await until(() => dora.profile(carlasId).value?.avatar === hash);
  const answer = await two.world.fetch(`/avatars/${hash}`, {});
  expect(Buffer.from(await answer.arrayBuffer()).toString('base64')).toBe(pictureFiles.jpeg);
  await carla.auth.rename('Carla C.');
  expect(carla.profile(carlasId).value?.avatar).toBe(hash);

  await carla.pictures.setOf(group, pictureFiles.png);
  await until(() => typeof doras.item.value?.conversation.settings.avatar === 'string');
  await carla.pictures.setOf(group, null);
  await until(() => doras.item.value?.conversation.settings.avatar === null);
  await carla.pictures.setMine(null);
  await until(() => dora.profile(carlasId).value?.avatar === undefined);
  await expect(carla.pictures.setMine('aGVsbG8=')).rejects.toMatchObject({ reason: 'not_a_picture' });
});
