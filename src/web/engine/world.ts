import { picturesCache } from '../pictures-cache.ts';
import { browserPasskeys, type Passkeys } from './passkeys.ts';

/** What the engine needs from the browser, so that tests can put a hand-moved one in its place. */
export interface World {
  /** Milliseconds since 1970 by the device's clock, which may be wrong and may jump. */
  now(): number;
  /** Calls back once after `ms`; the answer cancels. */
  after(ms: number, run: () => void): () => void;
  /** 0 ≤ x < 1. */
  fraction(): number;
  /** From the browser's cryptographic source. */
  bytes(count: number): Uint8Array;
  connect(path: string): Wire;
  /** What zlib packed, as text. Null where this browser cannot do that. */
  readonly inflate: ((packed: ArrayBuffer) => Promise<string>) | null;
  fetch(path: string, init: RequestInit): Promise<Response>;
  /** Null where the browser keeps nothing. */
  readonly indexedDB: IDBFactory | null;
  /** Small settings that are read at once. Never throws; forgets where the browser keeps nothing. */
  readonly notes: {
    get(name: string): string | null;
    set(name: string, value: string | null): void;
    readonly lasting: boolean;
  };
  /** The same for as long as this tab is open. */
  readonly tabNotes: { get(name: string): string | null; set(name: string, value: string | null): void };
  /** Null where this browser has none, or may not use them at this address. */
  readonly passkeys: Passkeys | null;
  /** Runs alone among the tabs of this browser, where the browser can do that. */
  alone<T>(name: string, run: () => Promise<T>): Promise<T>;
  readonly secureContext: boolean;
  /** Drops the pictures that the service worker keeps. */
  forgetPictures(): void;
  readonly languages: readonly string[];
  /** What this browser is, for the list of devices: "Firefox on Android". */
  readonly device: string;
  online(): boolean;
  visible(): boolean;
  /** Called when the network is back or the page is shown again; never ends. */
  onWake(listener: () => void): void;
  /** Called when the network goes; never ends. */
  onOffline(listener: () => void): void;
  /** Called when the page is hidden or left, the last moment that is sure to come; never ends. */
  onHide(listener: () => void): void;
  storage(): Promise<{ readonly bytes: number | null; readonly persisted: boolean }>;
  /** Asks the browser not to evict what is stored, where that takes no question to the person. */
  persist(): void;
}

/** The part of a WebSocket that the engine uses. */
export interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export function browserWorld(): World {
  return {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    fraction: () => Math.random(),
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    connect(path) {
      const socket = new WebSocket(new URL(path, location.href.replace(/^http/, 'ws')));
      socket.binaryType = 'arraybuffer';
      return socket as Wire;
    },
    inflate: typeof DecompressionStream === 'undefined' ? null : inflate,
    fetch: (path, init) => fetch(path, init),
    indexedDB: attempt(() => indexedDB) ?? null,
    notes: browserNotes(() => localStorage),
    tabNotes: browserNotes(() => sessionStorage),
    passkeys: browserPasskeys(),
    alone,
    secureContext: isSecureContext,
    forgetPictures: () => {
      if ('caches' in globalThis) void caches.delete(picturesCache).catch(() => false);
    },
    languages: navigator.languages,
    device: deviceOf(navigator.userAgent),
    online: () => navigator.onLine,
    visible: () => document.visibilityState === 'visible',
    onWake(listener) {
      addEventListener('online', listener);
      addEventListener('pageshow', listener);
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'visible') listener();
      });
    },
    onOffline: (listener) => addEventListener('offline', listener),
    onHide(listener) {
      addEventListener('pagehide', listener);
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'hidden') listener();
      });
    },
    async storage() {
      const { storage } = navigator;
      if (!storage) return { bytes: null, persisted: false };
      const [estimate, persisted] = await Promise.all([storage.estimate(), storage.persisted()]);
      return { bytes: estimate.usage ?? null, persisted };
    },
    persist() {
      const isInstalled = matchMedia('(display-mode: standalone)').matches;
      if (isInstalled) navigator.storage?.persist().catch(() => {});
    },
  };
}

/** Deflated answers, as `connection.open` offers them. */
export function inflate(packed: ArrayBuffer): Promise<string> {
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'))).text();
}

/** A tab that the browser froze while it had its turn does not hold up the others for long. */
const turnMs = 5_000;

async function alone<T>(name: string, run: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return run();
  try {
    return await navigator.locks.request(name, { signal: AbortSignal.timeout(turnMs) }, run);
  } catch (error) {
    if (error instanceof DOMException) return run();
    throw error;
  }
}

/** Merely touching storage throws where the person has forbidden it. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function browserNotes(open: () => Storage): World['notes'] {
  const kept = attempt(() => {
    const storage = open();
    storage.setItem('messenger', '1');
    return storage;
  });
  const forgetful = new Map<string, string>();
  return {
    get: (name) => (kept ? (attempt(() => kept.getItem(`messenger.${name}`)) ?? null) : (forgetful.get(name) ?? null)),
    set(name, value) {
      if (value === null) {
        forgetful.delete(name);
        attempt(() => kept?.removeItem(`messenger.${name}`));
      } else {
        forgetful.set(name, value);
        attempt(() => kept?.setItem(`messenger.${name}`, value));
      }
    },
    lasting: kept !== undefined,
  };
}

function deviceOf(userAgent: string): string {
  const first = (pairs: readonly (readonly [RegExp, string])[]) => pairs.find(([mark]) => mark.test(userAgent))?.[1];
  const browser = first([
    [/Edg/, 'Edge'],
    [/OPR|Opera/, 'Opera'],
    [/SamsungBrowser/, 'Samsung Internet'],
    [/Firefox|FxiOS/, 'Firefox'],
    [/Chrome|CriOS/, 'Chrome'],
    [/Safari/, 'Safari'],
  ]);
  const system = first([
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/CrOS/, 'ChromeOS'],
    [/Mac OS/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return [browser ?? 'Browser', system].filter(Boolean).join(' on ');
}
