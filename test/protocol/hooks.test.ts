import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import type { Input } from '../../src/protocol/operations.ts';
import { type Answer, askRaw } from './raw-http.ts';
import { startTinyGateway, type TinyGateway } from './tiny-gateway.ts';

const secret = 'q3V0eHh4dG9rZW50b2tlbnRva2VudG9rZW50b2tlbnQ';
let tiny: TinyGateway;
let posted: Input<'webhook.post'>[] = [];
let refusal: AppError | null = null;

beforeAll(async () => {
  tiny = await startTinyGateway({
    handlers: {
      'webhook.post': async (input) => {
        posted.push(input);
        if (refusal !== null) throw refusal;
        return { seq: 7, time: 1_772_366_400_000 };
      },
    },
  });
});
afterAll(() => tiny.gateway.stop());
beforeEach(() => {
  posted = [];
  refusal = null;
});

const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
  askRaw(
    tiny.port,
    'POST',
    `/hooks/${secret}`,
    { host: `127.0.0.1:${tiny.port}`, 'content-type': 'application/json', ...headers },
    body,
  );
const textOf = async (payload: unknown) => {
  expect(await post(JSON.stringify(payload))).toMatchObject({ status: 200 });
  return posted.at(-1)?.text;
};

describe('an incoming webhook takes', () => {
  test('JSON with a text, and answers where the message stands', async () => {
    const answer = await post('{"text":"hello"}', { 'content-type': 'application/json; charset=utf-8' });
    expect(answer).toMatchObject({ status: 200, json: { ok: true, output: { seq: 7, time: 1_772_366_400_000 } } });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(posted).toEqual([{ secret, text: 'hello' }]);
  });

  test('plain text', async () => {
    expect(await post('hello\nworld', { 'content-type': 'text/plain' })).toMatchObject({ status: 200 });
    expect(posted).toEqual([{ secret, text: 'hello\nworld' }]);
  });

  test('what is written for Slack and Mattermost', async () => {
    expect(await textOf({ text: 'hello', username: 'ci', icon_url: 'x', channel: '#a' })).toBe('hello');
    const attachments = [
      { fallback: 'no', pretext: 'a', title: 'b', title_link: 'https://c', text: 'd' },
      { fallback: 'e' },
    ];
    expect(await textOf({ text: 'hello', attachments })).toBe('hello\na\nb\nhttps://c\nd\ne');
    expect(await textOf({ attachments })).toBe('a\nb\nhttps://c\nd\ne');
    const form = new URLSearchParams({ payload: '{"text":"by form"}' }).toString();
    await post(form, { 'content-type': 'application/x-www-form-urlencoded' });
    expect(posted.at(-1)?.text).toBe('by form');
  });

  test('an Idempotency-Key, of which always the same client id comes, for each webhook another', async () => {
    for (const key of ['build-1', 'build-1', 'build-2']) await post('{"text":"x"}', { 'idempotency-key': key });
    await askRaw(
      tiny.port,
      'POST',
      '/hooks/other',
      { host: `127.0.0.1:${tiny.port}`, 'content-type': 'text/plain', 'idempotency-key': 'build-1' },
      'x',
    );
    const [first, again, second, other] = posted.map(({ clientId }) => clientId);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(again).toBe(first);
    expect(new Set([first, second, other]).size).toBe(3);
  });
});

describe('an incoming webhook refuses, in JSON', () => {
  test.each([
    ['{"text":', {}, 400, 'malformed_json'],
    ['{"text":42}', {}, 400, 'invalid_input'],
    ['{}', {}, 400, 'invalid_input'],
    ['"hello"', {}, 400, 'invalid_input'],
    ['null', {}, 400, 'invalid_input'],
    ['{"text":"  "}', {}, 400, 'invalid_input'],
    ['{"attachments":[null,4]}', {}, 400, 'invalid_input'],
    ['{"text":{"a":1},"attachments":[{"text":"b"}]}', {}, 400, 'invalid_input'],
    ['x', { 'content-type': 'application/xml' }, 400, 'not_json'],
    ['payload=x', { 'content-type': 'application/x-www-form-urlencoded' }, 400, 'malformed_json'],
    [Buffer.from([0xff, 0xfe]), {}, 400, 'malformed_json'],
    ['{"text":"x"}', { 'idempotency-key': ' ' }, 400, 'bad_key'],
    ['{"text":"x"}', { 'idempotency-key': 'k'.repeat(201) }, 400, 'bad_key'],
    [JSON.stringify({ text: 'x'.repeat(17_000) }), {}, 413, 'too_large'],
    [JSON.stringify({ text: 'x'.repeat(70_000) }), {}, 413, 'body_too_large'],
  ] as const)('%.40s', async (body, headers, status, reason) => {
    const answer = await post(body, headers);
    expect(answer).toMatchObject({ status, json: { ok: false, error: { reason } } });
    expect(posted).toEqual([]);
  });

  test('what core refuses, with the time to wait', async () => {
    refusal = new AppError('too_many_requests', 'throttled', { retryAfter: 3 });
    const slower = await post('{"text":"x"}');
    expect(slower).toMatchObject({ status: 429, json: { ok: false, error: { reason: 'throttled', retryAfter: 3 } } });
    expect(slower.headers['retry-after']).toBe('3');
    refusal = new AppError('not_found', 'no_such_webhook');
    expect(await post('{"text":"x"}')).toMatchObject({ status: 404, json: { error: { reason: 'no_such_webhook' } } });
  });

  test('other methods, pages of other sites, and everybody while the store is away', async () => {
    const host = { host: `127.0.0.1:${tiny.port}` };
    expect(await askRaw(tiny.port, 'GET', `/hooks/${secret}`, host)).toMatchObject({
      status: 404,
      json: { error: { reason: 'post_only' } },
    });
    expect(await post('{"text":"x"}', { origin: 'https://evil.example' })).toMatchObject({
      status: 403,
      json: { error: { reason: 'foreign_origin' } },
    });
    tiny.available = false;
    expect(await post('{"text":"x"}')).toMatchObject({ status: 503, json: { error: { reason: 'store_away' } } });
    tiny.available = true;
    expect(posted).toEqual([]);
  });

  test('and its address never reaches the log', () => {
    expect(tiny.logged()).not.toContain(secret);
    expect(tiny.logged()).toContain('"/hooks/"');
  });
});
