import type { Call, Handlers, Receiver } from '../../src/core/call.ts';
import type { ServerEvent } from '../../src/protocol/events.ts';
import type { ClientId, SessionId, UserId } from '../../src/protocol/ids.ts';
import { fillIn } from '../../src/protocol/listed-conversation.ts';
import type { Conversation } from '../../src/protocol/models.ts';
import {
  type Input,
  type InputToSend,
  type OperationName,
  type Output,
  operations,
} from '../../src/protocol/operations.ts';

type Answer<N extends OperationName> = N extends 'sync'
  ? Omit<Output<'sync'>, 'conversations'> & { readonly conversations: Conversation[] }
  : Output<N>;

/** A person's device that speaks to core directly, with its input checked as the gateway would, and fills in what `sync` left out. */
export interface Device extends Receiver {
  readonly events: ServerEvent[];
  call<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Answer<N>>;
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
      const output = await handler(checked, { caller, address: '127.0.0.1', origin: null, receiver: device });
      return (op === 'sync' ? filledIn(output as Output<'sync'>) : output) as Answer<typeof op>;
    },
  };
  return device;
}

const filledIn = (page: Output<'sync'>) => ({ ...page, conversations: page.conversations.map(fillIn) });

export const newClientId = () => crypto.randomUUID() as ClientId;
