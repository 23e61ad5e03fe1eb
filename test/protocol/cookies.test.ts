import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import type { SessionId, UserId } from '../../src/protocol/ids.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { type Answer, askRaw } from './raw-http.ts';
import { startTinyGateway, type TinyGateway } from './tiny-gateway.ts';

let tiny: TinyGateway | null = null;
afterEach(async () => {
  await tiny?.gateway.stop();
  tiny = null;
});

const signedIn = {
  status: 'signed_in' as const,
  userId: '01a20c47-0c21-7481-8fa9-dfe3f1b1c0a9' as UserId,
  sessionId: '01a20c47-0c6d-79f9-a652-440c070bc7ca' as SessionId,
  accessToken: 'access',
  expiresAt: 1,
  refreshToken: 'fresh.refresh.token',
  deviceToken: 'the-device',
};
const credentials = { name: 'anna', password: 'correct horse battery' };
const https = { 'x-forwarded-proto': 'https' };

const inputs = new Map<string, { refreshToken?: string | undefined; deviceToken?: string | undefined }>();
const answering = (op: OperationName) => (input: object) => {
  inputs.set(op, input);
  return signedIn as never;
};
const handlers: NonNullable<Parameters<typeof startTinyGateway>[0]>['handlers'] = {
  'auth.register': answering('auth.register'),
  'auth.signIn': answering('auth.signIn'),
  'auth.secondFactor': answering('auth.secondFactor'),
  'auth.passkeyFinish': answering('auth.passkeyFinish'),
  'auth.enrolFinish': answering('auth.enrolFinish'),
  'auth.refresh': (input) => {
    inputs.set('auth.refresh', input);
    const { deviceToken: _, ...tokens } = signedIn;
    if (input.refreshToken === 'good') return tokens;
    throw new AppError('unauthenticated', 'refresh_refused');
  },
  'auth.signOut': () => ({}),
};
const signInInputs = {
  'auth.register': { ...credentials, invite: 'abc' },
  'auth.signIn': credentials,
  'auth.secondFactor': { ticket: 'ticket', method: 'totp', code: '123456' },
  'auth.passkeyFinish': { attempt: 'attempt', response: {} },
  'auth.enrolFinish': { ticket: 'ticket', code: '123456' },
} as const;
const waysIn = Object.keys(signInInputs) as (keyof typeof signInInputs)[];

const start = async (...parts: Parameters<typeof startTinyGateway>) => {
  tiny = await startTinyGateway({ handlers, ...parts[0] });
  return tiny;
};
const post = (op: string, input: unknown, headers: Record<string, string> = {}) =>
  askRaw(
    tiny?.port ?? 0,
    'POST',
    `/api/${op}`,
    { 'content-type': 'application/json', ...headers },
    JSON.stringify(input),
  );
const cookiesOf = (answer: Answer) => answer.headers['set-cookie'] ?? [];

test('every operation that takes a device token is one that signs in, and is for HTTP alone', () => {
  const rows = Object.entries(operations);
  expect(rows.filter(([, { input }]) => 'deviceToken' in input.shape).map(([op]) => op)).toEqual(
    Object.keys(operations).filter((op) => (waysIn as string[]).includes(op)),
  );
  for (const op of [...waysIn, 'auth.refresh'] as const) expect(operations[op]).toMatchObject({ http: true });
});

describe.each(waysIn)('%s', (op) => {
  const input = signInInputs[op];

  test('answers the tokens in the body for those who do not ask otherwise', async () => {
    await start();
    const answer = await post(op, input);
    const { refreshToken, deviceToken } = signedIn;
    expect(answer.json.output).toMatchObject({ refreshToken, deviceToken });
    expect(cookiesOf(answer)).toEqual([]);
  });

  test('puts them into cookies alone for browsers', async () => {
    await start();
    const answer = await post(op, { ...input, keepIn: 'cookie' });
    expect(answer.text).not.toContain(signedIn.refreshToken);
    expect(answer.text).not.toContain(signedIn.deviceToken);
    expect(answer.json.output).toMatchObject({ accessToken: 'access' });
    expect(cookiesOf(answer)).toEqual([
      `messenger=${signedIn.refreshToken}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict`,
      `messenger-device=${signedIn.deviceToken}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Strict`,
    ]);
  });

  test('gets the device from the cookie, and never answers it in the body then, whatever a script asks', async () => {
    await start();
    const answer = await post(op, { ...input, keepIn: 'body' }, { cookie: 'a=b; messenger-device=known; c=d' });
    expect(inputs.get(op)?.deviceToken).toBe('known');
    expect(answer.text).not.toContain(signedIn.deviceToken);
    expect(answer.json.output).toMatchObject({ refreshToken: signedIn.refreshToken });
    expect(cookiesOf(answer)).toEqual([expect.stringContaining(`messenger-device=${signedIn.deviceToken};`)]);
  });

  test('takes the device in the body before the cookie’s', async () => {
    await start();
    await post(op, { ...input, deviceToken: 'named' }, { cookie: 'messenger-device=known' });
    expect(inputs.get(op)?.deviceToken).toBe('named');
  });

  test('ignores a cookie that no device token can be', async () => {
    await start();
    const answer = await post(op, input, { cookie: `messenger-device=${'x'.repeat(101)}` });
    expect(answer.status).toBe(200);
    expect(inputs.get(op)?.deviceToken).toBeUndefined();
  });
});

describe('on https', () => {
  const settings = { trustedProxies: ['127.0.0.0/8'] };

  test('cookies have the __Host- prefix and Secure', async () => {
    await start({ settings });
    const answer = await post('auth.signIn', { ...credentials, keepIn: 'cookie' }, https);
    expect(cookiesOf(answer)).toEqual([
      expect.stringMatching(/^__Host-messenger=.*; Path=\/; .*HttpOnly; SameSite=Strict; Secure$/),
      expect.stringMatching(/^__Host-messenger-device=.*; Path=\/; .*HttpOnly; SameSite=Strict; Secure$/),
    ]);
  });

  test('a cookie that plain http could have set counts for nothing', async () => {
    await start({ settings });
    await post('auth.signIn', credentials, { ...https, cookie: 'messenger-device=planted' });
    expect(inputs.get('auth.signIn')?.deviceToken).toBeUndefined();
  });

  test('no header is believed from others', async () => {
    await start();
    const answer = await post('auth.signIn', { ...credentials, keepIn: 'cookie' }, https);
    expect(cookiesOf(answer)[0]).toMatch(/^messenger=/);
  });
});

describe('answers that sign nobody in yet', () => {
  test.each([
    { status: 'second_factor_needed' as const, ticket: 'ticket', methods: ['totp' as const], expiresAt: 1 },
    { status: 'enrolment_needed' as const, ticket: 'ticket', expiresAt: 1 },
  ])('set no cookie: $status', async (output) => {
    await start({ handlers: { 'auth.signIn': () => output } });
    const answer = await post('auth.signIn', { ...credentials, keepIn: 'cookie' });
    expect(answer.json.output).toEqual(output);
    expect(cookiesOf(answer)).toEqual([]);
  });
});

describe('the refresh token', () => {
  test('is read from the cookie, and never leaves it through the body, whatever a script asks', async () => {
    await start();
    const answer = await post('auth.refresh', { keepIn: 'body' }, { cookie: 'a=b; messenger=good; c=d' });
    expect(inputs.get('auth.refresh')?.refreshToken).toBe('good');
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(signedIn.refreshToken);
    expect(cookiesOf(answer)).toEqual([expect.stringContaining(signedIn.refreshToken)]);
  });

  test('in the body goes before the cookie', async () => {
    await start();
    await post('auth.refresh', { refreshToken: 'good' }, { cookie: 'messenger=other' });
    expect(inputs.get('auth.refresh')?.refreshToken).toBe('good');
  });

  test('that is refused is forgotten by the browser; the device is not', async () => {
    await start();
    const answer = await post(
      'auth.refresh',
      { keepIn: 'cookie' },
      { cookie: 'messenger=bad; messenger-device=known' },
    );
    expect(answer.status).toBe(401);
    expect(cookiesOf(answer)).toEqual(['messenger=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict']);
  });

  test('is forgotten on signing out; the device is not', async () => {
    const { token } = await start();
    const authorization = `Bearer ${token().accessToken}`;
    const answer = await post('auth.signOut', {}, { authorization, cookie: 'messenger=good; messenger-device=known' });
    expect(cookiesOf(answer)).toEqual(['messenger=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict']);
  });
});

test('a refused sign-in forgets no device', async () => {
  const refuse = () => {
    throw new AppError('unauthenticated', 'wrong_credentials');
  };
  await start({ handlers: { 'auth.signIn': refuse } });
  const answer = await post('auth.signIn', { ...credentials, keepIn: 'cookie' }, { cookie: 'messenger-device=known' });
  expect(answer.status).toBe(401);
  expect(cookiesOf(answer)).toEqual([]);
});

test('no other operation is given a token from a cookie', async () => {
  const got: unknown[] = [];
  await start({
    handlers: {
      'auth.forgotPassword': (input) => {
        got.push(input);
        return { byMail: true };
      },
    },
  });
  await post('auth.forgotPassword', { account: 'anna' }, { cookie: 'messenger=good; messenger-device=known' });
  expect(got).toEqual([{ account: 'anna' }]);
});
