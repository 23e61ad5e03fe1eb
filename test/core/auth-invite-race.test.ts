import { afterEach, expect, it } from 'vitest';
import { goodPassword, stranger } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld } from '../support/core-world.ts';
import { onEveryDatabase } from '../support/databases.ts';

const rounds = 5;

onEveryDatabase('the last use of an invite', (fresh) => {
  const worlds: CoreWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });

  it('goes to exactly one of two who register with it at once, at two servers where there are two', async () => {
    const { stores, another } = await fresh();
    const node = async (of: typeof stores) => {
      const world = await makeCoreWorld(of);
      worlds.push(world);
      return world;
    };
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
