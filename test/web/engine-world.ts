import type { Wire, World } from '../../src/web/engine/world.ts';
import type { Backend, Disk } from './engine-backend.ts';

/** A browser whose clock, network and visibility the test moves by hand. */
export interface HandWorld extends World {
  /** Moves the clock, running what falls due in order and letting everything settle in between. */
  pass(ms: number): Promise<void>;
  setOnline(online: boolean): void;
  setVisible(visible: boolean): void;
  wake(): void;
  hide(): void;
  /** When timers that wait are due, from now, in ms. */
  waits(): number[];
}

/** Lets promises, and the stand-in for IndexedDB with its macrotasks, come to rest. */
export async function settle(turns = 12): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

export async function until(condition: () => boolean, what = 'what was waited for'): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Notes as the browser keeps them, in a map. */
export const notesIn = (kept: Map<string, string>): World['tabNotes'] => ({
  get: (name) => kept.get(name) ?? null,
  set: (name, value) => void (value === null ? kept.delete(name) : kept.set(name, value)),
});

let seed = 1;

export function handWorld(backend: Backend, disk: Disk, start = 1_700_000_000_000): HandWorld {
  let now = start;
  let online = true;
  let visible = true;
  let timers: { at: number; run: () => void }[] = [];
  const wakers: (() => void)[] = [];
  const offliners: (() => void)[] = [];
  const hiders: (() => void)[] = [];
  const forgetful = new Map<string, string>();
  const notes = disk.notes ?? forgetful;

  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    fraction: () => 0.5,
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let i = 0; i < count; i++) {
        seed = (seed * 48_271) % 2_147_483_647;
        bytes[i] = seed & 0xff;
      }
      return bytes;
    },
    connect: (): Wire => backend.connect(() => online),
    inflate: null,
    fetch: (path, init) => backend.fetch(path, init, disk, () => online),
    indexedDB: disk.indexedDB,
    notes: { ...notesIn(notes), lasting: disk.notes !== null },
    tabNotes: notesIn(new Map()),
    passkeys: null,
    alone: (_name, run) => run(),
    secureContext: false,
    forgetPictures: () => {},
    languages: ['en-GB'],
    device: 'Test on Node',
    online: () => online,
    visible: () => visible,
    onWake: (listener) => void wakers.push(listener),
    onOffline: (listener) => void offliners.push(listener),
    onHide: (listener) => void hiders.push(listener),
    storage: async () => ({ bytes: null, persisted: false }),
    persist: () => {},

    async pass(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((one) => one !== next);
        now = Math.max(now, next.at);
        next.run();
        await settle(4);
      }
      now = end;
      await settle();
    },
    setOnline(next) {
      online = next;
      for (const listener of next ? wakers : offliners) listener();
    },
    setVisible(next) {
      visible = next;
      for (const listener of next ? wakers : hiders) listener();
    },
    wake() {
      for (const listener of wakers) listener();
    },
    hide() {
      for (const listener of hiders) listener();
    },
    waits: () => timers.map(({ at }) => at - now).sort((a, b) => a - b),
  };
}
