import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { MessageLog } from '../ports/message-log.ts';

const betweenReadsMs = 10_000;

/**
 * The instance's epoch at hand, without a promise. Restoring under a running server ends in another epoch within ten
 * seconds.
 */
export interface EpochWatch {
  present(): string;
  /** Rejects while the log is out of reach. */
  start(): Promise<void>;
  stop(): void;
}

export function makeEpochWatch(parts: {
  readonly messages: Pick<MessageLog, 'epoch'>;
  readonly clock: Clock;
  readonly log: Log;
}): EpochWatch {
  const { messages, clock, log } = parts;
  let epoch = '';
  let takeBack = () => {};
  let running = true;

  async function read(): Promise<void> {
    epoch = await messages.epoch();
    readLater();
  }

  function readLater(): void {
    if (!running) return;
    takeBack = clock.after(betweenReadsMs, () => {
      read().catch((error: unknown) => {
        log.warn({ err: error }, 'epoch not read');
        readLater();
      });
    });
  }

  return {
    present: () => epoch,
    start: read,
    stop() {
      running = false;
      takeBack();
    },
  };
}
