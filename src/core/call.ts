import { AppError } from '../protocol/errors.ts';
import type { ServerEvent } from '../protocol/events.ts';
import type { SessionId, UserId } from '../protocol/ids.ts';
import type { Input, OperationName, Output } from '../protocol/operations.ts';
import { may, type Permission, type Role } from '../protocol/roles.ts';

/** Who asks. The gateway and the management socket establish it; core believes it. */
export type Caller =
  | { readonly kind: 'anyone' }
  | {
      readonly kind: 'person';
      readonly userId: UserId;
      /** An API token's own id, where one speaks for them: what ends it is the same as what ends a session. */
      readonly sessionId: SessionId;
      readonly role: Role;
      /** What the API token may, of what the role may; null for signed-in devices, which may all of it. */
      readonly scopes: readonly Permission[] | null;
    }
  /** The owner of the host, over the management socket or the CLI. May everything, and is nobody in particular. */
  | { readonly kind: 'local' };

export type Person = Extract<Caller, { kind: 'person' }>;

/** A signed-in device's open socket, as core sees it. */
export interface Receiver {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** Never throws. A receiver that lags may drop events (false: it did); it then says `changed` by itself. */
  hear(event: ServerEvent): boolean;
}

/** One request, beside its input. */
export interface Call {
  readonly caller: Caller;
  /** Where it came from, as far as the gateway can tell; null for local calls. */
  readonly address: string | null;
  /** The page of this instance's that asks, `https://chat.example.org`; null for programs and local calls. */
  readonly origin: string | null;
  /** The socket it came by; null over HTTP and locally. */
  readonly receiver: Receiver | null;
}

/** What happens without anybody asking for it. */
export const byItself: Call = { caller: { kind: 'anyone' }, address: null, origin: null, receiver: null };

/** What answers operations. A missing one does not compile. */
export type Handlers = {
  readonly [N in OperationName]: (input: Input<N>, call: Call) => Output<N> | Promise<Output<N>>;
};

/** The person who asks. Throws `forbidden` for callers who are nobody in particular. */
export function person(call: Call): Person {
  if (call.caller.kind === 'person') return call.caller;
  throw new AppError('forbidden', 'needs_a_person');
}

/** Whether the caller's role allows it and, where an API token speaks for them, the token's scopes do too. */
export function callerMay({ caller }: Call, permission: Permission): boolean {
  if (caller.kind !== 'person') return caller.kind === 'local';
  return may(caller.role, permission) && (caller.scopes === null || caller.scopes.includes(permission));
}
