import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { makeLog } from '../../src/adapters/system/log.ts';
import type { Handlers, Person, Receiver } from '../../src/core/call.ts';
import type { AvatarStore } from '../../src/ports/avatar-store.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { SessionId, UserId } from '../../src/protocol/ids.ts';
import { operations } from '../../src/protocol/operations.ts';
import type { Permission, Role } from '../../src/protocol/roles.ts';
import { makeManagementApi } from '../../src/server/api.ts';
import type { SocketBounds } from '../../src/server/client-socket.ts';
import { type DispatchedHandlers, makeDispatcher } from '../../src/server/dispatch.ts';
import { type Gateway, type GatewaySettings, makeGateway } from '../../src/server/gateway.ts';
import type { Part } from '../../src/server/health.ts';

/** A real gateway on a free port, in front of whatever answers a test gives it. */
export interface TinyGateway {
  readonly gateway: Gateway;
  readonly url: string;
  readonly port: number;
  /** Open receivers, as core would hold them. */
  readonly receivers: ReadonlySet<Receiver>;
  /** What was logged, as one text. */
  logged(): string;
  /** Makes a person whose access token is the answer; with scopes an API token. */
  token(role?: Role, scopes?: readonly Permission[] | null): { readonly accessToken: string; readonly person: Person };
  /** Asks as the owner of the host does. */
  manage(op: string, input: unknown): Promise<Response>;
  epoch: string;
  available: boolean;
}

export async function startTinyGateway(
  parts: {
    readonly handlers?: Partial<Handlers>;
    readonly bounds?: Partial<SocketBounds>;
    readonly clock?: Clock;
    readonly settings?: Partial<GatewaySettings>;
    readonly health?: readonly Part[];
    readonly jwks?: () => object;
    readonly findPicture?: AvatarStore['find'];
    readonly authenticate?: (accessToken: string, known: ReadonlyMap<string, Person>) => Person | Promise<Person>;
  } = {},
): Promise<TinyGateway> {
  const lines: string[] = [];
  const log = makeLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const clock = parts.clock ?? systemClock(log);
  const people = new Map<string, Person>();
  const receivers = new Set<Receiver>();
  const tiny = { epoch: 'epoch-1', available: true };
  const dispatcher = makeDispatcher({ handlers: answering(parts.handlers ?? {}), log, clock, epoch: () => tiny.epoch });
  const authenticate = (accessToken: string): Person | Promise<Person> => {
    if (parts.authenticate !== undefined) return parts.authenticate(accessToken, people);
    const person = people.get(accessToken);
    if (person === undefined) throw new AppError('unauthenticated', 'token_invalid');
    return person;
  };
  const gateway = await makeGateway({
    settings: {
      name: 'Tiny',
      version: '1.2.3',
      address: null,
      port: 0,
      host: '127.0.0.1',
      insecure: false,
      trustedProxies: [],
      cookieMs: 90 * 86_400_000,
      web: import.meta.dirname,
      ...parts.settings,
    },
    dispatcher,
    authenticate,
    available: () => tiny.available,
    receivers: { attach: (each) => void receivers.add(each), detach: (each) => void receivers.delete(each) },
    epoch: () => tiny.epoch,
    jwks: parts.jwks ?? (() => ({ keys: [] })),
    findPicture: parts.findPicture ?? (async () => null),
    parts: parts.health ?? [],
    clock,
    log,
    bounds: parts.bounds ?? {},
  });
  await gateway.start();
  const management = makeManagementApi(dispatcher);
  return Object.assign(tiny, {
    gateway,
    port: gateway.port(),
    url: `http://127.0.0.1:${gateway.port()}`,
    receivers,
    logged: () => lines.join(''),
    manage: async (op: string, input: unknown) =>
      management.request(`/${op}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }),
    token(role: Role = 'member', scopes: readonly Permission[] | null = null) {
      const accessToken = `token-${randomUUID()}`;
      const person: Person = {
        kind: 'person',
        userId: randomUUID() as UserId,
        sessionId: randomUUID() as SessionId,
        role,
        scopes,
      };
      people.set(accessToken, person);
      return { accessToken, person };
    },
  });
}

function answering(handlers: Partial<Handlers>): DispatchedHandlers {
  const unanswered = () => {
    throw new AppError('not_found', 'no_answer_in_this_test');
  };
  return Object.fromEntries(
    Object.keys(operations)
      .filter((op) => op !== 'connection.open')
      .map((op) => [op, handlers[op as keyof Handlers] ?? unanswered]),
  ) as unknown as DispatchedHandlers;
}
