import { expect, test } from 'vitest';
import { pace } from '../../src/protocol/limits.ts';
import { makeBackoff } from '../../src/web/engine/backoff.ts';
import { makeHttp } from '../../src/web/engine/http.ts';
import { newClientId } from '../../src/web/engine/ids.ts';
import { makeAccessTokens } from '../../src/web/engine/tokens.ts';
import { makeStage, newDisk, openPage, openReady, statesOf, textsOf } from './engine-stage.ts';
import { handWorld, settle, until } from './engine-world.ts';

test('attempts wait a random part of a bound that doubles from half a second to thirty', () => {
  const bounds = makeBackoff(() => 1);
  const full = Array.from({ length: 9 }, () => bounds.next());
  expect(full).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  bounds.reset();
  expect(bounds.next()).toBe(500);
  expect(makeBackoff(() => 0).next()).toBe(0);
});

test('a server that is away is asked ever more rarely, and at once when the network or the person is back', async () => {
  const { backend, anna } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  backend.up = false;
  backend.cut();
  await world.pass(10 * 60_000);
  const asked = backend.asked.length + backend.dials;
  expect(engine.connection.value).toBe('connecting');
  expect(world.waits().some((ms) => ms > 0 && ms <= 30_000)).toBe(true);
  expect(backend.dials).toBeLessThan(60);

  backend.up = true;
  world.wake();
  await world.pass(0);
  expect(backend.asked.length + backend.dials).toBeGreaterThan(asked);
  await until(() => engine.connection.value === 'ready');
});

test('a restarting server is returned to within half a second', async () => {
  const { backend, anna } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  await world.pass(20_000);
  backend.cut(1012);
  await world.pass(500);
  await until(() => engine.connection.value === 'ready');
});

test('coming back to a page whose connection died unnoticed finds out within seconds', async () => {
  const { backend, anna } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  world.setVisible(false);
  backend.meddle = () => 'hang';
  await world.pass(10 * 60_000);
  const dials = backend.dials;
  backend.meddle = ({ op }) => (op === 'instance.about' ? 'hang' : undefined);
  world.setVisible(true);
  await world.pass(6_000);
  expect(backend.dials).toBe(dials + 1);
  await until(() => engine.connection.value === 'ready');
});

test('coming back to a page whose connection lives costs one small request', async () => {
  const { backend, anna } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  world.setVisible(false);
  await world.pass(60_000);
  const before = backend.asked.length;
  world.setVisible(true);
  await world.pass(1_000);
  expect(backend.asked.slice(before).map(({ op }) => op)).toEqual(['instance.about']);
  expect(engine.connection.value).toBe('ready');
});

test('a visible page notices a dead connection by itself', async () => {
  const { backend, anna } = makeStage();
  const { world } = await openReady(backend, anna);
  const dials = backend.dials;
  backend.meddle = ({ op }) => (op === 'instance.about' ? 'hang' : undefined);
  await world.pass(pace.heartbeat + 35_000);
  expect(backend.dials).toBeGreaterThan(dials);
});

test('an access token that the server refuses is refreshed', async () => {
  const { backend, anna } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const refreshes = backend.refreshes;
  let refusals = 1;
  backend.meddle = ({ op }) =>
    op === 'connection.open' && refusals-- > 0 ? { code: 'unauthenticated', reason: 'expired' } : undefined;
  backend.cut();
  await world.pass(3_000);
  await until(() => engine.connection.value === 'ready');
  expect(backend.refreshes).toBe(refreshes + 1);
});

test('however many ask for a token at once, it is refreshed once; a minute before its end again', async () => {
  const { backend, anna } = makeStage();
  const world = handWorld(backend, newDisk(backend, anna));
  const http = makeHttp(world, () => null);
  const tokens = makeAccessTokens(world, http, () => {});
  const all = await Promise.all(Array.from({ length: 10 }, () => tokens.get()));
  expect(new Set(all).size).toBe(1);
  expect(backend.refreshes).toBe(1);
  await world.pass(8 * 60_000);
  await tokens.get();
  expect(backend.refreshes).toBe(1);
  await world.pass(90_000);
  await Promise.all([tokens.get(), tokens.get()]);
  expect(backend.refreshes).toBe(2);
});

test('a refresh that fails for want of a network is tried again by the next who asks', async () => {
  const { backend, anna } = makeStage();
  const world = handWorld(backend, newDisk(backend, anna));
  const tokens = makeAccessTokens(
    world,
    makeHttp(world, () => null),
    () => {},
  );
  world.setOnline(false);
  await expect(tokens.get()).rejects.toMatchObject({ code: 'unavailable' });
  world.setOnline(true);
  await expect(tokens.get()).resolves.toMatch(/^session/);
});

test('a session closed elsewhere signs this device out and leaves nothing of the person on it', async () => {
  const { backend, anna, ben, talk } = makeStage();
  backend.say(talk, ben, 'private');
  const { engine, world, disk } = await openReady(backend, anna);
  await world.pass(1_000);
  backend.sessions.clear();
  backend.cut(4001);
  await until(() => engine.phase.value === 'signed_out');
  expect(engine.signedOutBecause.value).toBe('session_closed');
  await world.pass(1_000);
  expect(JSON.stringify(await contents(disk.indexedDB))).not.toMatch(/private|Anna|Ben/);
});

test('signing out closes the session and forgets everything but this device’s preferences', async () => {
  const { backend, anna, ben, talk } = makeStage();
  backend.say(talk, ben, 'private');
  const { engine, world, disk } = await openReady(backend, anna);
  engine.preferences.setTheme('dark');
  const view = engine.open(talk);
  view.setDraft('secret draft');
  await world.pass(1_000);
  await engine.auth.signOut();
  expect(engine.phase.value).toBe('signed_out');
  expect(engine.signedOutBecause.value).toBeNull();
  expect(backend.sessions.size).toBe(0);
  expect(engine.conversations.value).toEqual([]);
  expect(JSON.stringify(await contents(disk.indexedDB))).not.toMatch(/private|secret|Anna|Ben/);

  const again = openPage(backend, disk);
  await until(() => again.engine.phase.value === 'signed_out');
  expect(again.engine.preferences.theme.value).toBe('dark');
  expect(again.engine.me.value).toBeNull();
});

test('who signs out without a network is signed out, and the session is closed with the next connection', async () => {
  const { backend, anna } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  world.setOnline(false);
  backend.cut();
  await world.pass(11 * 60_000);
  await engine.auth.signOut();
  expect(engine.phase.value).toBe('signed_out');
  expect(backend.sessions.size).toBe(1);

  const again = openPage(backend, disk);
  await until(() => backend.sessions.size === 0);
  await again.world.pass(1_000);
  expect(again.engine.phase.value).toBe('signed_out');
});

test('somebody else who signs in on this device sees nothing of the person before', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const carl = backend.person(3, 'Carl');
  const group = backend.talk([carl, ben], 'group', 'Other');
  backend.say(talk, ben, 'for Anna');
  backend.say(group, ben, 'for Carl');
  const { engine, world } = await openReady(backend, anna);
  await engine.auth.signOut();
  await engine.auth.signIn({ name: 'person3', password: 'long enough' });
  await world.pass(100);
  await until(() => engine.connection.value === 'ready');
  expect(engine.conversations.value.map(({ title }) => title)).toEqual(['Other']);
  expect(engine.me.value?.displayName).toBe('Carl');
});

test('a browser that keeps nothing chats all the same, and stays signed in over a reload', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const disk = { ...newDisk(backend, anna), indexedDB: null, notes: null };
  const { engine, world } = await openReady(backend, anna, disk);
  expect(engine.missing.value).toEqual({ secureContext: true, storage: true, told: false });
  const view = engine.open(talk);
  backend.say(talk, ben, 'Hello');
  await until(() => textsOf(view).length === 1);
  view.send('Hi');
  await until(() => statesOf(view)[1] === 'sent');
  await world.pass(1_000);
  const again = await openReady(backend, anna, disk);
  const reopened = again.engine.open(talk);
  await until(() => textsOf(reopened).length === 2);
});

test('a visitor who never signed in here costs no refused request', async () => {
  const { backend, anna } = makeStage();
  const disk = { ...newDisk(backend, anna), notes: new Map(), cookie: null };
  const { engine } = openPage(backend, disk);
  await until(() => engine.phase.value === 'signed_out');
  await settle();
  expect(backend.count('auth.refresh')).toBe(0);
  expect(engine.about.value?.name).toBe('Home');
});

test('a store that breaks is done without, and nothing that is shown is lost', async () => {
  const { backend, anna, ben, talk } = makeStage();
  backend.say(talk, ben, 'one');
  const { engine, world, disk } = await openReady(backend, anna);
  await world.pass(1_000);
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 1);
  const open = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  try {
    backend.say(talk, ben, 'two');
    await world.pass(1_000);
    expect(engine.missing.value.storage).toBe(true);
    await until(() => textsOf(view).length === 2);
    view.send('three');
    await until(() => statesOf(view)[2] === 'sent');
    expect(textsOf(view)).toEqual(['one', 'two', 'three']);
  } finally {
    IDBDatabase.prototype.transaction = open;
  }
  expect(disk.indexedDB).not.toBeNull();
});

test('clientIds are UUIDv7 in the order of their time', () => {
  const world = { now: () => 1_700_000_000_000, bytes: (count: number) => new Uint8Array(count).fill(0xff) };
  expect(newClientId(world)).toBe('018bcfe5-6800-7fff-bfff-ffffffffffff');
  expect(newClientId({ ...world, now: () => world.now() + 1 }) > newClientId(world)).toBe(true);
});

async function contents(factory: IDBFactory | null): Promise<unknown[]> {
  if (!factory) return [];
  const answered = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await answered(factory.open('messenger'));
  const names = [...database.objectStoreNames];
  const transaction = database.transaction(names, 'readonly');
  const all = await Promise.all(names.map((name) => answered(transaction.objectStore(name).getAll())));
  database.close();
  return all;
}
