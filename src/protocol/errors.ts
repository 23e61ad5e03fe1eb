/** The error codes of the wire and the HTTP status of each. Free of zod, so that the client may import the values. */
export const errorStatus = {
  /** The request does not have the form the operation asks for; `fields` names what is wrong. */
  invalid: 400,
  /** No token, or one that is wrong or expired. The client refreshes, or signs in. */
  unauthenticated: 401,
  /** The caller may not do this. */
  forbidden: 403,
  not_found: 404,
  /** The present state does not allow it; `reason` says which. */
  conflict: 409,
  /** The instance was restored or rolled back: forget seqs and cursor, and `sync`. */
  epoch_changed: 412,
  too_large: 413,
  /** Slow down; `retryAfter` says for how many seconds. */
  too_many_requests: 429,
  /** A defect of the server. */
  internal: 500,
  /** The server cannot answer just now (its store is away, or it is stopping). Try again. */
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** WebSocket close codes of this protocol's own (RFC 6455 §7.4.2 leaves 4000–4999 to applications). */
export const closeCodes = {
  /** The session was closed: sign in again. */
  sessionClosed: 4001,
  /** The token of the first frame was refused, or no first frame came in time. */
  unauthenticated: 4002,
  /** Nothing could be written for 30 seconds, or nothing was heard. */
  tooSlow: 4003,
  /** More frames at once than a client can have use for. */
  tooMany: 4004,
  /** Text that is not valid UTF-8 or JSON, or a frame that is no request. */
  malformed: 4005,
  /** Standard: the server restarts, reconnect at once. */
  restarting: 1012,
} as const;

export interface ErrorFields {
  /** Where in the input, as a path: `marks.0.readSeq`. */
  readonly path: string;
  /** What is wrong there, in English, for developers. */
  readonly message: string;
}

/** An error as it travels. */
export interface WireError {
  readonly code: ErrorCode;
  /** A stable word for programs, e.g. `not_a_member`. */
  readonly reason: string;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly fields?: readonly ErrorFields[];
}

/**
 * What went wrong, as the caller may know it. Core throws it; only the dispatcher and the CLI's base command catch it.
 * Anything else that is thrown is a defect and is answered `internal`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly reason: string;
  readonly retryAfter: number | undefined;
  readonly fields: readonly ErrorFields[] | undefined;

  constructor(
    code: ErrorCode,
    reason: string,
    more: { cause?: unknown; retryAfter?: number; fields?: readonly ErrorFields[] } = {},
  ) {
    super(`${code}: ${reason}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.reason = reason;
    this.retryAfter = more.retryAfter;
    this.fields = more.fields;
  }

  toWire(): WireError {
    return {
      code: this.code,
      reason: this.reason,
      ...(this.retryAfter === undefined ? {} : { retryAfter: this.retryAfter }),
      ...(this.fields === undefined ? {} : { fields: this.fields }),
    };
  }
}
