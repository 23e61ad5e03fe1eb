import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cli, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';

let cli: Cli;
beforeAll(async () => {
  cli = makeCli(await freePort());
  await cli.run(['init', '--yes']);
});
afterAll(() => cli.remove());

describe('the command line speaks the language of the terminal', () => {
  const russian = { env: { LANG: 'ru_RU.UTF-8' } };

  test('in what it prints, in errors and in help', async () => {
    expect((await cli.run(['doctor'], russian)).out).toContain('Место на диске');
    expect((await cli.run(['config', 'get', 'prt'], russian)).err).toContain('Нет настройки prt');
    expect((await cli.run(['users', '--help'], russian)).out).toMatch(
      /^Учётные записи: .*[\s\S]*Перечислить учётные записи/,
    );
    expect((await cli.run(['up', '--help'], russian)).out).toMatch(/ОБЩИЕ КЛЮЧИ[\s\S]*Папка экземпляра/);
    expect((await cli.run(['status'], russian)).out).toContain('не работает');
  });

  test('and in that of --lang before', async () => {
    expect((await cli.run(['doctor', '--lang', 'en'], russian)).out).toContain('Disk space');
    expect((await cli.run(['doctor', '--lang=ru'])).out).toContain('Место на диске');
  });

  test('but what programs read is the same in every language', async () => {
    const reasons = await Promise.all(
      [{}, russian].map(async (how) => {
        const { code, out } = await cli.run(['config', 'set', 'port', 'many', '--json'], how);
        return { code, reason: JSON.parse(out).error.reason };
      }),
    );
    expect(reasons).toEqual([
      { code: 2, reason: 'setting_invalid' },
      { code: 2, reason: 'setting_invalid' },
    ]);
  });
});

describe('what was not understood ends with 2 and a way on', () => {
  test.each([
    [['stats'], 'status'],
    [['users', 'lst'], 'users list'],
    [['up', '--detatch'], '--help'],
    [['config', 'get'], '--help'],
    [['logs', '--level', 'loud'], '--help'],
    [['up', '--port', 'http'], '--help'],
  ])('%j', async (args, wanted) => {
    const { code, err } = await cli.run(args);
    expect(code).toBe(2);
    expect(err).toContain(wanted);
  });

  test('remedies name the instance that was meant, and can be copied', async () => {
    const { err } = await cli.run(['status', '-i', "/tmp/no such o'clock"]);
    expect(err).toMatch(/init -i '\/tmp\/no such o'\\''clock'/);
  });
});

test('help names every command, and none that is hidden', async () => {
  const { out } = await cli.run(['--help']);
  for (const command of [
    'init',
    'up',
    'down',
    'restart',
    'status',
    'logs',
    'doctor',
    'migrate',
    'config',
    'users',
    '2fa',
    'tokens',
    'audit',
    'invites',
  ]) {
    expect(out).toContain(command);
  }
  expect((await cli.run(['up', '--help'])).out).not.toContain('--background');
});
