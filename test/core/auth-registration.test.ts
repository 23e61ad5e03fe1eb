import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bounds } from '../../src/core/auth/throttling.ts';
import { type AuthWorld, as, failure, goodPassword, local, makeAuthWorld, stranger } from '../support/auth.ts';
import { testSettings } from '../support/platform.ts';

const hour = 3_600_000;
let world: AuthWorld;

beforeEach(async () => {
  world = await makeAuthWorld();
});
afterEach(() => world.close());

const attempt = (
  input: { name?: string; password?: string; invite?: string; displayName?: string },
  from = stranger(),
  { auth } = world,
) =>
  Promise.resolve(
    auth.handlers['auth.register'](
      { name: 'alice', password: goodPassword, device: 'phone', keepIn: 'body', ...input },
      from,
    ),
  );

const inMode = async (registration: 'open' | 'closed') => {
  await world.close();
  world = await makeAuthWorld({ settings: { ...testSettings, registration } });
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
});

describe('an invite', () => {
  it('names its inviter and the instance, and carries its token behind the # of its link', async () => {
    const alice = await world.person(await world.register('alice'));
    const { handlers } = world.auth;
    const { link, token } = await handlers['invite.create'](
      { role: 'member', maxUses: 1, expiresInHours: null, note: 'for bob' },
      as(alice),
    );
    expect(link).toBe(`https://chat.example.org/join#${token}`);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(await handlers['invite.look']({ token }, stranger())).toEqual({
      instanceName: 'Test',
      invitedBy: 'alice',
      role: 'member',
      expiresAt: null,
    });
  });

  it.each([
    ['owner', 'owner', true],
    ['admin', 'owner', false],
    ['admin', 'admin', true],
    ['moderator', 'moderator', false],
    ['moderator', 'member', true],
    ['member', 'moderator', false],
    ['member', 'member', true],
    ['member', 'guest', true],
    ['guest', 'member', false],
  ] as const)('by %s for %s: allowed %s', async (mine, role, allowed) => {
    const inviter = await world.person(await world.register('alice', mine));
    const created = Promise.resolve(
      world.auth.handlers['invite.create']({ role, maxUses: 1, expiresInHours: 1, note: '' }, as(inviter)),
    );
    if (allowed) expect(await created).toMatchObject({ invite: { role, createdBy: inviter.userId } });
    else expect(await failure(created)).toMatchObject({ code: 'forbidden' });
  });

  it('is seen and revoked by who made it and by who manages invites', async () => {
    const { handlers } = world.auth;
    const alice = await world.person(await world.register('alice'));
    const bob = await world.person(await world.register('bob'));
    const admin = await world.person(await world.register('carol', 'admin'));
    const { invite } = await handlers['invite.create'](
      { role: 'member', maxUses: 1, expiresInHours: 1, note: '' },
      as(alice),
    );
    const listed = async (call: Parameters<(typeof handlers)['invite.list']>[1], all = false) =>
      (await handlers['invite.list']({ all, spent: false }, call)).invites.map(({ inviteId }) => inviteId);

    expect(await listed(as(alice))).toEqual([invite.inviteId]);
    expect(await listed(as(bob))).toEqual([]);
    expect(await listed(as(admin), true)).toContain(invite.inviteId);
    expect(await listed(local)).toContain(invite.inviteId);
    expect(await failure(listed(as(bob), true))).toMatchObject({ code: 'forbidden' });

    const revoke = async (call: Parameters<(typeof handlers)['invite.revoke']>[1]) =>
      handlers['invite.revoke']({ inviteId: invite.inviteId }, call);
    expect(await failure(revoke(as(bob)))).toMatchObject({ code: 'not_found' });
    await revoke(as(alice));
    await revoke(as(admin));
    expect(await listed(as(alice))).toEqual([]);
  });
});
