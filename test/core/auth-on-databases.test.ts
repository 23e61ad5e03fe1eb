import { afterEach, describe, expect, it } from 'vitest';
import { goodPassword, local, signedIn, stranger } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';
import { onEveryDatabase, type Stores } from '../support/databases.ts';
import { newClientId } from '../support/device.ts';

const rounds = 5;

onEveryDatabase('accounts', (fresh) => {
  const worlds: CoreWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  const node = async (stores: Stores) => {
    const world = await makeCoreWorld(stores);
    worlds.push(world);
    return world;
  };

  describe('the last use of an invite', () => {
    it('goes to exactly one of those who register with it at once, at two servers where there are two', async () => {
      const { stores, another } = await fresh();
      const first = await node(stores);
      const others = await another();
      const second = others === null ? first : await node(others);

      for (let round = 0; round < rounds; round++) {
        const { invite, token } = await first.invite({ maxUses: 1, expiresInHours: null });
        const register = (world: CoreWorld, name: string) =>
          world.ask('auth.register', { name, password: goodPassword, invite: token }, stranger());
        const outcomes = await Promise.allSettled([
          register(first, `anna${round}`),
          register(second, `bert${round}`),
          register(first, `carl${round}`),
          register(second, `dora${round}`),
        ]);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const outcome of outcomes) {
          if (outcome.status === 'fulfilled') expect(outcome.value).toMatchObject({ status: 'signed_in' });
          else expect(outcome.reason).toMatchObject({ code: 'forbidden', reason: 'invite_spent' });
        }
        expect(await stores.invites.find(invite.inviteId)).toMatchObject({ uses: 1 });
        expect(await stores.users.count()).toBe(round + 1);
      }
    });
  });

  it('land in groups, pass them on when they are deleted, and take their messages along', async () => {
    const { stores } = await fresh();
    const world = await node(stores);
    const come = async (name: string, token: string) => {
      const asked = world.ask('auth.register', { name, password: goodPassword, invite: token }, stranger());
      const { userId, sessionId } = signedIn(await asked);
      const caller = { kind: 'person', userId, sessionId, role: 'member', scopes: null } as const;
      return { caller, address: null, origin: null, receiver: null };
    };
    const alice = await come('alice', (await world.invite({ expiresInHours: null })).token);
    const group = await world.group(alice, 'Board');
    const text = { conversationId: group, clientId: newClientId(), text: 'mine' };
    await world.device(alice).call('message.send', text);
    const leading = await world.invite({ expiresInHours: null, conversationIds: [group] });
    const bob = await come('bob', leading.token);
    await world.work();
    expect(await stores.conversations.row(group, userIdOf(bob))).toMatchObject({ member: true });

    await world.ask('user.delete', { user: 'alice', graceDays: 0, removeMessages: true }, local);
    await world.work();
    expect(await stores.users.find(userIdOf(alice))).toMatchObject({ state: 'deleted', name: '' });
    expect(await stores.conversations.row(group, userIdOf(bob))).toMatchObject({ role: 'owner', member: true });
    expect(await world.platform.messages.entry(group, 2)).toMatchObject({ kind: 'message', emptied: true });
    expect(signedIn(await world.trySignIn('bob')).userId).toBe(userIdOf(bob));
    await come('alice', (await world.invite({ expiresInHours: null })).token);
  });
});
