import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Letter, Mailer } from '../../src/ports/mailer.ts';
import type { InputToSend } from '../../src/protocol/operations.ts';
import { failure, goodPassword, local, stranger } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld } from '../support/core-world.ts';
import { testSettings } from '../support/platform.ts';

let world: CoreWorld;
let sent: { to: string; letter: Letter }[];

const mailer: Mailer = {
  on: true,
  send: async (to, letter) => {
    sent.push({ to, letter });
    return 'taken';
  },
};

beforeEach(async () => {
  sent = [];
  world = await makeCoreWorld({ mailer, settings: { ...testSettings, registration: 'approval' } });
});
afterEach(() => world.close());

const apply = (input: Partial<InputToSend<'auth.register'>> = {}) =>
  world.ask('auth.register', { name: 'alice', password: goodPassword, ...input }, stranger());
const add = (name: string, role: 'owner' | 'admin' | 'member', email: string | null) =>
  world.ask('user.add', { name, password: goodPassword, role, email }, local);
const lettersOf = (kind: Letter['kind']) => sent.filter(({ letter }) => letter.kind === kind);

describe('where admins approve accounts', () => {
  it('whoever registers waits, and is told so only with the right password', async () => {
    expect(await apply()).toEqual({ status: 'waiting_for_approval' });
    expect(await failure(world.signIn('alice'))).toMatchObject({ code: 'forbidden', reason: 'account_waiting' });
    expect(await failure(world.signIn('alice', stranger(), 'not the password'))).toMatchObject({
      reason: 'wrong_credentials',
    });
    const { users } = await world.ask('user.list', { state: 'waiting' }, local);
    expect(users).toMatchObject([{ name: 'alice', role: 'member', state: 'waiting', gone: true }]);
    expect(await world.platform.sessions.list(users[0]?.userId ?? ('' as never))).toEqual([]);
  });

  it('an admin lets them in, and they are told by mail where they confirmed an address', async () => {
    await apply({ email: 'alice@example.org' });
    await world.work();
    const [confirmation] = lettersOf('email_confirmation');
    const link = confirmation?.letter.kind === 'email_confirmation' ? confirmation.letter.link : '';
    await world.ask('email.confirm', { token: link.split('#')[1] ?? '' }, stranger());

    const admin = await world.enter('adam', 'admin');
    const { user } = await world.ask('user.approve', { user: 'alice' }, admin);
    expect(user).toMatchObject({ state: 'active', gone: false });
    await world.signIn('alice');
    await world.work();
    expect(lettersOf('account_approved')).toMatchObject([
      { to: 'alice@example.org', letter: { name: 'alice', link: testSettings.address } },
    ]);
    await world.ask('user.approve', { user: 'alice' }, admin);
    await world.work();
    expect(lettersOf('account_approved')).toHaveLength(1);
  });

  it('those who may approve and have an address hear of it, once an hour however many wait', async () => {
    await add('olga', 'owner', 'olga@example.org');
    await add('adam', 'admin', 'adam@example.org');
    await add('anna', 'admin', null);
    await add('mia', 'member', 'mia@example.org');
    await add('dora', 'admin', 'dora@example.org');
    await world.ask('user.disable', { user: 'dora' }, local);
    await apply({ name: 'bob' });
    await apply({ name: 'carol' });
    await world.work();
    const first = lettersOf('approval_wanted');
    expect(first.map(({ to }) => to).sort()).toEqual(['adam@example.org', 'olga@example.org']);
    expect(first[0]?.letter).toMatchObject({ name: 'bob' });
    await world.later(3_600_000);
    await apply({ name: 'dave' });
    await world.work();
    expect(lettersOf('approval_wanted')).toHaveLength(4);
  });

  it('an invite lets in at once', async () => {
    const { token } = await world.invite();
    expect(await apply({ invite: token })).toMatchObject({ status: 'signed_in' });
    expect(sent).toEqual([]);
  });

  it('who waits is neither found nor added to groups', async () => {
    await apply();
    const bob = await world.enter('bob');
    expect(await world.ask('user.find', { query: 'alice' }, bob)).toEqual({ people: [] });
    const alice = await world.platform.users.findByName('alice');
    if (!alice) throw new Error('alice is not there');
    const opened = world.device(bob).call('conversation.openDirect', { userId: alice.userId });
    expect(await failure(opened)).toMatchObject({ code: 'not_found' });
  });

  it('only who waits is approved', async () => {
    await world.register('alice');
    await world.ask('user.disable', { user: 'alice' }, local);
    expect(await failure(world.ask('user.approve', { user: 'alice' }, local))).toMatchObject({
      code: 'conflict',
      reason: 'account_disabled',
    });
    await apply({ name: 'bob' });
    expect(await failure(world.ask('user.enable', { user: 'bob' }, local))).toMatchObject({
      code: 'conflict',
      reason: 'account_waiting',
    });
    await world.ask('user.delete', { user: 'bob', graceDays: 0 }, local);
    await world.work();
    expect(await apply({ name: 'bob' })).toEqual({ status: 'waiting_for_approval' });
  });
});
