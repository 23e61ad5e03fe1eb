import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bounds } from '../../src/core/auth/throttling.ts';
import type { Host } from '../../src/ports/host.ts';
import type { Letter } from '../../src/ports/mailer.ts';
import type { InputToSend } from '../../src/protocol/operations.ts';
import { failure, goodPassword, local, signedIn, stranger } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld } from '../support/core-world.ts';
import { testSettings } from '../support/platform.ts';

const hour = 3_600_000;
let world: CoreWorld;

beforeEach(async () => {
  world = await makeCoreWorld();
});
afterEach(() => world.close());

const attempt = async (
  input: Partial<InputToSend<'auth.register'>>,
  from = stranger(),
  { ask }: Pick<CoreWorld, 'ask'> = world,
) => signedIn(await ask('auth.register', { name: 'alice', password: goodPassword, device: 'phone', ...input }, from));

const inMode = async (registration: 'open' | 'closed') => {
  await world.close();
  world = await makeCoreWorld({ settings: { ...testSettings, registration } });
};

describe('registration', () => {
  it('with an invite makes an account of its role and signs in', async () => {
    const { token } = await world.invite({ role: 'moderator' });
    const tokens = await attempt({ invite: token, displayName: 'Alice A.' });
    expect(await world.person(tokens)).toEqual({
      kind: 'person',
      userId: tokens.userId,
      sessionId: tokens.sessionId,
      role: 'moderator',
      scopes: null,
    });
    expect(await world.platform.users.find(tokens.userId)).toMatchObject({ name: 'alice', displayName: 'Alice A.' });
    expect((await world.signIn('Alice')).userId).toBe(tokens.userId);
  });

  it('stores no password and no invite token as they are', async () => {
    const { invite, token } = await world.invite();
    const { userId } = await attempt({ invite: token });
    const user = await world.platform.users.find(userId);
    expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$/);
    expect(JSON.stringify(await world.platform.invites.find(invite.inviteId))).not.toContain(token);
  });

  it('needs an invite unless it is open to all', async () => {
    expect(await failure(attempt({}))).toMatchObject({ code: 'forbidden', reason: 'invite_needed' });
    await inMode('open');
    const tokens = await attempt({});
    expect(await world.person(tokens)).toMatchObject({ role: 'member' });
  });

  it('is refused to everybody where it is closed, invite or not', async () => {
    await inMode('closed');
    const { token } = await world.invite();
    for (const invite of [undefined, token]) {
      const asked = attempt(invite === undefined ? {} : { invite });
      expect(await failure(asked)).toMatchObject({ code: 'forbidden', reason: 'registration_closed' });
    }
  });

  it('still honours an invite where it is open to all, and refuses a bad one', async () => {
    await inMode('open');
    const { token } = await world.invite({ role: 'admin' });
    expect(await world.person(await attempt({ invite: token }))).toMatchObject({ role: 'admin' });
    expect(await failure(attempt({ name: 'bob', invite: token }))).toMatchObject({ reason: 'invite_spent' });
  });

  it('says of an invite that it is unknown, spent, expired or revoked', async () => {
    const spent = await world.invite();
    await attempt({ invite: spent.token });
    const expired = await world.invite({ expiresInHours: 1 });
    const revoked = await world.invite({ maxUses: null, expiresInHours: null });
    await world.auth.handlers['invite.revoke']({ inviteId: revoked.invite.inviteId }, local);
    world.platform.clock.advance(hour);

    const reasonFor = async (invite: string) => {
      const registering = await failure(attempt({ name: 'bob', invite }));
      const looking = await failure(Promise.resolve(world.auth.handlers['invite.look']({ token: invite }, stranger())));
      expect(looking).toMatchObject({ code: 'forbidden', reason: (registering as { reason: string }).reason });
      return (registering as { reason: string }).reason;
    };
    expect(await reasonFor('x'.repeat(43))).toBe('invite_invalid');
    expect(await reasonFor(spent.token)).toBe('invite_spent');
    expect(await reasonFor(expired.token)).toBe('invite_expired');
    expect(await reasonFor(revoked.token)).toBe('invite_revoked');
  });

  it('gives the last use of an invite to exactly one of those who ask at once', async () => {
    const { invite, token } = await world.invite({ maxUses: 2 });
    await attempt({ invite: token });
    const outcomes = await Promise.allSettled(
      ['bob', 'carol', 'dave', 'erin'].map((name) => attempt({ name, invite: token })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'invite_spent' });
    }
    expect(await world.platform.invites.find(invite.inviteId)).toMatchObject({ uses: 2 });
    expect(await world.platform.users.count()).toBe(2);
  });

  it('tells the holder of a valid invite, and nobody else, that a name is taken, and takes no use for it', async () => {
    await world.register('alice');
    const { invite, token } = await world.invite();
    expect(await failure(attempt({ invite: token }))).toMatchObject({ code: 'conflict', reason: 'name_taken' });
    expect(await world.platform.invites.find(invite.inviteId)).toMatchObject({ uses: 0 });
    await attempt({ name: 'bob', invite: token });
    expect(await failure(attempt({ invite: token }))).toMatchObject({ reason: 'invite_spent' });
    expect(await failure(attempt({ invite: 'guess' }))).toMatchObject({ reason: 'invite_invalid' });
    expect(await failure(attempt({}))).toMatchObject({ reason: 'invite_needed' });
  });

  it('makes one account of a name that two ask for at once', async () => {
    const { token } = await world.invite({ maxUses: null });
    const outcomes = await Promise.allSettled([attempt({ invite: token }), attempt({ invite: token })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it.each([
    ['a common password', 'Password123'],
    ['a common password', '1q2w3e4r5t'],
    ['the name in it', 'xxALICExx99'],
    ['the name in full width', 'ａｌｉｃｅ-2026-x'],
    ['the name of the instance', 'T-e-s-t 26'],
    ['the name of the product', 'Messenger1!'],
    ['few characters over and over', 'abababababab'],
    ['a sequence', 'bcdefghijklm'],
    ['a sequence backwards', 'zyxwvutsrqpo'],
  ])('refuses %s as a password', async (_, password) => {
    const { invite, token } = await world.invite();
    expect(await failure(attempt({ password, invite: token }))).toMatchObject({
      code: 'invalid',
      reason: 'password_too_weak',
      fields: [{ path: 'password' }],
    });
    expect(await world.platform.invites.find(invite.inviteId)).toMatchObject({ uses: 0 });
  });

  it('takes a password however a keyboard composes its letters', async () => {
    const { token } = await world.invite();
    await attempt({ invite: token, password: 'Crème brûlée 9'.normalize('NFC') });
    await world.signIn('alice', stranger(), 'Crème brûlée 9'.normalize('NFD'));
  });

  it('without an invite is throttled by network', async () => {
    await inMode('open');
    const outcomes: unknown[] = [];
    for (let n = 0; n < 21; n++) {
      outcomes.push(await attempt({ name: `n${n}` }, stranger(`2001:db8:0:1::${n}`)).catch((error: unknown) => error));
    }
    expect(outcomes.at(19)).toMatchObject({ status: 'signed_in' });
    expect(outcomes.at(20)).toMatchObject({ code: 'too_many_requests', retryAfter: 180 });
    expect(await attempt({ name: 'neighbour' }, stranger('2001:db8:0:2::1'))).toMatchObject({ status: 'signed_in' });
  });

  it('with one invite is not throttled by those it lets in, but by names that are taken', async () => {
    const { invite, token } = await world.invite({ maxUses: null });
    const { key, points, perMs } = bounds.registrationsBy(invite.inviteId);
    for (let n = 1; n < points; n++) await world.platform.limiter.take(key, points, perMs);
    for (let n = 0; n < 5; n++) await attempt({ name: `n${n}`, invite: token });
    expect(await failure(attempt({ name: 'n0', invite: token }))).toMatchObject({ reason: 'name_taken' });
    expect(await failure(attempt({ name: 'n0', invite: token }))).toMatchObject({ code: 'too_many_requests' });
  });

  it('slows down who guesses invite tokens', async () => {
    for (let n = 0; n < 30; n++)
      expect(await failure(attempt({ invite: `g${n}` }))).toMatchObject({ code: 'forbidden' });
    expect(await failure(attempt({ invite: 'g30' }))).toMatchObject({ code: 'too_many_requests' });
    const { token } = await world.invite();
    expect(await attempt({ invite: token })).toMatchObject({ status: 'signed_in' });
  });

  it('sends a link to an address that is given, which counts for nothing before it is opened', async () => {
    const sent: { to: string; letter: Letter }[] = [];
    const send = async (to: string, letter: Letter) => {
      sent.push({ to, letter });
      return 'taken';
    };
    await world.close();
    world = await makeCoreWorld({ mailer: { on: true, send } });
    const { token } = await world.invite();
    const { userId } = await attempt({ invite: token, email: 'Alice@Example.org', language: 'ru' });
    await world.work();
    expect(sent).toMatchObject([{ to: 'alice@example.org', letter: { kind: 'email_confirmation' } }]);
    expect(await world.platform.users.find(userId)).toMatchObject({ email: null, language: 'ru' });
    const letter = sent[0]?.letter;
    const link = letter?.kind === 'email_confirmation' ? letter.link : '';
    await world.ask('email.confirm', { token: link.split('#')[1] ?? '' }, stranger());
    expect(await world.platform.users.find(userId)).toMatchObject({ email: 'alice@example.org' });
  });

  it('leads to setting up a second factor where the instance requires one', async () => {
    await world.close();
    world = await makeCoreWorld({ settings: { ...testSettings, twoFactor: 'required-for-admins' } });
    const admin = await world.invite({ role: 'admin' });
    const answer = await world.ask(
      'auth.register',
      { name: 'alice', password: goodPassword, invite: admin.token },
      stranger(),
    );
    expect(answer).toMatchObject({ status: 'enrolment_needed', ticket: expect.any(String) });
    const { token } = await world.invite();
    expect(await attempt({ name: 'bob', invite: token })).toMatchObject({ status: 'signed_in' });
  });
});

describe('while the host has no room', () => {
  let room: Awaited<ReturnType<Host['room']>>;
  beforeEach(async () => {
    room = { ok: true };
    await world.close();
    world = await makeCoreWorld({ host: { room: async () => room } });
  });
  const refusals = async () => {
    const ask = { before: null, after: null, userId: null, since: null, until: null, limit: 100 };
    return world.platform.audit.query({ ...ask, action: 'user.refused' });
  };

  it('nobody new comes in, no invite loses a use, and those who are here sign in as ever', async () => {
    await world.register('olga');
    const { invite, token } = await world.invite();
    room = { ok: false, lacks: 'disk' };
    expect(await failure(attempt({ invite: token }))).toMatchObject({ code: 'unavailable', reason: 'no_room' });
    expect(await failure(attempt({}))).toMatchObject({ reason: 'invite_needed' });
    expect(await world.platform.invites.find(invite.inviteId)).toMatchObject({ uses: 0 });
    await world.signIn('olga');
    room = { ok: true };
    await attempt({ invite: token });
  });

  it('the audit log says so once a minute at most', async () => {
    const { token } = await world.invite();
    room = { ok: false, lacks: 'memory' };
    for (let n = 0; n < 5; n++) await failure(attempt({ invite: token }));
    expect(await refusals()).toMatchObject([{ address: '198.51.100.7', details: { lacks: 'memory' } }]);
    await world.later(60_000);
    await failure(attempt({ invite: token }));
    expect(await refusals()).toHaveLength(2);
  });
});
