import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Call, Caller, Person } from '../core/call.ts';
import { AppError, errorStatus, type WireError } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import { epochHeader } from '../protocol/names.ts';
import { type OperationName, operations } from '../protocol/operations.ts';
import type { Source } from './addresses.ts';
import { makeTokenCookies } from './cookies.ts';
import type { Dispatcher, Reply } from './dispatch.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * `POST /<operation>`: the input as JSON, answered as a socket's reply is, without `id`: `{ ok: true, output }`, or
 * `{ ok: false, error }` under the status of the error's code.
 */
export function makeApi(parts: {
  readonly dispatcher: Dispatcher;
  readonly authenticate: (accessToken: string) => Person | Promise<Person>;
  readonly source: (context: Context) => Source;
  readonly cookieMs: number;
}): Hono {
  const { dispatcher } = parts;
  const throughCookies = makeTokenCookies(parts.cookieMs);
  const app = new Hono();

  app.post('/:op', limitBodyOf, async (context) => {
    const op = context.req.param('op');
    const source = parts.source(context);
    const read = await readJson(context);
    if (!read.ok) return answer(context, read);

    const authorization = isForAnyone(op) ? undefined : context.req.header('authorization');
    const caller = await authenticated(authorization, parts.authenticate);
    if ('error' in caller) return answer(context, caller);
    const call: Call = { caller: caller.caller, address: source.address, origin: source.origin, receiver: null };

    const from = { cookies: context.req.header('cookie'), https: source.https };
    const { input, settle } = throughCookies(op, read.input, from);
    const knownEpoch = context.req.header(epochHeader) ?? null;
    const { reply, setCookies } = settle(await dispatcher.dispatch(op, input, call, 'http', knownEpoch));
    for (const each of setCookies) context.header('set-cookie', each, { append: true });
    return answer(context, reply);
  });
  app.all('*', (context) => answer(context, failure(new AppError('not_found', 'post_only'))));
  return app;
}

/** Then nobody asks who calls: a token that has expired must not keep a client from refreshing it. */
function isForAnyone(op: string): boolean {
  return Object.hasOwn(operations, op) && operations[op as OperationName].access === 'anyone';
}

/** The same for the owner of the host: no token, no cookies. */
export function makeManagementApi(dispatcher: Dispatcher): Hono {
  const call: Call = { caller: { kind: 'local' }, address: null, origin: null, receiver: null };
  const app = new Hono();
  app.post('/:op', limitManagementBody, async (context) => {
    const read = await readJson(context);
    if (!read.ok) return answer(context, read);
    return answer(context, await dispatcher.dispatch(context.req.param('op'), read.input, call, 'management', null));
  });
  return app;
}

/** The owner of the host brings whole pages of what is imported. */
const managementBytes = 1024 * 1024;
const limitFrame = bodyLimitOf(limits.frameBytes);
const largerBodies = new Map(
  Object.entries(operations).flatMap(([op, row]) =>
    'bodyBytes' in row ? [[op, bodyLimitOf(row.bodyBytes)] as const] : [],
  ),
);
const limitManagementBody = bodyLimitOf(managementBytes);

/** By HTTP no more than fits into a socket's frame, unless the operation asks for more. */
const limitBodyOf: MiddlewareHandler = (context, next) =>
  (largerBodies.get(context.req.param('op') ?? '') ?? limitFrame)(context, next);

function bodyLimitOf(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: (context) => answer(context, failure(new AppError('too_large', 'body_too_large'))),
  });
}

function failure(error: AppError): { readonly ok: false; readonly error: WireError } {
  return { ok: false, error: error.toWire() };
}

/** A reply over HTTP: under the status of its error's code. */
export function answer(context: Context, reply: Reply): Response {
  if (reply.ok) return context.json(reply as object);
  if (reply.error.retryAfter !== undefined) context.header('retry-after', String(Math.ceil(reply.error.retryAfter)));
  if (reply.error.code === 'unauthenticated') context.header('www-authenticate', 'Bearer');
  return context.json(reply, errorStatus[reply.error.code]);
}

type ReadJson = { readonly ok: true; readonly input: unknown } | { readonly ok: false; readonly error: WireError };

async function readJson(context: Context): Promise<ReadJson> {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) return failure(new AppError('invalid', 'not_json'));
  try {
    return { ok: true, input: JSON.parse(utf8.decode(await context.req.arrayBuffer())) };
  } catch {
    return failure(new AppError('invalid', 'malformed_json'));
  }
}

async function authenticated(
  authorization: string | undefined,
  authenticate: (accessToken: string) => Person | Promise<Person>,
): Promise<{ readonly caller: Caller } | { readonly ok: false; readonly error: WireError }> {
  if (authorization === undefined) return { caller: { kind: 'anyone' } };
  const token = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(authorization)?.[1];
  if (token === undefined) return failure(new AppError('unauthenticated', 'not_a_bearer_token'));
  try {
    return { caller: await authenticate(token) };
  } catch (error) {
    if (error instanceof AppError) return failure(error);
    throw error;
  }
}
