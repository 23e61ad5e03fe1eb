import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/web/engine/engine.ts';
import { makeEngine } from '../../src/web/engine/make-engine.ts';
import type { Wire, World } from '../../src/web/engine/world.ts';
import { textsOf } from './engine-stage.ts';
import { notesIn, until } from './engine-world.ts';

/** The server's side has Node's types, this side the browser's: what is used of it is named here. */
interface ServerSide {
  makeHome(settings: object): Promise<string>;
  serveInstance(home: string, options: object): Promise<{ readonly port: number; stop(): Promise<void> }>;
  removeHome(home: string): Promise<void>;
}
const serverSide = async (): Promise<ServerSide> => {
  const load = (path: string) => import(/* @vite-ignore */ new URL(path, import.meta.url).href);
  const [support, app, files] = await Promise.all([
    load('../support/instance.ts'),
    load('../../src/app/instance.ts'),
    import(/* @vite-ignore */ String('node:fs/promises')),
  ]);
  return {
    makeHome: support.makeHome,
    serveInstance: app.serveInstance,
    removeHome: (home) => files.rm(home, { recursive: true, force: true }),
  };
};

let side: ServerSide;
let home: string;
let server: { readonly port: number; stop(): Promise<void> };
let port = 0;

const serve = async () => {
  server = await side.serveInstance(home, { port, host: '127.0.0.1', writeLog: () => {} });
  port = server.port;
};

beforeAll(async () => {
  side = await serverSide();
  home = await side.makeHome({ registration: 'open' });
  await serve();
});
afterAll(async () => {
  await server.stop();
  await side.removeHome(home);
});

interface Browser {
  readonly world: World;
  readonly wake: () => void;
}

/** A browser with a network, real time, and a cookie jar of its own. */
function openBrowser(): Browser {
  const notes = new Map<string, string>();
  const wakers: (() => void)[] = [];
  const database = new IDBFactory();
  const address = () => `http://127.0.0.1:${port}`;
  let cookie = '';
  const world: World = {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    fraction: () => 0.2,
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    connect: (path) => new WebSocket(address().replace('http', 'ws') + path) as Wire,
    async fetch(path, init) {
      const headers = { ...(init.headers as object), origin: address(), ...(cookie ? { cookie } : {}) };
      const response = await fetch(address() + path, { ...init, headers });
      cookie = response.headers.getSetCookie().at(-1)?.split(';')[0] ?? cookie;
      return response;
    },
    indexedDB: database,
    notes: { ...notesIn(notes), lasting: true },
    tabNotes: notesIn(new Map()),
    passkeys: null,
    alone: (_name, run) => run(),
    secureContext: false,
    languages: ['en'],
    device: 'Test',
    online: () => true,
    visible: () => true,
    onWake: (listener) => void wakers.push(listener),
    onOffline: () => {},
    onHide: () => {},
    storage: async () => ({ bytes: null, persisted: false }),
    persist: () => {},
  };
  return {
    world,
    wake() {
      for (const waker of wakers) waker();
    },
  };
}

const ready = (engine: Engine) => until(() => engine.connection.value === 'ready', 'the connection');
const password = 'a horse without a battery';

test('two people talk over the real server: accepted, delivered, read, edited, removed, and over its restart', async () => {
  const [one, two] = [openBrowser(), openBrowser()];
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
  await serve();
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
