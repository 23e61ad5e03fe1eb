import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import type { Engine } from '../../src/web/engine/engine.ts';
import { inflate, type Wire, type World } from '../../src/web/engine/world.ts';
import { notesIn, until } from './engine-world.ts';

/** The server's side has Node's types, this side the browser's: what is used of it is named here. */
interface ServerSide {
  makeHome(settings: object): Promise<string>;
  serveInstance(home: string, options: object): Promise<{ readonly port: number; stop(): Promise<void> }>;
  runCommand(home: string, args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string }>;
  removeHome(home: string): Promise<void>;
}

async function serverSide(): Promise<ServerSide> {
  const load = (path: string) => import(/* @vite-ignore */ new URL(path, import.meta.url).href);
  const [support, app, files] = await Promise.all([
    load('../support/instance.ts'),
    load('../../src/app/instance.ts'),
    import(/* @vite-ignore */ String('node:fs/promises')),
  ]);
  return {
    makeHome: support.makeHome,
    serveInstance: app.serveInstance,
    runCommand: support.runCommand,
    removeHome: (home) => files.rm(home, { recursive: true, force: true }),
  };
}

/** A real instance in this process. */
export interface Served {
  readonly port: () => number;
  stop(): Promise<void>;
  /** Again, on the same folder and port. */
  start(): Promise<void>;
  /** A command of the CLI on it. */
  command(...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

export async function serve(settings: object): Promise<Served> {
  const side = await serverSide();
  const home = await side.makeHome(settings);
  let server = await side.serveInstance(home, { port: 0, host: '127.0.0.1', writeLog: () => {} });
  const { port } = server;
  return {
    port: () => port,
    stop: () => server.stop(),
    async start() {
      server = await side.serveInstance(home, { port, host: '127.0.0.1', writeLog: () => {} });
    },
    async command(...args) {
      const { code, stdout } = await side.runCommand(home, args);
      if (code !== 0) throw new Error(`${args.join(' ')} failed: ${stdout}`);
      return stdout;
    },
    async remove() {
      await server.stop();
      await side.removeHome(home);
    },
  };
}

export interface Browser {
  readonly world: World;
  /** By name. */
  readonly cookies: Map<string, string>;
  readonly tab: Map<string, string>;
  readonly wake: () => void;
}

/** A browser with a network, real time, and a cookie jar of its own. */
export function openBrowser({ port }: Served): Browser {
  const tab = new Map<string, string>();
  const cookies = new Map<string, string>();
  const wakers: (() => void)[] = [];
  const address = () => `http://127.0.0.1:${port()}`;
  const world: World = {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    fraction: () => 0.2,
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    connect(path) {
      const socket = new WebSocket(address().replace('http', 'ws') + path);
      socket.binaryType = 'arraybuffer';
      return socket as Wire;
    },
    inflate,
    async fetch(path, init) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...(init.headers as object), origin: address(), ...(cookie === '' ? {} : { cookie }) };
      const response = await fetch(address() + path, { ...init, headers });
      for (const set of response.headers.getSetCookie()) keep(set);
      return response;
    },
    indexedDB: new IDBFactory(),
    notes: { ...notesIn(new Map()), lasting: true },
    tabNotes: notesIn(tab),
    passkeys: null,
    alone: (_name, run) => run(),
    secureContext: false,
    forgetPictures: () => {},
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

  function keep(set: string) {
    const [pair = ''] = set.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '' || /max-age=0/i.test(set)) cookies.delete(name);
    else cookies.set(name, value);
  }

  return {
    world,
    cookies,
    tab,
    wake() {
      for (const waker of wakers) waker();
    },
  };
}

export const ready = (engine: Engine) => until(() => engine.connection.value === 'ready', 'the connection');
export const signedOut = (engine: Engine) => until(() => engine.phase.value === 'signed_out', 'the way in');
