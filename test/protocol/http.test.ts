import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import { limits } from '../../src/protocol/limits.ts';
import { makeHandClock } from '../support/clock.ts';
import { askRaw } from './raw-http.ts';
import { startTinyGateway, type TinyGateway } from './tiny-gateway.ts';

let tiny: TinyGateway;
afterEach(() => tiny.gateway.stop());

const start = async (...parts: Parameters<typeof startTinyGateway>) => {
  tiny = await startTinyGateway(...parts);
  return tiny;
};

const ask = (method: string, path: string, headers?: Record<string, string>, body?: string | Buffer) =>
  askRaw(tiny.port, method, path, headers, body);
const json = { 'content-type': 'application/json' };
const post = (op: string, input: unknown, headers: Record<string, string> = {}) =>
  ask('POST', `/api/${op}`, { ...json, ...headers }, JSON.stringify(input));

const credentials = { name: 'anna', password: 'correct horse battery' };

describe('POST /api/<operation>', () => {
  test('answers as a socket does, without id', async () => {
    const { token } = await start({ handlers: { 'typing.set': () => ({}) } });
    const authorization = `Bearer ${token().accessToken}`;
    const input = { conversationId: '01a20c47-0c21-7481-8fa9-dfe3f1b1c0a9', typing: true };
    const answer = await post('typing.set', input, { authorization });
    expect(answer).toMatchObject({ status: 200, json: { ok: true, output: {} } });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test.each([
    ['no token', {}, { code: 'unauthenticated', reason: 'no_token' }],
    ['a wrong token', { authorization: 'Bearer x' }, { code: 'unauthenticated', reason: 'token_invalid' }],
    ['another scheme', { authorization: 'Basic eDp5' }, { code: 'unauthenticated', reason: 'not_a_bearer_token' }],
  ])('answers 401 for %s', async (_, headers, error) => {
    await start();
    expect(await post('session.list', {}, headers)).toMatchObject({ status: 401, json: { ok: false, error } });
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', 'a=b', 'not_json', 400],
    ['text', 'text/plain', '{}', 'not_json', 400],
    ['malformed JSON', 'application/json', '{', 'malformed_json', 400],
    ['invalid UTF-8', 'application/json', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'malformed_json', 400],
    ['too much', 'application/json', `"${'x'.repeat(limits.frameBytes)}"`, 'body_too_large', 413],
  ])('refuses %s', async (_, type, body, reason, status) => {
    await start();
    const answer = await ask('POST', '/api/instance.about', { 'content-type': type }, body);
    expect(answer).toMatchObject({ status, json: { ok: false, error: { reason } } });
  });

  test.each([
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} '],
    ['a length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
    ['a length that is no number', 'Content-Length: 2x\r\n\r\n{}'],
    ['chunks under another name', 'Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
  ])('is one request or none: with %s it is refused and nothing behind it is read', async (_, rest) => {
    await start();
    const socket = connect(tiny.port, '127.0.0.1');
    const head = 'POST /api/instance.about HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    socket.write(`${head}${rest}GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect((await text(socket)).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
  });

  test('refuses a large body that does not say how long it is', async () => {
    await start();
    const headers = { ...json, 'transfer-encoding': 'chunked' };
    const answer = await ask('POST', '/api/instance.about', headers, `"${'x'.repeat(limits.frameBytes)}"`);
    expect(answer.status).toBe(413);
  });

  test.each([
    ['nope', 404, 'unknown_operation'],
    ['connection.open', 400, 'sockets_only'],
  ])('answers %s with %i', async (op, status, reason) => {
    await start();
    expect(await post(op, {})).toMatchObject({ status, json: { error: { reason } } });
  });

  test('is found by POST alone', async () => {
    await start();
    expect(await ask('GET', '/api/sync')).toMatchObject({ status: 404, json: { error: { reason: 'post_only' } } });
    expect((await ask('GET', '/socket')).status).toBe(426);
  });

  test('asks nobody for a token who needs none: an expired one does not keep a client from refreshing it', async () => {
    await start({ handlers: { 'auth.forgotPassword': () => ({ byMail: true }) } });
    const authorization = 'Bearer expired';
    expect((await post('auth.forgotPassword', { account: 'anna' }, { authorization })).status).toBe(200);
  });

  test('compares the epoch that a header names', async () => {
    const { token } = await start({ handlers: { 'session.list': () => ({ sessions: [] }) } });
    const authorization = `Bearer ${token().accessToken}`;
    const with_ = (epoch: string) => post('session.list', {}, { authorization, 'messenger-epoch': epoch });
    expect(await with_('epoch-0')).toMatchObject({ status: 412, json: { error: { code: 'epoch_changed' } } });
    expect(await with_('epoch-1')).toMatchObject({ status: 200 });
  });

  test('says when to come again', async () => {
    await start({
      handlers: {
        'auth.signIn': () => {
          throw new AppError('too_many_requests', 'throttled', { retryAfter: 7.2 });
        },
      },
    });
    const answer = await post('auth.signIn', credentials);
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '8' } });
  });

  test('answers nothing while the node may not know whom it lets in', async () => {
    await start();
    tiny.available = false;
    expect(await post('instance.about', {})).toMatchObject({ status: 503, json: { error: { code: 'unavailable' } } });
  });

  test('logs that somebody signed in asked for what they may not, once a minute with how often', async () => {
    const clock = makeHandClock();
    const { token, logged } = await start({
      clock,
      handlers: {
        'user.disable': () => {
          throw new AppError('forbidden', 'rank_above_own');
        },
      },
    });
    const authorization = `Bearer ${token('admin').accessToken}`;
    const lines = () =>
      logged()
        .split('\n')
        .filter((line) => line.includes('not permitted'));
    for (let n = 0; n < 5; n++) await post('user.disable', { user: 'olga' }, { authorization });
    await post('mail.test', { to: 'a@example.org' }, { authorization });
    await post('mail.test', { to: 'a@example.org' });
    expect(lines().map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, op: 'user.disable', reason: 'rank_above_own', address: '127.0.0.1', unsaid: 0 },
    ]);
    clock.advance(60_000);
    await post('mail.test', { to: 'a@example.org' }, { authorization });
    expect(JSON.parse(lines()[1] ?? '')).toMatchObject({ op: 'mail.test', reason: 'not_allowed', unsaid: 5 });
  });

  test('logs neither tokens, passwords, cookies nor texts', async () => {
    const { token } = await start({
      handlers: {
        'auth.signIn': () => {
          throw new AppError('unauthenticated', 'wrong', { cause: new Error('no such person') });
        },
      },
    });
    const { accessToken } = token();
    await post('auth.signIn', credentials, { authorization: `Bearer ${accessToken}`, cookie: 'messenger=very.secret' });
    await post('message.send', { text: 'between us' }, { authorization: `Bearer ${accessToken}` });
    expect(tiny.logged()).toContain('auth.signIn');
    for (const secret of [accessToken, credentials.password, 'very.secret', 'between us']) {
      expect(tiny.logged()).not.toContain(secret);
    }
  });
});

describe('who may ask', () => {
  test.each([
    ['localhost:1', 200],
    ['127.0.0.1', 200],
    ['[::1]:8080', 200],
    ['chat.example.org', 200],
    ['evil.example.org', 421],
    ['chat.example.org.evil.example', 421],
    ['user@localhost', 400],
    ['localhost/x', 400],
  ])('Host "%s" gets %i', async (host, status) => {
    await start({
      handlers: { 'instance.about': () => about },
      settings: { address: 'https://chat.example.org' },
    });
    expect((await post('instance.about', {}, { host })).status).toBe(status);
  });

  test.each([
    ['https://chat.example.org', 200],
    ['http://chat.example.org', 403],
    ['https://chat.example.org:444', 403],
    ['https://evil.example.org', 403],
    ['null', 403],
    ['http://localhost:1', 403],
    ['http://localhost', 403],
    ['http://127.0.0.1:PORT', 200],
    ['http://localhost:PORT', 200],
    ['http://[::1]:PORT', 200],
  ])('Origin %s gets %i', async (origin, status) => {
    await start({
      handlers: { 'instance.about': () => about },
      settings: { address: 'https://chat.example.org' },
    });
    const headers = { origin: origin.replace('PORT', String(tiny.port)) };
    expect((await post('instance.about', {}, headers)).status).toBe(status);
  });

  test('a handler learns which page of the instance asks, and null where a program does', async () => {
    const origins: (string | null)[] = [];
    await start({
      handlers: {
        'instance.about': (_, call) => {
          origins.push(call.origin);
          return about;
        },
      },
      settings: { address: 'https://chat.example.org' },
    });
    await post('instance.about', {}, { origin: 'https://chat.example.org' });
    await post('instance.about', {}, { origin: `http://localhost:${tiny.port}` });
    await post('instance.about', {}, { origin: 'https://evil.example.org' });
    await post('instance.about', {}, { referer: 'https://chat.example.org/settings' });
    await tiny.manage('instance.about', {});
    expect(origins).toEqual(['https://chat.example.org', `http://localhost:${tiny.port}`, null, null]);
  });

  test('a foreign Origin opens no socket either', async () => {
    await start();
    const answer = await ask('GET', '/socket', {
      origin: 'https://evil.example.org',
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
    });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('another site');
  });

  test.each([
    ['203.0.113.5', 'http', 403],
    ['203.0.113.5', 'https', 200],
    ['192.168.1.5', 'http', 200],
    ['10.1.2.3', 'http', 200],
    ['fd00::1', 'http', 200],
    ['2001:db8::1', 'http', 403],
    ['::ffff:203.0.113.5', 'http', 403],
    ['192.168.1.5, 203.0.113.5', 'http', 403],
  ])('from %s by %s gets %i', async (address, scheme, status) => {
    await start({
      handlers: { 'instance.about': () => about },
      settings: { trustedProxies: ['127.0.0.1'] },
    });
    const headers = { 'x-forwarded-for': address, 'x-forwarded-proto': scheme };
    expect((await post('instance.about', {}, headers)).status).toBe(status);
  });

  test('plain http to anywhere is served where the owner insists', async () => {
    await start({
      handlers: { 'instance.about': () => about },
      settings: { trustedProxies: ['127.0.0.1'], insecure: true },
    });
    expect((await post('instance.about', {}, { 'x-forwarded-for': '203.0.113.5' })).status).toBe(200);
  });

  test('a client cannot choose its address: the last untrusted hop counts', async () => {
    const addresses: (string | null)[] = [];
    await start({
      handlers: {
        'instance.about': (_, call) => {
          addresses.push(call.address);
          return about;
        },
      },
      settings: { trustedProxies: ['127.0.0.1', '10.0.0.0/8'], insecure: true },
    });
    await post('instance.about', {}, { 'x-forwarded-for': '1.1.1.1, 203.0.113.5, 10.0.0.7' });
    await post('instance.about', {}, { 'x-forwarded-for': 'nonsense' });
    await post('instance.about', {});
    expect(addresses).toEqual(['203.0.113.5', '127.0.0.1', '127.0.0.1']);
  });

  test('a mistyped proxy stops the start', async () => {
    await expect(startTinyGateway({ settings: { trustedProxies: ['10.0.0.0/33'] } })).rejects.toMatchObject({
      code: 'invalid',
      reason: 'not_an_address',
    });
  });
});

const about = {
  name: 'Tiny',
  version: '1',
  registration: 'invite' as const,
  mail: false,
  accent: null,
  address: null,
};

test.each([
  ['GET', '/', 200],
  ['GET', '/nowhere.txt', 404],
  ['GET', '/health/live', 200],
  ['GET', '/docs', 200],
  ['GET', '/openapi.json', 200],
  ['GET', '/.well-known/jwks.json', 200],
  ['GET', '/api/instance.about', 404],
  ['POST', '/api/instance.about', 400],
  ['TRACE', '/', 404],
  ['OPTIONS', '/api/instance.about', 404],
])('%s %s says what it is, and lets no other site use it', async (method, path, status) => {
  const web = mkdtempSync(join(tmpdir(), 'messenger-web-'));
  writeFileSync(join(web, 'index.html'), '<!doctype html>');
  await start({ settings: { web } });
  rmSync(web, { recursive: true });
  for (const host of [undefined, 'evil.example.org']) {
    const answer = await ask(method, path, host === undefined ? {} : { host });
    expect(answer.status).toBe(host === undefined || path.startsWith('/health/') ? status : 421);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['content-type']).toMatch(/^(?:application\/json|text\/(?:html|plain); ?charset=utf-8)/i);
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    const policy = String(answer.headers['content-security-policy']);
    for (const part of ["frame-ancestors 'none'", "base-uri 'none'"]) expect(policy).toContain(part);
    expect(policy).toMatch(/object-src 'none'|default-src 'none'/);
  }
});

describe('what is well known', () => {
  test('are the keys of tokens, kept by others for no longer than a new one waits before it signs', async () => {
    await start();
    const answer = await ask('GET', '/.well-known/jwks.json');
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'public, max-age=60' } });
    expect(answer.json).toEqual({ keys: [] });
  });

  test('is where a password is changed', async () => {
    await start();
    const answer = await ask('GET', '/.well-known/change-password');
    expect(answer).toMatchObject({ status: 302, headers: { location: '/settings/security' } });
  });

  test('is nothing else: no page stands in for what is missing', async () => {
    await start();
    const path = '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200';
    expect((await ask('GET', path)).status).toBe(404);
  });
});

describe('health', () => {
  test('is alive whatever Host asks', async () => {
    await start();
    expect(await ask('GET', '/health/live', { host: '10.9.8.7' })).toMatchObject({ status: 200, json: { ok: true } });
  });

  test('is ready when all parts are, and names the one that is not', async () => {
    let well = true;
    const check = () => ({ ok: well, says: well ? 'answers' : 'is away' });
    await start({
      health: [
        { name: 'database', check },
        { name: 'bus', check: () => ({ ok: true, says: 'here' }) },
      ],
    });
    expect(await ask('GET', '/health/ready')).toMatchObject({ status: 200 });
    well = false;
    expect(await ask('GET', '/health/ready')).toMatchObject({
      status: 503,
      json: {
        ok: false,
        parts: [
          { name: 'database', ok: false },
          { name: 'bus', ok: true },
        ],
      },
    });
  });

  test('survives a check that throws, and tells the log alone what it said', async () => {
    const check = () => {
      throw new Error('no route to 10.0.0.7');
    };
    const { logged } = await start({ health: [{ name: 'database', check }] });
    const { status, text } = await ask('GET', '/health/ready');
    expect(status).toBe(503);
    expect(text).not.toContain('10.0.0.7');
    expect(logged()).toContain('no route to 10.0.0.7');
  });
});

describe('the client', () => {
  const web = mkdtempSync(join(tmpdir(), 'messenger-web-'));
  const settings = { web };
  beforeAll(() => {
    mkdirSync(join(web, 'assets'));
    writeFileSync(join(web, 'index.html'), '<!doctype html><title>client</title>');
    writeFileSync(join(web, 'assets', 'main-abc123.js'), 'export {};');
    writeFileSync(join(web, 'assets', 'main-abc123.js.br'), brotliCompressSync('export {};'));
  });
  afterAll(() => rmSync(web, { recursive: true }));

  test.each(['/', '/c/01a20c47', '/c/01a20c47/17', '/join', '/settings/security'])('is served at %s', async (path) => {
    await start({ settings });
    const answer = await ask('GET', path);
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
    expect(answer.text).toContain('<title>client</title>');
  });

  test('has files that never change, packed where the browser takes it', async () => {
    await start({ settings });
    const plain = await ask('GET', '/assets/main-abc123.js');
    expect(plain).toMatchObject({ status: 200, text: 'export {};' });
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const packed = await ask('GET', '/assets/main-abc123.js', { 'accept-encoding': 'gzip, br' });
    expect(packed.headers['content-encoding']).toBe('br');
    expect(packed.headers.vary).toBe('accept-encoding');
  });

  test('is not sent again when it did not change', async () => {
    await start({ settings });
    const { headers } = await ask('GET', '/');
    expect(await ask('GET', '/', { 'if-none-match': String(headers.etag) })).toMatchObject({ status: 304, text: '' });
  });

  test.each(['/assets/gone.js', '/../package.json', '/%2e%2e/package.json', '/favicon.ico'])(
    'does not stand in for the missing file %s',
    async (path) => {
      await start({ settings });
      expect((await ask('GET', path)).status).toBe(404);
    },
  );

  test('comes under headers that let no other site in', async () => {
    await start({ settings });
    const { headers } = await ask('GET', '/');
    const policy = String(headers['content-security-policy']);
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${tiny.port} wss://127.0.0.1:${tiny.port}`);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  test('is never again asked for by plain http where it came by its https name, and only there', async () => {
    await start({ settings: { ...settings, address: 'https://chat.example.org', trustedProxies: ['127.0.0.1'] } });
    const policyFor = async (host: string, scheme: string) =>
      (await ask('GET', '/', { host, 'x-forwarded-proto': scheme })).headers['strict-transport-security'];
    expect(await policyFor('chat.example.org', 'https')).toBe('max-age=31536000');
    expect(await policyFor('chat.example.org', 'http')).toBeUndefined();
    expect(await policyFor('localhost', 'https')).toBeUndefined();
  });

  test('may use passkeys, and nothing else of the device', async () => {
    await start({ settings });
    const { headers } = await ask('GET', '/');
    const granted = String(headers['permissions-policy'])
      .split(', ')
      .map((each) => each.split('='));
    expect(granted.filter(([, who]) => who !== '()')).toEqual([
      ['publickey-credentials-create', '(self)'],
      ['publickey-credentials-get', '(self)'],
    ]);
    expect(granted.map(([feature]) => feature)).toEqual(
      expect.arrayContaining(['camera', 'microphone', 'geolocation']),
    );
  });
});

test('a client that offers HTTP/2 is answered in HTTP/1.1', async () => {
  await start({ handlers: { 'instance.about': () => about } });
  const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
  expect((await post('instance.about', {}, offer)).status).toBe(200);
});

test('a port in use is named', async () => {
  await start();
  await expect(startTinyGateway({ settings: { port: tiny.port } })).rejects.toMatchObject({
    code: 'conflict',
    reason: 'port_in_use',
    fields: [{ path: 'port' }],
  });
});
