import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSecrets } from '../../src/config/secrets.ts';
import type { OperationName, Output, Tokens } from '../../src/protocol/operations.ts';
import { type ServedInstance, serveInstance } from '../support/served-instance.ts';
import { mailPassword, mailUser, startTlsMailServer, type TlsMailServer } from '../support/tls-mail-server.ts';
import { totpCode } from '../support/totp-code.ts';
import { until } from '../support/wait.ts';

const own = { ...makeSecrets(), mailPassword };
const passwords = {
  ann: 'gooseberry fool 42',
  bob: 'rhubarb and custard 7',
  wrong: 'not the fool of 42',
  anew: 'elderflower cordial 8',
};
const text = 'the spare key is under the third flower pot';

/** By what they are. */
const secrets: Record<string, string> = {
  ...passwords,
  text,
  mailPassword,
  macKey: own.macKey,
  signingKey: own.signingKeys[0]?.d ?? '',
};
/** Six digits, which turn up by chance within longer numbers. */
const codes: string[] = [];

let mail: TlsMailServer;
let takesMail = true;
let instance: ServedInstance;

/** Everything the auth service gives and takes, right and wrong, by people and by a script. */
beforeAll(async () => {
  mail = await startTlsMailServer({
    onRcptTo: (_to, _session, done) =>
      done(takesMail ? null : Object.assign(new Error('later'), { responseCode: 451 })),
  });
  const settings = { url: `smtp://127.0.0.1:${mail.port}`, user: mailUser, from: 'Chat <chat@example.org>' };
  instance = await serveInstance({ registration: 'open', mail: settings, log: { level: 'debug' } }, { secrets: own });

  const ann = await annRegisters();
  await annInvitesBob(ann);
  await annMakesAToken(ann);
  await annUsesASecondFactor(ann);
  await annForgetsHerPassword();
  await nothingIsWellFormed(ann);
});
afterAll(async () => {
  await instance?.stop();
  await mail?.stop();
});

async function ask(op: string, input: unknown, bearer?: string, path = `/api/${op}`): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) };
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  const response = await fetch(`${instance.url}${path}`, { method: 'POST', headers, body });
  return (await response.json()) as unknown;
}
async function answer<N extends OperationName>(op: N, input: object, bearer?: string): Promise<Output<N>> {
  const reply = (await ask(op, input, bearer)) as { ok: boolean; output: Output<N> };
  if (!reply.ok) throw new Error(`${op}: ${JSON.stringify(reply)}`);
  return reply.output;
}

function keep(whose: string, tokens: object): Tokens {
  for (const each of ['accessToken', 'refreshToken', 'deviceToken'] as const) {
    const token = (tokens as Tokens)[each];
    if (token !== undefined) secrets[`${each} ${whose}`] = token;
  }
  return tokens as Tokens;
}

/** The token behind the link of the newest letter that has one to that page. */
async function linkToken(page: string): Promise<string> {
  const found = () =>
    mail.received.map(({ text: body = '' }) => new RegExp(`/${page}#([\\w-]+)`).exec(body)?.[1] ?? '');
  await until(() => found().some((token) => token !== ''));
  const token = found().findLast((each) => each !== '') ?? '';
  secrets[`${page} link`] = token;
  return token;
}

async function annRegisters(): Promise<string> {
  const input = { name: 'ann', password: passwords.ann, email: 'ann@example.org' };
  const first = keep('first', await answer('auth.register', input));
  await answer('email.confirm', { token: await linkToken('confirm') });
  await instance.platform.users.setRole(first.userId, 'owner');
  await ask('auth.signIn', { name: 'ann', password: passwords.wrong });
  const { refreshToken } = first;
  return keep('refreshed', await answer('auth.refresh', { refreshToken })).accessToken;
}

async function annInvitesBob(ann: string): Promise<void> {
  const { token } = await answer('invite.create', {}, ann);
  secrets.invite = token;
  await fetch(`${instance.url}/join?token=${token}`);
  const bob = keep('of bob', await answer('auth.register', { name: 'bob', password: passwords.bob, invite: token }));
  const { conversation } = await answer('conversation.openDirect', { userId: bob.userId }, ann);
  const { conversationId } = conversation;
  await answer('message.send', { conversationId, clientId: randomUUID(), text }, ann);
  await ask('user.disable', { user: 'ann' }, bob.accessToken);
}

async function annMakesAToken(ann: string): Promise<void> {
  const { token } = await answer('token.create', { name: 'bot', scopes: ['chat'] }, ann);
  secrets['API token'] = token;
  await answer('user.find', { query: 'bob' }, token);
  await ask('audit.list', {}, token);
  await ask('user.find', { query: 'bob' }, `${token}x`);
}

async function annUsesASecondFactor(ann: string): Promise<void> {
  const { secret } = await answer('totp.begin', { present: passwords.ann }, ann);
  secrets['TOTP secret'] = secret;
  const code = (steps: number) => {
    const shown = totpCode(secret, Date.now() + steps * 30_000);
    codes.push(shown);
    return shown;
  };
  const { recoveryCodes } = await answer('totp.finish', { code: code(0) }, ann);
  for (const [index, each] of (recoveryCodes ?? []).entries()) secrets[`recovery code ${index}`] = each;

  const credentials = { name: 'ann', password: passwords.ann };
  const ticket = async () => {
    const asked = (await answer('auth.signIn', credentials)) as Extract<Output<'auth.signIn'>, { ticket: string }>;
    secrets[`ticket ${Object.keys(secrets).length}`] = asked.ticket;
    return asked.ticket;
  };
  const input = { ticket: await ticket(), method: 'totp' };
  await ask('auth.secondFactor', { ...input, code: code(-9) });
  keep('by code', await answer('auth.secondFactor', { ...input, code: code(1), trustDevice: true }));
  const lost = { ticket: await ticket(), method: 'recovery_code', code: recoveryCodes?.[0] };
  keep('by recovery code', await answer('auth.secondFactor', lost));
  await ask('auth.secondFactor', lost);
  await ask('password.change', { present: passwords.wrong, password: passwords.anew }, ann);
}

async function annForgetsHerPassword(): Promise<void> {
  await answer('auth.forgotPassword', { account: 'ann' });
  const token = await linkToken('reset');
  await answer('auth.resetLook', { token });
  await ask('auth.resetPassword', { token, password: 'password1234' });
  takesMail = false;
  await answer('auth.resetPassword', { token, password: passwords.anew });
  await ask('auth.resetPassword', { token, password: passwords.anew });
  await until(() => instance.logged().includes('mail_away'));
}

/** With the secrets where they do not belong. */
async function nothingIsWellFormed(ann: string): Promise<void> {
  await ask('auth.signIn', `{"name":"ann","password":"${passwords.ann}"`);
  await ask('auth.signIn', { name: 'ann', password: [passwords.ann], [passwords.ann]: true });
  await ask('session.list', {}, undefined, `/api/session.list?access_token=${ann}`);
  await ask('auth.refresh', { refreshToken: `${ann}${ann}` });
}

describe('what people and scripts keep secret, and what the instance does', () => {
  test('is in no line of the log, which says everything there is to say', () => {
    const logged = instance.logged();
    for (const expected of ['/api/auth.signIn', '/join', 'letter sent', 'not permitted'])
      expect(logged).toContain(expected);
    expect(found(logged)).toEqual([]);
  });

  test('lies readable in no database, but for messages', () => {
    const folder = join(instance.folder, 'data');
    const stored = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'));
    expect(stored.join('')).toContain('ann@example.org');
    expect(found(stored.join(''))).toEqual(['text']);
  });

  test('is much: every kind was used', () => {
    expect(Object.keys(secrets).length).toBeGreaterThan(30);
    for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThanOrEqual(11);
  });
});

function found(haystack: string): string[] {
  const whole = Object.keys(secrets).filter((what) => haystack.includes(secrets[what] ?? ''));
  return [...whole, ...codes.filter((code) => new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(haystack))];
}
