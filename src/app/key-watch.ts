import { stat } from 'node:fs/promises';
import type { Home } from '../config/home.ts';
import type { Secrets } from '../config/schema.ts';
import { loadSecrets } from '../config/secrets.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** A new key signs a minute after it was written: by then it was looked for several times. */
const betweenLooksMs = 15_000;

/** Notices that the file of secrets changed, so that a running server takes new signing keys by itself. */
export interface KeyWatch {
  /** Resolves when it has looked once. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What cannot be read leaves the keys as they are, and is tried again. */
export function makeKeyWatch({
  home,
  clock,
  log,
  useKeys,
  onChanged,
}: {
  readonly home: Home;
  readonly clock: Clock;
  readonly log: Log;
  readonly useKeys: (keys: Secrets['signingKeys']) => void;
  /** Called when other keys are used than before. */
  readonly onChanged: (kids: readonly string[]) => void;
}): KeyWatch {
  let seen: string | null = null;
  let used: string | null = null;
  let failing = false;
  let running = false;
  let looking: Promise<void> = Promise.resolve();
  let takeBack = () => {};

  async function look(): Promise<void> {
    const mark = await markOf(home.secrets);
    if (mark === seen) return;
    const { signingKeys } = await loadSecrets(home.folder);
    useKeys(signingKeys);
    seen = mark;
    const kids = signingKeys.map(({ kid }) => kid);
    if (used !== null && used !== kids.join()) onChanged(kids);
    used = kids.join();
  }

  function lookAgain(): Promise<void> {
    looking = look()
      .then(
        () => {
          failing = false;
        },
        (error: unknown) => {
          if (!failing) log.error({ err: error }, 'signing keys not read');
          failing = true;
        },
      )
      .then(() => {
        if (running) takeBack = clock.after(betweenLooksMs, () => void lookAgain());
      });
    return looking;
  }

  return {
    start() {
      running = true;
      return lookAgain();
    },
    async stop() {
      running = false;
      takeBack();
      await looking;
    },
  };
}

/** Another one after every change: a file is replaced as a whole. */
async function markOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs} ${size} ${ino}`;
}
