import * as z from 'zod';
import type { WireError } from './errors.ts';
import type { ServerEvent } from './events.ts';

/** A client's frame: one request. `id` is the client's own, a whole number it does not use twice on one socket. */
export const requestFrame = z.strictObject({
  id: z.int().nonnegative(),
  op: z.string().max(64),
  input: z.unknown(),
});
export type RequestFrame = z.infer<typeof requestFrame>;

export type ReplyFrame =
  | { readonly id: number; readonly ok: true; readonly output: unknown }
  | { readonly id: number; readonly ok: false; readonly error: WireError };

export type EventFrame = ServerEvent;
export type ServerFrame = ReplyFrame | EventFrame;
