import type { Call, Handlers, Receiver } from '../../src/core/call.ts';
import type { ServerEvent } from '../../src/protocol/events.ts';
import type { ClientId, SessionId, UserId } from '../../src/protocol/ids.ts';
import {
  type Input,
  type InputToSend,
  type OperationName,
  type Output,
  operations,
} from '../../src/protocol/operations.ts';

/** A person's device that speaks to core directly, with its input checked as the gateway would. */
export interface Device extends Receiver {
  readonly events: ServerEvent[];
  call<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>>;
  onEvent: (event: ServerEvent) => void;
}

export function makeDevice(handlers: Partial<Handlers>, userId: UserId): Device {
  const device: Device = {
    userId,
    sessionId: crypto.randomUUID() as SessionId,
    events: [],
    onEvent: () => {},
    hear: (event) => {
      device.events.push(event);
      device.onEvent(event);
      return true;
    },
    call: async (op, input) => {
      const handler = handlers[op] as (input: unknown, call: Call) => unknown;
      const caller = { kind: 'person', userId, sessionId: device.sessionId, role: 'member', scopes: null } as const;
      const checked = operations[op].input.parse(input) as Input<typeof op>;
      return (await handler(checked, { caller, address: '127.0.0.1', origin: null, receiver: device })) as Output<
        typeof op
      >;
    },
  };
  return device;
}

export const newClientId = () => crypto.randomUUID() as ClientId;
