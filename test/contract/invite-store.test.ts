import { expect, it } from 'vitest';
import type { InviteId } from '../../src/protocol/ids.ts';
import { addPeople, somebody, someId } from '../support/accounts.ts';
import { onEveryDatabase, type TestDatabase } from '../support/databases.ts';

onEveryDatabase('invites', (fresh) => {
  const invite = (more: { maxUses?: number | null; expiresAt?: number | null; tokenHash?: string } = {}) => ({
    inviteId: someId.invite(),
    tokenHash: 'hash',
    role: 'member' as const,
    createdBy: null,
    maxUses: 1 as number | null,
    expiresAt: null as number | null,
    note: 'for Ben',
    conversationIds: [],
    ...more,
  });
  const join = ({ stores }: Pick<TestDatabase, 'stores'>, name: string, inviteHash = 'hash') =>
    stores.users.add(somebody(name), { inviteHash });

  it('are found by id and by hash, and otherwise null', async () => {
    const { invites } = (await fresh()).stores;
    const made = await invites.add(invite({ expiresAt: 9_999_999_999_999 }));
    expect(made).toMatchObject({
      role: 'member',
      maxUses: 1,
      uses: 0,
      revokedAt: null,
      note: 'for Ben',
      createdBy: null,
    });
    expect(await invites.find(made.inviteId)).toEqual(made);
    expect(await invites.findByHash('hash')).toEqual(made);
    expect(await invites.find(someId.invite())).toBeNull();
    expect(await invites.findByHash('other')).toBeNull();
  });

  it('let exactly one of two people in with the last use', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    await test.stores.invites.add(invite());
    const answers = await Promise.all([
      join(test, 'ann'),
      join({ stores: another }, 'ben'),
      join(test, 'cid'),
      join({ stores: another }, 'dan'),
    ]);
    expect(answers.sort()).toEqual(['added', 'invite_spent', 'invite_spent', 'invite_spent']);
    expect(await test.stores.users.count()).toBe(1);
    expect((await test.stores.invites.findByHash('hash'))?.uses).toBe(1);
  });

  it('keep their use when two with one name race for it', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    await test.stores.invites.add(invite({ maxUses: 5 }));
    const answers = await Promise.all([join(test, 'ann'), join({ stores: another }, 'ann'), join(test, 'ann')]);
    expect(answers.sort()).toEqual(['added', 'name_taken', 'name_taken']);
    expect((await test.stores.invites.findByHash('hash'))?.uses).toBe(1);
  });

  it('keep the conversations that people land in, in their order', async () => {
    const { invites } = (await fresh()).stores;
    const conversationIds = [someId.conversation(), someId.conversation()];
    await invites.add({ ...invite(), conversationIds });
    expect((await invites.findByHash('hash'))?.conversationIds).toEqual(conversationIds);
    expect((await invites.list({ createdBy: null, spent: false }))[0]?.conversationIds).toEqual(conversationIds);
  });

  it('are not used up by somebody whose name or address is taken', async () => {
    const test = await fresh();
    await addPeople(test.stores, 'ann');
    await test.stores.invites.add(invite());
    expect(await join(test, 'ann')).toBe('name_taken');
    await test.stores.users.add(somebody('cid', { email: 'cid@example.org' }));
    expect(await test.stores.users.add(somebody('dan', { email: 'cid@example.org' }), { inviteHash: 'hash' })).toBe(
      'email_taken',
    );
    expect((await test.stores.invites.findByHash('hash'))?.uses).toBe(0);
    expect(await join(test, 'ben')).toBe('added');
  });

  it('tell nobody without a use which names are taken', async () => {
    const test = await fresh();
    await addPeople(test.stores, 'ann');
    expect(await join(test, 'ann', 'unknown')).toBe('invite_spent');
  });

  it('let nobody in once they expired or were revoked, by the store’s clock', async () => {
    const test = await fresh();
    const { invites, sessions } = test.stores;
    const soon = (await sessions.now()) + 5;
    await invites.add(invite({ expiresAt: soon }));
    const revoked = await invites.add(invite({ tokenHash: 'revoked', maxUses: null }));
    expect(await join(test, 'ann', 'revoked')).toBe('added');
    await invites.revoke(revoked.inviteId);
    await test.pass(6);
    expect(await join(test, 'ben')).toBe('invite_spent');
    expect(await join(test, 'ben', 'revoked')).toBe('invite_spent');
  });

  it('keep the time they were first revoked at', async () => {
    const test = await fresh();
    const { inviteId } = await test.stores.invites.add(invite());
    await test.stores.invites.revoke(inviteId);
    const first = await test.stores.invites.find(inviteId);
    await test.pass(3);
    await test.stores.invites.revoke(inviteId);
    expect(first?.revokedAt).not.toBeNull();
    expect(await test.stores.invites.find(inviteId)).toEqual(first);
  });

  it('without a limit let everybody in', async () => {
    const test = await fresh();
    await test.stores.invites.add(invite({ maxUses: null }));
    expect(await Promise.all([join(test, 'ann'), join(test, 'ben'), join(test, 'cid')])).toEqual(
      Array(3).fill('added'),
    );
    expect((await test.stores.invites.findByHash('hash'))?.uses).toBe(3);
  });

  it('are listed newest first, one person’s or everybody’s, spent ones only when asked for', async () => {
    const test = await fresh();
    const { invites, sessions } = test.stores;
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const made: Record<string, InviteId> = {};
    const add = async (name: string, more: Parameters<typeof invite>[0] & { createdBy?: typeof ann }) => {
      made[name] = (await invites.add({ ...invite({ tokenHash: name }), ...more })).inviteId;
      await test.pass(2);
    };
    await add('open', { createdBy: ann });
    await add('used', { createdBy: ann });
    await add('revoked', { createdBy: ben });
    await add('expired', { createdBy: ben, expiresAt: await sessions.now() });
    await add('other', { createdBy: ben, maxUses: null });
    await join(test, 'new', 'used');
    await invites.revoke(made.revoked as InviteId);
    const ids = async (ask: Parameters<typeof invites.list>[0]) => (await invites.list(ask)).map((one) => one.inviteId);
    expect(await ids({ createdBy: null, spent: false })).toEqual([made.other, made.open]);
    expect(await ids({ createdBy: null, spent: true })).toEqual([
      made.other,
      made.expired,
      made.revoked,
      made.used,
      made.open,
    ]);
    expect(await ids({ createdBy: ann, spent: true })).toEqual([made.used, made.open]);
  });
});
