import { hash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Call } from '../core/call.ts';
import { AppError, type WireError } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { Source } from './addresses.ts';
import { answer } from './api.ts';
import type { Dispatcher } from './dispatch.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const longestKey = 200;

/**
 * `POST /<secret>`: a message by an incoming webhook, as JSON `{ "text" }`, as plain text, or as other messengers' webhooks
 * take it: a form's `payload`, `attachments` folded into the text. Answered as an operation is.
 */
export function makeHooks(parts: {
  readonly dispatcher: Dispatcher;
  readonly source: (context: Context) => Source;
}): Hono {
  const app = new Hono();

  app.post('/:secret', limitBody, async (context) => {
    const secret = context.req.param('secret');
    const read = await readText(context);
    if ('error' in read) return answer(context, { ok: false, error: read.error });
    const key = context.req.header('idempotency-key');
    if (key !== undefined && (key.trim() === '' || key.length > longestKey)) return answer(context, refused('bad_key'));
    const input = { secret, text: read.text, ...(key === undefined ? {} : { clientId: clientIdOf(secret, key) }) };
    const { address } = parts.source(context);
    const call: Call = { caller: { kind: 'anyone' }, address, origin: null, receiver: null };
    return answer(context, await parts.dispatcher.dispatch('webhook.post', input, call, 'http', null));
  });
  app.all('*', (context) => answer(context, { ok: false, error: new AppError('not_found', 'post_only').toWire() }));
  return app;
}

const limitBody = bodyLimit({
  maxSize: limits.frameBytes,
  onError: (context) => answer(context, { ok: false, error: new AppError('too_large', 'body_too_large').toWire() }),
});

function refused(reason: string): { readonly ok: false; readonly error: WireError } {
  return { ok: false, error: new AppError('invalid', reason).toWire() };
}

type Read = { readonly text: unknown } | { readonly error: WireError };

async function readText(context: Context): Promise<Read> {
  const type = (context.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  let body: string;
  try {
    body = utf8.decode(await context.req.arrayBuffer());
  } catch {
    return refused('malformed_json');
  }
  switch (type) {
    case 'text/plain':
      return { text: body };
    case 'application/x-www-form-urlencoded':
      return textOfJson(new URLSearchParams(body).get('payload') ?? '');
    case 'application/json':
      return textOfJson(body);
    default:
      return refused('not_json');
  }
}

function textOfJson(json: string): Read {
  let payload: unknown;
  try {
    payload = JSON.parse(json);
  } catch {
    return refused('malformed_json');
  }
  if (!isRecord(payload)) return { text: null };
  const { text, attachments } = payload;
  const more = Array.isArray(attachments) ? attachments.flatMap(linesOf) : [];
  // What is wrong with it is said by the operation.
  if (more.length === 0 || !(text === undefined || typeof text === 'string')) return { text };
  return { text: [text, ...more].filter((line) => line !== undefined && line !== '').join('\n') };
}

const attachmentFields = ['pretext', 'title', 'title_link', 'text'] as const;

function linesOf(attachment: unknown): string[] {
  if (!isRecord(attachment)) return [];
  const lines = attachmentFields.map((field) => attachment[field]).filter((line) => typeof line === 'string');
  if (lines.length > 0) return lines;
  return typeof attachment.fallback === 'string' ? [attachment.fallback] : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A UUID (version 8) made of the key: the same for the same webhook's secret and key. */
function clientIdOf(secret: string, key: string): string {
  const hex = hash('sha256', `${secret}\n${key}`, 'hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
