import { randomUUID } from 'node:crypto';
import type { Log } from '../../ports/log.ts';
import { AppError, type WireError } from '../../protocol/errors.ts';
import { callTimeoutMs, type Handler, makeLocalCalls, within } from '../memory/local-calls.ts';
import type { Item } from './channels.ts';

type Request = readonly ['?', id: string, from: string, service: string, request: unknown];
type Reply = readonly [
  '!',
  id: string,
  to: string,
  answer: { readonly value: unknown } | { readonly error: WireError },
];

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
}

/** Requests between processes, over the bus. `claim` answers true to one process only, for each id. */
export function makeCalls(options: {
  readonly self: string;
  readonly say: (key: string, item: Item) => void;
  readonly claim: (id: string) => Promise<boolean>;
  readonly log: Log;
}) {
  const { self, say, claim, log } = options;
  const services = makeLocalCalls();
  const asked = new Map<string, Asked>();

  async function answer([, id, from, service, request]: Request): Promise<void> {
    if (!services.has(service) || !(await claim(id))) return;
    const reply = (answer: Reply[3]) => say(from, ['!', id, from, answer] satisfies Reply);
    try {
      reply({ value: (await services.answer(service, request)) ?? null });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'internal') log.error({ err: error.cause, service }, 'a service failed');
      reply({ error: error.toWire() });
    }
  }

  function settle([, id, to, answer]: Reply): void {
    const waiting = to === self ? asked.get(id) : undefined;
    if (waiting === undefined) return;
    if ('value' in answer) waiting.resolve(answer.value);
    else waiting.reject(errorOf(answer.error));
  }

  return {
    /** Whether the item was a call's. */
    hear(item: Item): boolean {
      if (item[0] === '!') settle(item as unknown as Reply);
      else if (item[0] === '?')
        void answer(item as unknown as Request).catch((err) => log.error({ err }, 'a call failed'));
      else return false;
      return true;
    },
    async call(service: string, request: unknown, timeoutMs = callTimeoutMs): Promise<unknown> {
      const id = randomUUID();
      const answered = new Promise<unknown>((resolve, reject) => asked.set(id, { resolve, reject }));
      say(service, ['?', id, self, service, request ?? null] satisfies Request);
      return await within(timeoutMs, answered).finally(() => asked.delete(id));
    },
    serve: (service: string, handler: Handler) => services.serve(service, handler),
    clear: services.clear,
  };
}

function errorOf({ code, reason, retryAfter, fields }: WireError): AppError {
  return new AppError(code, reason, {
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(fields === undefined ? {} : { fields }),
  });
}
