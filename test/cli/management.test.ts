import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cli, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';

/** The same commands, once on the stores themselves and once over the running server's socket. */
describe.each(['while no server runs', 'while the server runs'])('%s', (when) => {
  let cli: Cli;
  beforeAll(async () => {
    cli = makeCli(await freePort());
    await cli.run(['init', '--yes']);
    if (when === 'while the server runs') await cli.run(['up', '--detach']);
  });
  afterAll(() => cli.remove());

  test('accounts are added, listed and shown', async () => {
    const added = await cli.run(
      ['users', 'add', 'anna', '--display-name', 'Анна ✨', '--role', 'admin', '--password', '-', '--json'],
      {
        input: 'correct horse battery staple\n',
      },
    );
    expect(added, added.out + added.err).toMatchObject({ code: 0 });
    expect(added.json()).toMatchObject({ user: { name: 'anna', displayName: 'Анна ✨', role: 'admin' } });
    expect(added.out).not.toContain('password');

    expect((await cli.run(['users', 'list', '--json'])).json()).toMatchObject({
      users: [{ name: 'anna' }],
      more: false,
    });
    const shown = await cli.run(['users', 'show', 'anna']);
    expect(shown.out).toContain('Анна ✨');
    expect((await cli.run(['users', 'list'])).out).toMatch(/anna\s+Анна ✨\s+admin/);
  });

  test('where nobody can be asked, a password is made and shown once', async () => {
    const added = await cli.run(['users', 'add', 'ben']);
    expect(added.code).toBe(0);
    expect(added.out).toMatch(/[a-z2-9]{5}(-[a-z2-9]{5}){3}/);
  });

  test('a name that is taken, a weak password and an unknown account are refused with a remedy', async () => {
    await cli.run(['users', 'add', 'carl']);
    const taken = await cli.run(['users', 'add', 'carl', '--json']);
    expect(taken.code).toBe(1);
    expect(taken.json()).toMatchObject({ error: { reason: 'name_taken', mend: [expect.any(String)] } });
    expect((await cli.run(['users', 'add', 'dora', '--password', '-'], { input: 'short' })).code).toBe(1);
    expect((await cli.run(['users', 'add', 'dora', '--password', '-'])).code).toBe(2);
    const nobody = await cli.run(['users', 'show', 'nobody']);
    expect(nobody).toMatchObject({ code: 1 });
    expect(nobody.err).toContain('users list');
  });

  test('invites are made as link and QR code, listed, and revoked for good', async () => {
    const printed = await cli.run(['invites', 'create', '--uses', '5', '--note', 'choir']);
    expect(printed.out).toMatch(/http:\/\/\S+\/join\S+/);
    expect(printed.out).toContain('█');
    const made = (await cli.run(['invites', 'create', '--uses', '0', '--days', '0', '--json'])).json() as {
      invite: { inviteId: string; maxUses: null; expiresAt: null };
    };
    expect(made.invite).toMatchObject({ maxUses: null, expiresAt: null });
    const { inviteId } = made.invite;
    expect((await cli.run(['invites', 'list'])).out).toMatch(/open\s+member\s+0\/5.*choir/);
    expect((await cli.run(['invites', 'revoke', inviteId])).code).toBe(0);
    expect((await cli.run(['invites', 'list'])).out).not.toContain(inviteId);
    expect((await cli.run(['invites', 'list', '--spent'])).out).toMatch(new RegExp(`${inviteId}\\s+revoked`));
    expect((await cli.run(['invites', 'revoke', 'abc'])).code).toBe(1);
  });

  test('migrate finds the databases as they should be', async () => {
    expect((await cli.run(['migrate', '--json'])).json()).toMatchObject({ migrated: true });
  });

  test('settings are read and changed, and what takes a restart says so', async () => {
    expect((await cli.run(['config', 'get', 'log.level'])).out).toBe('info\n');
    const set = await cli.run(['config', 'set', 'log.level', 'debug', '--json']);
    expect(set.json()).toEqual({
      setting: 'log.level',
      value: 'debug',
      changed: true,
      restart: when === 'while the server runs',
    });
    expect((await cli.run(['config', 'show', '--changed'])).out).toContain('log.level  debug (default: info)');
    expect((await cli.run(['config', 'set', 'log.level', 'default'])).code).toBe(0);
    expect((await cli.run(['config', 'get', 'log.level', '--json'])).json()).toEqual({
      setting: 'log.level',
      value: 'info',
    });
  });

  test('passwords within settings are never shown', async () => {
    const set = await cli.run(['config', 'set', 'bus.url', 'redis://me:hunter2@localhost:6379']);
    const shown = await cli.run(['config', 'show', 'bus']);
    const got = await cli.run(['config', 'get', 'bus.url', '--json']);
    expect(set.code).toBe(0);
    for (const { out, err } of [set, shown, got]) expect(out + err).not.toContain('hunter2');
    expect(got.out).toContain('redis://me:');
    await cli.run(['config', 'set', 'bus.url', 'none']);
  });
});
