import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Cli, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';

let cli: Cli;
let port: number;
beforeEach(async () => {
  port = await freePort();
  cli = makeCli(port);
});
afterEach(() => cli.remove());

describe('init', () => {
  test('makes an instance that doctor finds nothing wrong with', async () => {
    const made = await cli.run(['init', '--name', 'Ours', '--yes']);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toContain(`The instance is made: ${cli.home}`);
    const checked = await cli.run(['doctor', '--json']);
    expect(checked.code).toBe(0);
    expect(checked.json()).toMatchObject({ ok: true });
    expect(statSync(join(cli.home, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(cli.home, 'messenger.yaml'), 'utf8')).toContain(`port: ${port}`);
  });

  test('does no harm the second time', async () => {
    await cli.run(['init', '--yes']);
    const before = readFileSync(join(cli.home, 'secrets.json'), 'utf8');
    const again = await cli.run(['init', '--yes', '--json']);
    expect(again.code).toBe(0);
    expect(again.json()).toMatchObject({ made: false });
    expect(readFileSync(join(cli.home, 'secrets.json'), 'utf8')).toBe(before);
  });

  test('refuses an address that is none, and makes nothing', async () => {
    const refused = await cli.run(['init', '--yes', '--address', 'chat']);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('--address');
    expect(existsSync(cli.home)).toBe(false);
  });
});

describe('a running instance', () => {
  test('goes up, is seen, restarts and goes down', async () => {
    await cli.run(['init', '--yes']);
    const up = await cli.run(['up', '--detach', '--json']);
    expect(up, up.err).toMatchObject({ code: 0 });
    expect(up.json()).toMatchObject({ local: `http://localhost:${port}`, invite: expect.stringContaining('/join') });
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);

    const status = await cli.run(['status', '--json']);
    expect(status.json()).toMatchObject({ running: true, users: 0, home: cli.home });
    expect((await cli.run(['status'])).out).toMatch(/State\s+● running/);

    const before = (up.json() as { pid: number }).pid;
    const restarted = await cli.run(['restart', '--json']);
    expect(restarted.code).toBe(0);
    expect((restarted.json() as { pid: number }).pid).not.toBe(before);

    const logged = await cli.run(['logs', '--json']);
    const messages = logged.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages).toEqual(expect.arrayContaining(['started', 'stopped']));
    expect((await cli.run(['logs', '-n', '1'])).out.trim().split('\n')).toHaveLength(1);

    expect((await cli.run(['down', '--json'])).json()).toMatchObject({ stopped: true });
    expect((await cli.run(['status'])).code).toBe(3);
    expect((await cli.run(['down', '--json'])).json()).toMatchObject({ stopped: false });
  }, 60_000);

  test('is not started twice, and says so', async () => {
    await cli.run(['init', '--yes']);
    await cli.run(['up', '--detach']);
    const foreground = await cli.run(['up']);
    expect(foreground).toMatchObject({ code: 1 });
    expect(foreground.err).toContain('is running already');
    const detached = await cli.run(['up', '--detach', '--json']);
    expect(detached.code).toBe(0);
  }, 60_000);

  test('keeps its first invite over restarts, until there is an account', async () => {
    const inviteOf = async () =>
      ((await cli.run(['up', '--detach', '--json'])).json() as { invite: string | null }).invite;
    await cli.run(['init', '--yes']);
    const first = await inviteOf();
    expect(first).toContain('/join');
    await cli.run(['down']);
    expect(await inviteOf()).toBe(first);
    await cli.run(['users', 'add', 'anna', '--role', 'owner', '--yes']);
    await cli.run(['down']);
    expect(await inviteOf()).toBeNull();
    expect((await cli.run(['invites', 'list', '--json'])).json()).toEqual({ invites: [] });
  }, 60_000);

  test('tells other people’s programs nothing secret: the link is not in the log', async () => {
    await cli.run(['init', '--yes']);
    const { invite } = (await cli.run(['up', '--detach', '--json'])).json() as { invite: string };
    const token = invite.split('#').at(-1) ?? '';
    expect(token.length).toBeGreaterThan(20);
    expect(readFileSync(join(cli.home, 'logs', 'messenger.log'), 'utf8')).not.toContain(token);
  });
});

describe('what an instance lost', () => {
  test('its keys: refused with the way back, and init makes new ones', async () => {
    await cli.run(['init', '--yes']);
    writeFileSync(join(cli.home, 'secrets.json'), '{');
    const refused = await cli.run(['status']);
    expect(refused.code).toBe(4);
    expect(refused.err).toContain('is damaged');
    chmodSync(join(cli.home, 'secrets.json'), 0o644);
    expect((await cli.run(['doctor'])).code).toBe(1);
  });
});
