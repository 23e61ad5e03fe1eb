import type * as z from 'zod';
import type { Call, Handlers } from '../core/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { AppError, type ErrorFields, type WireError } from '../protocol/errors.ts';
import { type Input, type OperationName, type Output, operations } from '../protocol/operations.ts';
import { type Access, may } from '../protocol/roles.ts';
import { makeRefusalLog } from './refusal-log.ts';

export type Reply = { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: WireError };

type Refusal = Extract<Reply, { ok: false }>;

/** How a request came. `management`: over the local socket, or from the CLI in the same process. */
export type Way = 'socket' | 'http' | 'management';

export interface Dispatcher {
  /**
   * Answers at once (no promise) where the handler does. Never throws, and the promise never rejects. The handler is
   * called before `dispatch` returns, so requests reach handlers in the order of the calls. `knownEpoch` is the one the
   * client names, null where it names none.
   */
  dispatch(op: string, input: unknown, call: Call, way: Way, knownEpoch: string | null): Reply | Promise<Reply>;
  /** Checks the input, runs, and turns what is thrown into an error reply, as `dispatch` does, without asking who calls. */
  answer<N extends OperationName>(
    op: N,
    input: unknown,
    run: (input: Input<N>) => Output<N> | Promise<Output<N>>,
  ): Reply | Promise<Reply>;
}

/** `connection.open` is answered by the socket itself. */
export type DispatchedHandlers = Omit<Handlers, 'connection.open'>;

interface Row {
  readonly access: Access;
  readonly person?: true;
  readonly session?: true;
  readonly anyEpoch?: true;
  readonly http?: true;
  readonly input: z.ZodType;
  readonly answer: (input: unknown, call: Call) => unknown;
}

export function makeDispatcher(parts: {
  readonly handlers: DispatchedHandlers;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
  /** The instance's epoch as this node knows it. */
  readonly epoch: () => string;
}): Dispatcher {
  const { epoch } = parts;
  const log = parts.log.child({ component: 'dispatch' });
  const noteRefusal = makeRefusalLog(log, parts.clock);
  const rows = rowsOf(parts.handlers);

  function failed(op: string, error: unknown, call: Call | null): Reply {
    if (error instanceof AppError) {
      if (error.code === 'forbidden' && call !== null) noteRefusal(op, error.reason, call);
      if (error.cause !== undefined) log.warn({ op, err: error }, 'request failed');
      return { ok: false, error: error.toWire() };
    }
    log.error({ op, err: error }, 'defect');
    return refusals.internal;
  }

  function run(
    op: string,
    schema: z.ZodType,
    input: unknown,
    answering: (input: unknown) => unknown,
    call: Call | null,
  ) {
    const parsed = schema.safeParse(input);
    if (!parsed.success) return { ok: false, error: wireOfIssues(parsed.error.issues) } as const;
    try {
      const answer = answering(parsed.data);
      if (answer instanceof Promise) return answer.then(succeeded, (error: unknown) => failed(op, error, call));
      return succeeded(answer);
    } catch (error) {
      return failed(op, error, call);
    }
  }

  return {
    dispatch(op, input, call, way, knownEpoch) {
      const row = rows.get(op);
      if (row === undefined) return op === 'connection.open' ? refusals.socketsOnly : refusals.unknownOperation;
      const refusal = refusalOf(row, call, way);
      if (refusal !== null) {
        if (refusal.error.code === 'forbidden') noteRefusal(op, refusal.error.reason, call);
        return refusal;
      }
      if (knownEpoch !== null && row.anyEpoch !== true && knownEpoch !== epoch()) return refusals.epochChanged;
      return run(op, row.input, input, (checked) => row.answer(checked, call), call);
    },

    answer(op, input, answering) {
      return run(op, operations[op].input, input, answering as (input: unknown) => unknown, null);
    },
  };
}

function rowsOf(handlers: DispatchedHandlers): ReadonlyMap<string, Row> {
  const names = Object.keys(handlers) as (keyof DispatchedHandlers)[];
  return new Map(names.map((name) => [name, { ...operations[name], answer: handlers[name] as Row['answer'] }]));
}

function succeeded(output: unknown): Reply {
  return { ok: true, output };
}

function refuse(error: AppError): Refusal {
  return { ok: false, error: error.toWire() };
}

const refusals = {
  unknownOperation: refuse(new AppError('not_found', 'unknown_operation')),
  unauthenticated: refuse(new AppError('unauthenticated', 'no_token')),
  forbidden: refuse(new AppError('forbidden', 'not_allowed')),
  needsPerson: refuse(new AppError('forbidden', 'needs_a_person')),
  needsSession: refuse(new AppError('forbidden', 'needs_a_session')),
  scopeMissing: refuse(new AppError('forbidden', 'scope_missing')),
  httpOnly: refuse(new AppError('invalid', 'http_only')),
  socketsOnly: refuse(new AppError('invalid', 'sockets_only')),
  epochChanged: refuse(new AppError('epoch_changed', 'epoch_changed')),
  internal: refuse(new AppError('internal', 'defect')),
} as const;

function refusalOf(row: Row, call: Call, way: Way): Refusal | null {
  if (row.http === true && way === 'socket') return refusals.httpOnly;
  const { caller } = call;
  if (caller.kind === 'local') return row.person === true ? refusals.needsPerson : null;
  if (row.access === 'anyone') return null;
  if (row.access === 'local') return refusals.forbidden;
  if (caller.kind === 'anyone') return refusals.unauthenticated;
  if (!may(caller.role, row.access)) return refusals.forbidden;
  if (caller.scopes === null) return null;
  if (row.session === true) return refusals.needsSession;
  return caller.scopes.includes(row.access) ? null : refusals.scopeMissing;
}

/** Names of fields may be the client's own, and as long as it likes. */
const longestPath = 200;
const mostFields = 20;

function fieldsOf(issue: z.core.$ZodIssue): readonly ErrorFields[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: pathText(issue.path), message: issue.message }];
  return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'unknown' }));
}

function pathText(path: readonly PropertyKey[]): string {
  return path.join('.').slice(0, longestPath);
}

function wireOfIssues(issues: readonly z.core.$ZodIssue[]): WireError {
  const tooLarge = issues.some((issue) => issue.code === 'custom' && issue.params?.reason === 'too_large');
  const fields = issues.flatMap(fieldsOf).slice(0, mostFields);
  return tooLarge
    ? { code: 'too_large', reason: 'too_large', fields }
    : { code: 'invalid', reason: 'invalid_input', fields };
}
