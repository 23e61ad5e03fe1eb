import * as z from 'zod';
import { limits } from './limits.ts';
import type { Access } from './roles.ts';

/**
 * One row of the table: what a client may ask. From the rows come the handlers' type, the dispatcher for WebSocket and
 * `POST /api/<op>`, the typed client, and the documents.
 */
export interface OperationRow<Input extends z.ZodType, Output extends z.ZodType> {
  readonly summary: string;
  readonly access: Access;
  /** Needs a signed-in person; the local CLI, which is nobody in particular, cannot call it. */
  readonly person?: true;
  /** Not for API tokens, whatever their scopes: what guards the account itself. */
  readonly session?: true;
  /** Answers although the client knows another epoch. */
  readonly anyEpoch?: true;
  /** Reachable by HTTP alone: browsers keep the refresh token in a cookie, or it is larger than a frame. */
  readonly http?: true;
  /** How large the body of its HTTP request may be, where that is more than a frame. */
  readonly bodyBytes?: number;
  readonly input: Input;
  readonly output: Output;
}

export const operation = <Input extends z.ZodType, Output extends z.ZodType>(row: OperationRow<Input, Output>) => row;

export const nothing = z.strictObject({});
export const done = z.object({});
export const page = { limit: z.int().min(1).max(limits.pageItems).default(100) };
