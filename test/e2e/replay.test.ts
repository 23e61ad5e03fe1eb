import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiTokenId, UserId } from '../../src/protocol/ids.ts';
import type { InputToSend, OperationName, Output, Tokens } from '../../src/protocol/operations.ts';
import { connectOpen, type Frame } from '../protocol/raw-client.ts';
import { type ServedInstance, serveInstance } from '../support/served-instance.ts';
import { addSignedInPerson, type SignedInPerson } from '../support/signed-in-people.ts';
import { totpCode } from '../support/totp-code.ts';

const password = 'gooseberry fool 42';
let instance: ServedInstance;
let owner: SignedInPerson;
let people = 0;

beforeAll(async () => {
  instance = await serveInstance({ trustedProxies: ['127.0.0.1'] });
  owner = await addSignedInPerson(instance.platform, 'owner', { role: 'owner' });
});
afterAll(async () => {
  await instance?.stop();
});

async function ask<N extends OperationName>(op: N, input: InputToSend<N>, accessToken?: string): Promise<Frame> {
  const response = await fetch(`${instance.url}/api/${op}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `10.0.0.${++people % 250}`,
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify(input),
  });
  return (await response.json()) as Frame;
}

/** What it answers; fails where it is refused. */
async function get<N extends OperationName>(op: N, input: InputToSend<N>, accessToken?: string): Promise<Output<N>> {
  const { ok, output, error } = await ask(op, input, accessToken);
  if (!ok) throw new Error(`${op}: ${error?.code} ${error?.reason}`);
  return output as Output<N>;
}

const newName = () => `person-${++people}`;

async function register(name = newName()): Promise<Tokens & { readonly name: string }> {
  const { token } = await get('invite.create', {}, owner.accessToken);
  const tokens = await get('auth.register', { invite: token, name, password });
  return { ...(tokens as Tokens), name };
}

const refused = (code: string, reason: string) => ({ ok: false, error: { code, reason } });
const tokenOf = (link: string) => link.slice(link.indexOf('#') + 1);

describe('a refresh token', () => {
  test('answers the same successor again; an older one closes the session', async () => {
    const first = await register();
    const again = (refreshToken = '') => ask('auth.refresh', { refreshToken });
    const second = await get('auth.refresh', { refreshToken: first.refreshToken ?? '' });
    expect(await again(first.refreshToken)).toMatchObject({ ok: true, output: { refreshToken: second.refreshToken } });
    const third = await get('auth.refresh', { refreshToken: second.refreshToken ?? '' });
    expect(await again(first.refreshToken)).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
    expect(await again(third.refreshToken)).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
  });

  test('is worth nothing after signing out', async () => {
    const { accessToken, refreshToken = '' } = await register();
    await get('auth.signOut', {}, accessToken);
    expect(await ask('auth.refresh', { refreshToken })).toMatchObject(refused('unauthenticated', 'session_closed'));
  });
});

describe('a link', () => {
  test('for a new password works once, and a later one makes it worthless', async () => {
    const { name } = await register();
    const links = [
      await get('user.resetLink', { user: name }, owner.accessToken),
      await get('user.resetLink', { user: name }, owner.accessToken),
    ];
    const [former = '', token = ''] = links.map(({ link }) => tokenOf(link));
    const next = { password: 'another good one 43' };
    expect(await ask('auth.resetPassword', { token: former, ...next })).toMatchObject(
      refused('forbidden', 'link_invalid'),
    );
    expect(await get('auth.resetLook', { token })).toMatchObject({ name });
    expect(await ask('auth.resetPassword', { token, ...next })).toMatchObject({ ok: true });
    expect(await ask('auth.resetPassword', { token, ...next })).toMatchObject(refused('forbidden', 'link_invalid'));
    expect(await ask('auth.resetLook', { token })).toMatchObject(refused('forbidden', 'link_invalid'));
  });

  test('is for what it was made for alone, and expires', async () => {
    const { userId } = await register();
    await addTicket('password_reset', 'old link', userId, 1);
    await addTicket('password_reset', 'good link', userId, 60_000);
    await addTicket('email_confirmation', 'mail link', userId, 60_000);
    await pause(5);
    for (const token of ['old link', 'mail link', 'no link']) {
      expect(await ask('auth.resetLook', { token })).toMatchObject(refused('forbidden', 'link_invalid'));
    }
    expect(await ask('email.confirm', { token: 'good link' })).toMatchObject(refused('forbidden', 'link_invalid'));
    expect(await ask('auth.resetLook', { token: 'good link' })).toMatchObject({ ok: true });
  });

  test('that invites one admits one', async () => {
    const { token } = await get('invite.create', {}, owner.accessToken);
    const come = () => ask('auth.register', { invite: token, name: newName(), password });
    const answers = await Promise.all([come(), come()]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await come()).toMatchObject({ ok: false, error: { code: 'forbidden' } });
  });
});

describe('a second factor', () => {
  async function withAuthenticator() {
    const person = await register();
    const { secret } = await get('totp.begin', { present: password }, person.accessToken);
    // The step before the present one is right as well; the present one stays unused.
    const code = totpCode(secret, Date.now() - 30_000);
    const { recoveryCodes } = await get('totp.finish', { code }, person.accessToken);
    return { ...person, secret, recoveryCodes: recoveryCodes ?? [] };
  }
  async function ticketOf(name: string): Promise<string> {
    const answer = await get('auth.signIn', { name, password });
    if (answer.status !== 'second_factor_needed') throw new Error(answer.status);
    return answer.ticket;
  }
  const wrongCode = refused('unauthenticated', 'wrong_code');
  const deadTicket = refused('unauthenticated', 'ticket_expired');

  test('signs in once: neither its ticket nor its code does again', async () => {
    const { name, secret } = await withAuthenticator();
    const [ticket, another] = [await ticketOf(name), await ticketOf(name)];
    const finish = (with_: string, code: string) => ask('auth.secondFactor', { ticket: with_, method: 'totp', code });
    const code = totpCode(secret, Date.now());
    expect(await finish(ticket, code)).toMatchObject({ ok: true });
    expect(await finish(ticket, totpCode(secret, Date.now() + 30_000))).toMatchObject(deadTicket);
    expect(await finish(another, code)).toMatchObject(wrongCode);
  });

  test('by recovery code signs in once, of any number who try at once', async () => {
    const { name, recoveryCodes } = await withAuthenticator();
    const [code = ''] = recoveryCodes;
    const tickets = [await ticketOf(name), await ticketOf(name), await ticketOf(name)];
    const answers = await Promise.all(
      tickets.map((ticket) => ask('auth.secondFactor', { ticket, method: 'recovery_code', code })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test('has a ticket that expires, and that is for nothing else', async () => {
    const { name, userId, secret } = await withAuthenticator();
    const code = totpCode(secret, Date.now());
    await addTicket('second_factor', 'old ticket', userId, 1);
    await pause(5);
    for (const ticket of ['old ticket', 'no ticket']) {
      expect(await ask('auth.secondFactor', { ticket, method: 'totp', code })).toMatchObject(deadTicket);
    }
    const ticket = await ticketOf(name);
    expect(await ask('auth.enrolBegin', { ticket })).toMatchObject(deadTicket);
    expect(await ask('auth.resetLook', { token: ticket })).toMatchObject(refused('forbidden', 'link_invalid'));
  });

  test('is asked for again on a device that is not trusted, whoever else trusted it', async () => {
    const [anna, boris] = [await withAuthenticator(), await withAuthenticator()];
    const trusted = await get('auth.secondFactor', {
      ticket: await ticketOf(anna.name),
      method: 'totp',
      code: totpCode(anna.secret, Date.now()),
      trustDevice: true,
    });
    const on = (deviceToken = '') => ({ password, deviceToken });
    const status = async (name: string, deviceToken: string | undefined) =>
      (await get('auth.signIn', { name, ...on(deviceToken) })).status;
    expect(await status(anna.name, trusted.deviceToken)).toBe('signed_in');
    expect(await status(anna.name, trusted.deviceToken)).toBe('signed_in');
    expect(await status(boris.name, trusted.deviceToken)).toBe('second_factor_needed');
    expect(await status(anna.name, 'another device')).toBe('second_factor_needed');
  });
});

describe('an API token', () => {
  test('ends over HTTP and sockets when it is revoked', async () => {
    const { accessToken } = await register();
    const { token, apiToken } = await get('token.create', { name: 'bot', scopes: ['chat', 'account'] }, accessToken);
    expect(await ask('session.list', {}, token)).toMatchObject({ ok: true });
    const socket = await connectOpen(instance.url, token);
    expect(await socket.ask('sync', {})).toMatchObject({ ok: true });
    await get('token.revoke', { apiTokenId: apiToken.apiTokenId }, accessToken);
    expect(await socket.closed).toBe(4001);
    expect(await ask('session.list', {}, token)).toMatchObject(refused('unauthenticated', 'session_closed'));
  });

  test('ends when it expires, and is none before it was made', async () => {
    const { userId } = await register();
    const { platform } = instance;
    await platform.apiTokens.add(
      {
        apiTokenId: platform.random.id() as ApiTokenId,
        userId,
        tokenHash: platform.digests.hash('msgr_old'),
        name: 'old',
        scopes: ['account'],
        lifeMs: 1,
      },
      50,
    );
    await pause(5);
    expect(await ask('session.list', {}, 'msgr_old')).toMatchObject(refused('unauthenticated', 'token_expired'));
    expect(await ask('session.list', {}, 'msgr_new')).toMatchObject(refused('unauthenticated', 'token_invalid'));
  });
});

test('nothing of it was a defect', () => {
  expect(instance.defects()).toEqual([]);
});

async function addTicket(
  purpose: 'password_reset' | 'email_confirmation' | 'second_factor',
  secret: string,
  userId: UserId,
  lifeMs: number,
): Promise<void> {
  const { tickets, digests } = instance.platform;
  await tickets.add({ hash: digests.hash(secret), purpose, userId, data: {}, lifeMs, alone: false });
}
