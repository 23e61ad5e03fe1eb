import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServedInstance, serveInstance } from '../support/served-instance.ts';
import { type Received, startMailServer, type TestMailServer } from '../support/smtp.ts';

const first = 'gooseberry fool 42';
const second = 'rhubarb and custard 7';

const mail: TestMailServer | null = await startMailServer();
afterAll(() => mail?.stop());

describe.skipIf(mail === null)('whoever forgot their password', () => {
  const box = mail as TestMailServer;
  let instance: ServedInstance;
  const sessions: { accessToken: string; refreshToken: string }[] = [];

  beforeAll(async () => {
    instance = await serveInstance({
      name: 'The Lees',
      registration: 'open',
      address: 'https://chat.example.org',
      mail: { url: box.url, from: 'The Lees <chat@example.org>' },
    });
  });
  afterAll(() => instance?.stop());

  async function call(op: string, input: object, accessToken?: string) {
    const response = await fetch(`${instance.url}/api/${op}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
      },
      body: JSON.stringify(input),
    });
    return (await response.json()) as { ok: boolean; output: never; error: { code: string; reason: string } };
  }
  const signIn = (password: string) => call('auth.signIn', { name: 'ann', password });

  /** The token behind the link, the same in text and HTML. */
  function tokenIn(letter: Received | undefined, page: string): string {
    const link = new RegExp(`https://chat\\.example\\.org/${page}#([\\w-]+)`);
    const [text, html] = [letter?.text ?? '', letter?.html ?? ''].map((body) => link.exec(body)?.[1]);
    expect(text).toMatch(/^[\w-]{43}$/);
    expect(html).toBe(text);
    return text ?? '';
  }
  const nth = async (count: number) => (await box.awaitMailsTo('ann', count)).at(count - 1);

  test('gave an address when they registered, and confirms it by the link that came', async () => {
    const registered = await call('auth.register', {
      name: 'ann',
      displayName: 'Ann Lee',
      password: first,
      email: 'ann@example.org',
      language: 'ru',
    });
    expect(registered).toMatchObject({ ok: true, output: { status: 'signed_in' } });
    sessions.push(registered.output);
    const letter = await nth(1);
    expect(letter?.subject).toBe('Подтвердите адрес почты для «The Lees»');
    expect(await call('email.confirm', { token: tokenIn(letter, 'confirm') })).toMatchObject({ ok: true });
  });

  test('asks for a link, and gets it into their mailbox', async () => {
    expect(await call('auth.forgotPassword', { account: 'nobody@example.org' })).toMatchObject({
      output: { byMail: true },
    });
    expect(await call('auth.forgotPassword', { account: 'ANN@example.org' })).toMatchObject({
      output: { byMail: true },
    });
    const letter = await nth(2);
    expect(letter?.subject).toBe('Новый пароль для «The Lees»');
    expect(letter?.to).toMatchObject([{ address: 'ann@example.org' }]);
    expect(await call('auth.resetLook', { token: tokenIn(letter, 'reset') })).toMatchObject({
      output: { name: 'ann', displayName: 'Ann Lee' },
    });
    expect(await box.mailsTo('nobody')).toEqual([]);
  });

  test('chooses a new one with it, which signs every device out', async () => {
    const token = tokenIn(await nth(2), 'reset');
    expect(await call('auth.resetPassword', { token, password: 'ann ann ann ann' })).toMatchObject({
      error: { reason: 'password_too_weak' },
    });
    expect(await call('auth.resetPassword', { token, password: second })).toMatchObject({ ok: true });
    expect(await call('auth.resetPassword', { token, password: first })).toMatchObject({
      error: { code: 'forbidden', reason: 'link_invalid' },
    });

    const [{ accessToken, refreshToken } = { accessToken: '', refreshToken: '' }] = sessions;
    await expect.poll(async () => (await call('session.list', {}, accessToken)).error?.reason).toBe('session_closed');
    expect(await call('auth.refresh', { refreshToken })).toMatchObject({ error: { reason: 'session_closed' } });
    expect(await signIn(first)).toMatchObject({ error: { reason: 'wrong_credentials' } });
    expect(await signIn(second)).toMatchObject({ output: { status: 'signed_in' } });
  });

  test('hears that it was changed, by one letter each', async () => {
    const letters = await box.awaitMailsTo('ann', 3);
    expect(letters.map(({ subject }) => subject)).toContain('Пароль для «The Lees» изменён');
    expect(new Set(letters.map(({ messageId }) => messageId)).size).toBe(letters.length);
  });

  test('leaves nothing broken', () => {
    expect(instance.defects()).toEqual([]);
  });
});
