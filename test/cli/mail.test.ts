import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cli, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { startMailServer, type TestMailServer } from '../support/smtp.ts';

let cli: Cli;
const mail: TestMailServer | null = await startMailServer();
beforeAll(async () => {
  cli = makeCli(await freePort());
  await cli.run(['init', '--yes']);
});
afterAll(async () => {
  await cli.remove();
  await mail?.stop();
});

const set = (path: string, value: string, input?: string) =>
  cli.run(['config', 'set', path, value, '--json'], input === undefined ? {} : { input });
const read = (file: string) => readFileSync(join(cli.home, file), 'utf8');

describe('the password of the mail server', () => {
  test.each([
    ['as a word', 'hunter2 hunter2', undefined],
    ['from standard input', '-', 'hunter3 hunter3\n'],
  ])('goes into secrets.json, %s, and is never shown', async (_how, value, input) => {
    const secret = (input ?? value).trim();
    const { code, out, err } = await set('mail.password', value, input);
    expect({ code, out: JSON.parse(out) }).toEqual({
      code: 0,
      out: { setting: 'mail.password', value: null, changed: true, restart: false },
    });
    expect(read('secrets.json')).toContain(JSON.stringify(secret));
    expect(statSync(join(cli.home, 'secrets.json')).mode & 0o777).toBe(0o600);

    const shown = await Promise.all([
      cli.run(['config', 'get', 'mail.password']),
      cli.run(['config', 'get', 'mail.password', '--json']),
      cli.run(['config', 'show']),
      cli.run(['config', 'show', 'mail', '--json']),
      cli.run(['doctor', '--json']),
    ]);
    const printed = [out, err, read('messenger.yaml'), ...shown.flatMap((each) => [each.out, each.err])].join('\n');
    expect(printed).not.toContain(secret);
    expect(shown[1]?.json()).toEqual({ setting: 'mail.password', value: null, set: true });
  });

  test('goes away again', async () => {
    expect((await set('mail.password', 'none')).json()).toMatchObject({ changed: true });
    expect((await set('mail.password', '-', '')).json()).toMatchObject({ changed: false });
    expect((await cli.run(['config', 'get', 'mail.password'])).out.trim()).toBe('none');
  });
});

test('a mail server is named without a password in it', async () => {
  for (const url of ['smtp://chat:secret@mail.example.org', 'http://mail.example.org', 'smtp://', 'smtp://a/b']) {
    expect((await set('mail.url', url)).json()).toMatchObject({ error: { reason: 'setting_invalid' } });
  }
});

describe('mail test', () => {
  const send = (address: string) => cli.run(['mail', 'test', address, '--json']);

  test('says that mail is off', async () => {
    const { code, out } = await send('ann@example.org');
    expect({ code, reason: JSON.parse(out).error.reason }).toEqual({ code: 1, reason: 'mail_off' });
  });

  test.skipIf(mail === null)('sends one, and says what the server said', async () => {
    await set('mail.url', mail?.url ?? '');
    await set('mail.from', 'Chat <chat@example.org>');
    expect((await cli.run(['doctor', '--json'])).json()).toMatchObject({
      checks: expect.arrayContaining([expect.objectContaining({ id: 'mail', ok: true })]),
    });
    expect((await send('ann@example.org')).json()).toEqual({ accepted: expect.stringMatching(/^250 /) });
    const [letter] = (await mail?.awaitMailsTo('ann', 1)) ?? [];
    expect(letter?.subject).toBe('Mail from Messenger works');

    const refused = await cli.run(['mail', 'test', 'ann@elsewhere.example', '--lang', 'ru']);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('Почтовый сервер не принимает');
    expect(refused.err).toContain('550');
  });
});
