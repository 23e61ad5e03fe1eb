import type * as z from 'zod';
import { accountOperations } from './account-operations.ts';
import { adminOperations } from './admin-operations.ts';
import { botOperations } from './bot-operations.ts';
import { instanceOperations } from './instance-operations.ts';
import { linkOperations } from './link-operations.ts';
import { messagingOperations } from './messaging-operations.ts';
import { peopleOperations } from './people-operations.ts';
import { pictureOperations } from './picture-operations.ts';
import { scheduledOperations } from './scheduled-operations.ts';
import { searchOperations } from './search-operations.ts';
import { securityOperations } from './security-operations.ts';
import { traceOperations } from './trace-operations.ts';
import { transferOperations } from './transfer-operations.ts';

export type { EnrolmentNeeded, SecondFactor, SecondFactorNeeded, Tokens } from './account-operations.ts';

/**
 * All that a client may ask, by name. From this table come the handlers' type, the dispatcher for WebSocket and
 * `POST /api/<op>`, the typed client, and the documents.
 */
export const operations = {
  ...instanceOperations,
  ...accountOperations,
  ...securityOperations,
  ...adminOperations,
  ...messagingOperations,
  ...searchOperations,
  ...peopleOperations,
  ...pictureOperations,
  ...transferOperations,
  ...botOperations,
  ...linkOperations,
  ...traceOperations,
  ...scheduledOperations,
} as const;

export type OperationName = keyof typeof operations;
/** What a handler gets: checked, with defaults filled in. */
export type Input<N extends OperationName> = z.output<(typeof operations)[N]['input']>;
/** What a client writes: defaults may be left out. */
export type InputToSend<N extends OperationName> = z.input<(typeof operations)[N]['input']>;
export type Output<N extends OperationName> = z.output<(typeof operations)[N]['output']>;
