import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { homeAt } from '../../src/config/home.ts';
import { configSchema } from '../../src/config/schema.ts';
import { findSecretSetting, setSecretSetting } from '../../src/config/secret-settings.ts';
import { makeSecrets, saveSecrets } from '../../src/config/secrets.ts';
import { openMachine } from '../../src/provision/machine.ts';
import { mailCheck } from '../../src/provision/mail-check.ts';
import { wordsOf } from '../../src/provision/words/words.ts';

const home = homeAt('/');
const url = 'smtp://mail.example.org:587';
const from = 'Chat <chat@example.org>';
let root: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'messenger-root-'));
  await saveSecrets(root, makeSecrets());
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function setPassword(value: string): Promise<void> {
  const setting = findSecretSetting('mail.password');
  if (setting === null) throw new Error('no such setting');
  await setSecretSetting(root, setting, value);
}

/** `trouble`: what signing in to the mail server brings; undefined: it is not to be asked at all. */
async function find(mail: object, trouble?: { setting: string; said: string } | null, language: 'en' | 'ru' = 'en') {
  const config = configSchema.parse({ mail });
  const machine = openMachine({ root });
  const check = mailCheck(
    {
      machine,
      home,
      config,
      pid: null,
      words: wordsOf(language),
      typed: (command) => `messenger ${command}`,
      tryMail: async () => {
        if (trouble === undefined) throw new Error('it was asked');
        return trouble;
      },
    },
    config,
  );
  return check.find();
}

test('no mail is fine', async () => {
  expect(await find({})).toMatchObject({ ok: true, mend: null });
});

test('a server that lets us in is fine', async () => {
  expect(await find({ url, from }, null)).toEqual({ ok: true, says: `${url} takes mail from ${from}`, mend: null });
  await setPassword('secret');
  expect(await find({ url, from, user: 'chat' }, null)).toMatchObject({ ok: true });
});

test('half a configuration is found before anything is sent', async () => {
  expect(await find({ from })).toMatchObject({ ok: false, advice: true, mend: expect.stringContaining('mail.url') });
  expect(await find({ url })).toMatchObject({ ok: false, mend: expect.stringContaining('mail.from') });
  expect(await find({ url, from, user: 'chat' })).toMatchObject({
    ok: false,
    mend: expect.stringContaining('messenger config set mail.password -'),
  });
  await setPassword('secret');
  expect(await find({ url, from })).toMatchObject({
    ok: false,
    advice: true,
    mend: 'messenger config set mail.user NAME',
  });
});

test.each([
  ['mail.user', 'mail.password'],
  ['mail.from', 'mail.from'],
  ['mail.url', 'mail.url'],
])('what the server says is told with what mends it: %s', async (setting, mends) => {
  const finding = await find({ url, from }, { setting, said: 'no thank you' });
  expect(finding).toMatchObject({ ok: false, says: `${url}: no thank you`, mend: expect.stringContaining(mends) });
});

test('in Russian too', async () => {
  expect((await find({}, null, 'ru')).says).toContain('не настроена');
});
