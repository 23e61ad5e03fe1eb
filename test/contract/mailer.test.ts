import { createServer } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type MailerOptions, openMailer } from '../../src/adapters/mail/mailer.ts';
import { renderLetter } from '../../src/adapters/mail/rendering.ts';
import type { Letter } from '../../src/ports/mailer.ts';
import type { AppError } from '../../src/protocol/errors.ts';
import type { Language } from '../../src/protocol/models.ts';
import { failure } from '../support/auth.ts';
import { freePort } from '../support/free-port.ts';
import { busyAddress, startMailServer, type TestMailServer } from '../support/smtp.ts';
import { mailPassword, mailUser, startTlsMailServer, type TlsMailServer } from '../support/tls-mail-server.ts';

const link = 'https://chat.example.org/reset#Zm9v_YmFy-42&"x"';
const name = 'Ann <b>"Lee"</b> & Zoë 🦊';
const at = Date.UTC(2026, 2, 3, 14, 5);

/** One of every kind. */
const letters: { readonly [K in Letter['kind']]: Extract<Letter, { kind: K }> } = {
  password_reset: { kind: 'password_reset', name, link, minutes: 30 },
  email_confirmation: { kind: 'email_confirmation', name, link, hours: 24 },
  account_approved: { kind: 'account_approved', name, link },
  approval_wanted: { kind: 'approval_wanted', name },
  new_device: { kind: 'new_device', name, device: 'Firefox <on> Linux', addressHint: '203.0.113.x', at, link },
  session_reused: { kind: 'session_reused', name, device: 'Firefox <on> Linux', at },
  password_changed: { kind: 'password_changed', name, at },
  email_changed: { kind: 'email_changed', name, email: 'new@example.net', at },
  second_factor_changed: { kind: 'second_factor_changed', name, what: 'totp_added', at },
  password_known: { kind: 'password_known', name, at, link },
  account_deleting: { kind: 'account_deleting', name, deletesAt: at },
  test: { kind: 'test' },
};
const everyLetter = (['en', 'ru'] as const).flatMap((language) =>
  Object.values(letters).map((letter) => ({ kind: letter.kind, language, letter })),
);

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function mailer(over: Partial<MailerOptions> = {}) {
  const opened = openMailer({
    url: null,
    user: null,
    password: null,
    from: 'Chat <chat@example.org>',
    instanceName: 'Семья & Co',
    ...over,
  });
  closing.push(() => opened.close());
  return opened;
}

async function tlsServer(...over: Parameters<typeof startTlsMailServer>): Promise<TlsMailServer> {
  const server = await startTlsMailServer(...over);
  closing.push(() => server.stop());
  return server;
}

const send = (opened: ReturnType<typeof mailer>, to = 'alice@example.org', letter: Letter = { kind: 'test' }) =>
  opened.send(to, letter, 'en');

/** By an address that does not look like this host's own, as far as a mailer can tell. */
const outside = (port: number) => `smtp://[::ffff:127.0.0.1]:${port}`;

const server: TestMailServer | null = await startMailServer();
afterAll(() => server?.stop());

describe.skipIf(server === null)('with a real mail server', () => {
  const url = server?.url ?? null;
  const real = server as TestMailServer;

  test.each(everyLetter)('a letter arrives whole: $kind in $language', async ({ kind, language, letter }) => {
    const box = `${kind}.${language}`.replaceAll('_', '-');
    const said = await mailer({ url }).send(`${box}@example.org`, letter, language, `id-of-${box}`);
    expect(said).toMatch(/^250 /);

    const [mail] = await real.awaitMailsTo(box, 1);
    const rendered = renderLetter(letter, language, 'Семья & Co');
    expect(mail).toMatchObject({
      from: { name: 'Chat', address: 'chat@example.org' },
      to: [{ address: `${box}@example.org` }],
      subject: rendered.subject,
      messageId: `<id-of-${box}@example.org>`,
    });
    expect(mail?.text?.trim()).toBe(rendered.text.trim());
    expect(mail?.html?.trim()).toBe(rendered.html.trim());
    const header = (key: string) => mail?.headers.find((each) => each.key === key)?.value;
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('content-language')).toBe(language);
    expect(header('date')).toBeDefined();
    expect(header('x-mailer')).toBeUndefined();
    if ('link' in letter) {
      expect(mail?.text?.split('\n')).toContain(link);
      expect(mail?.html).toContain('href="https://chat.example.org/reset#Zm9v_YmFy-42&amp;&quot;x&quot;"');
    }
  });

  test('nothing that people choose gets into the headers or becomes markup', async () => {
    const evil = 'Eve\r\nBcc: bcc@example.org\r\n\r\n<script>alert(1)</script>\u202e';
    await mailer({ url, from: 'evil@example.org', instanceName: `${evil} Chat` }).send(
      'headers@example.org',
      { ...letters.approval_wanted, name: evil },
      'en',
    );
    await mailer({ url }).send('headers@example.org', { ...letters.new_device, name: evil, device: evil }, 'ru');
    const mails = await real.awaitMailsTo('headers', 2);
    for (const mail of mails) {
      expect(mail.headers.map(({ key }) => key)).not.toContain('bcc');
      expect(mail.subject).not.toMatch(/[\r\n\u202e]/);
      expect(mail.html).not.toContain('<script');
      expect(mail.html).toContain('&lt;script&gt;');
      expect(mail.text).not.toMatch(/^Bcc:/m);
    }
    expect(await real.mailsTo('bcc')).toEqual([]);
  });

  test('an address is one address, however it is written', async () => {
    for (const to of ['a@example.org, second@example.org', 'a@example.org\r\nRCPT TO:<second@example.org>']) {
      expect(await failure(send(mailer({ url }), to))).toMatchObject({
        reason: 'mail_refused',
        fields: [{ path: 'to' }],
      });
    }
    await send(mailer({ url }), 'afterwards@example.org');
    await real.awaitMailsTo('afterwards', 1);
    expect(await real.mailsTo('second')).toEqual([]);
  });

  test('an address that is refused stays refused', async () => {
    expect(await failure(send(mailer({ url }), 'bob@elsewhere.example'))).toMatchObject({
      code: 'unavailable',
      reason: 'mail_refused',
      fields: [{ path: 'to', message: expect.stringContaining('550') }],
    });
  });

  test('one that has to wait may be tried again', async () => {
    expect(await failure(send(mailer({ url }), busyAddress))).toMatchObject({
      code: 'unavailable',
      reason: 'mail_away',
      fields: [{ message: expect.stringContaining('451') }],
    });
  });

  test('after the server was away the next letter arrives', async () => {
    const opened = mailer({ url });
    await send(opened, 'again@example.org');
    await real.kill();
    expect(await failure(send(opened, 'again@example.org'))).toMatchObject({
      code: 'unavailable',
      reason: 'mail_away',
      fields: [{ path: 'mail.url' }],
    });
    await real.restart();
    await send(opened, 'again@example.org');
    expect(await real.awaitMailsTo('again', 2)).toHaveLength(2);
  });
});

describe('signing in to the mail server', () => {
  const signedIn = { user: mailUser, password: mailPassword };

  test('happens under TLS that begins with STARTTLS, on one connection for several letters', async () => {
    const tls = await tlsServer();
    const opened = mailer({ url: `smtp://localhost:${tls.port}`, ...signedIn });
    await send(opened);
    await send(opened);
    expect(tls.received).toHaveLength(2);
    expect(tls.signIns).toEqual([{ password: mailPassword, encrypted: true }]);
    expect(tls.connections()).toBe(1);
  });

  test('happens under TLS from the start', async () => {
    const tls = await tlsServer({ secure: true });
    await send(mailer({ url: `smtps://127.0.0.1:${tls.port}`, ...signedIn }));
    expect(tls.signIns).toEqual([{ password: mailPassword, encrypted: true }]);
  });

  test('does not happen where the server cannot show who it is', async () => {
    const tls = await tlsServer();
    const error = await failure(send(mailer({ url: outside(tls.port), ...signedIn })));
    expect(error).toMatchObject({ reason: 'mail_away', fields: [{ path: 'mail.url' }] });
    expect((error as AppError).fields?.[0]?.message).toMatch(/self.signed|certificate/i);
    expect(tls.signIns).toEqual([]);
    expect(tls.received).toEqual([]);
  });

  test('does not happen without TLS, but on this host itself', async () => {
    const plain = await tlsServer({ disabledCommands: ['STARTTLS'] });
    expect(await failure(send(mailer({ url: outside(plain.port), ...signedIn })))).toMatchObject({
      reason: 'mail_away',
      fields: [{ path: 'mail.url' }],
    });
    expect(plain.signIns).toEqual([]);
    await send(mailer({ url: `smtp://127.0.0.1:${plain.port}`, ...signedIn }));
    expect(plain.signIns).toEqual([{ password: mailPassword, encrypted: false }]);
  });

  test('with a wrong password can be mended, and says which setting is wrong, not what it is', async () => {
    const tls = await tlsServer();
    const error = await failure(
      send(mailer({ url: `smtp://127.0.0.1:${tls.port}`, user: mailUser, password: 'wr0ng' })),
    );
    expect(error).toMatchObject({
      code: 'unavailable',
      reason: 'mail_away',
      fields: [{ path: 'mail.user', message: expect.stringContaining('535') }],
    });
    expect(JSON.stringify((error as AppError).toWire())).not.toContain('wr0ng');
  });
});

describe('a server that behaves oddly', () => {
  test.each([
    ['wants somebody to sign in', 'mail.user', {}],
    [
      'does not take the sender',
      'mail.from',
      {
        authOptional: true,
        onMailFrom: (_address, _session, done) => done(Object.assign(new Error('no'), { responseCode: 553 })),
      },
    ],
  ] satisfies [string, string, SMTPServerOptions][])(
    '%s: the setting that is to blame is named',
    async (_what, path, over) => {
      const odd = await tlsServer(over);
      expect(await failure(send(mailer({ url: `smtp://127.0.0.1:${odd.port}` })))).toMatchObject({
        reason: 'mail_away',
        fields: [{ path }],
      });
    },
  );

  test.each([
    ['refuses the letter itself', 554, 'mail_refused'],
    ['cannot take it now', 452, 'mail_away'],
  ])('%s', async (_what, responseCode, reason) => {
    const odd = await tlsServer({
      authOptional: true,
      onData(stream, _session, done) {
        stream.resume().on('end', () => done(Object.assign(new Error('no'), { responseCode })));
      },
    });
    expect(await failure(send(mailer({ url: `smtp://127.0.0.1:${odd.port}` })))).toMatchObject({ reason });
  });

  test('hangs up in the middle: nothing is sent twice by itself', async () => {
    let letters = 0;
    const odd = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220 odd\r\n');
      let inLetter = false;
      socket.on('data', (data) => {
        const said = data.toString();
        if (inLetter) return void (said.endsWith('.\r\n') && socket.destroy());
        inLetter = said.startsWith('DATA');
        if (inLetter) letters++;
        socket.write(inLetter ? '354 go on\r\n' : '250 ok\r\n');
      });
    });
    const port = await freePort();
    odd.listen(port, '127.0.0.1');
    closing.push(() => void odd.close());
    expect(await failure(send(mailer({ url: `smtp://127.0.0.1:${port}` })))).toMatchObject({ reason: 'mail_away' });
    expect(letters).toBe(1);
  });

  test('is not there', async () => {
    const port = await freePort();
    expect(await failure(send(mailer({ url: `smtp://127.0.0.1:${port}` })))).toMatchObject({ reason: 'mail_away' });
  });
});

describe('where mail is not set up', () => {
  test.each([
    ['no server', { url: null }],
    ['no sender', { url: 'smtp://127.0.0.1:25', from: null }],
    ['a sender without an address', { url: 'smtp://127.0.0.1:25', from: 'Chat' }],
  ])('for want of %s, none is sent', async (_what, over) => {
    const off = mailer(over);
    expect(off.on).toBe(false);
    expect(await failure(send(off))).toMatchObject({ code: 'conflict', reason: 'mail_off' });
  });
});

describe('what is written', () => {
  const html = (letter: Letter, language: Language) => renderLetter(letter, language, 'Chat').html;

  test.each(everyLetter)('carries nothing from elsewhere: $kind in $language', ({ letter, language }) => {
    expect(html(letter, language)).not.toMatch(/<(?:img|script|link|iframe|object|form)\b|url\(|@import/i);
    const addresses = [...html(letter, language).matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
    for (const address of addresses) expect(address).toMatch(/^https:\/\/chat\.example\.org\//);
  });

  test.each(everyLetter)('is complete, and in its own language: $kind in $language', ({ letter, language }) => {
    const { subject, text } = renderLetter(letter, language, 'Chat');
    expect(`${subject}\n${text}`).not.toMatch(/undefined|null|NaN|\[object/);
    const cyrillic = (text.match(/\p{Script=Cyrillic}/gu) ?? []).length;
    if (language === 'ru') expect(cyrillic).toBeGreaterThan(40);
    else expect(cyrillic).toBe(0);
  });

  test('tells of a removed address, and of a device without a name', () => {
    const removed: Letter = { ...letters.email_changed, email: null };
    const nameless: Letter = { ...letters.new_device, device: '', addressHint: '' };
    expect(renderLetter(removed, 'en', 'Chat').text).toContain('was removed');
    expect(renderLetter(nameless, 'en', 'Chat').text).toContain('Device: unknown\nNetwork: unknown');
    expect(renderLetter(nameless, 'en', 'Chat').text).toContain('Time: 3 March 2026 at 14:05 UTC');
    expect(renderLetter(nameless, 'ru', 'Chat').text).toContain('3 марта 2026');
  });

  test('greets nobody by a name that is made to be a link', () => {
    const posing = (called: string) => renderLetter({ ...letters.email_confirmation, name: called }, 'en', 'Chat').text;
    for (const called of ['http://win.example', 'win.example', 'Click //win', 'me@win.example']) {
      expect(posing(called)).not.toContain('win');
    }
    expect(posing('Dr. Ann Lee')).toContain('Hello Dr. Ann Lee,');
  });
});
