import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { en } from '../../src/web/i18n/en.ts';
import { type Device, openDevice, startBrowser } from '../support/browser.ts';
import {
  addPasskeys,
  addressOf,
  ask,
  button,
  expectAccessible,
  isIn,
  password,
  register,
  secondStep,
  signIn,
  signOut,
  tokenOf,
} from '../support/coming-in.ts';
import { makeHome, type RunningInstance, startInstance } from '../support/instance.ts';
import { makeAuthenticatorApp } from '../support/oathtool.ts';
import { hasService } from '../support/services.ts';
import { startMailServer, type TestMailServer } from '../support/smtp.ts';

/** In the page, as the settings do it: with its own address and the person's token. */
const makePasskey = (page: Page, accessToken: string): Promise<unknown> =>
  page.evaluate(`(async () => {
    const ask = async (op, input) => {
      const response = await fetch('/api/' + op, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer ${accessToken}' },
        body: JSON.stringify(input),
      });
      const { ok, output, error } = await response.json();
      if (!ok) throw new Error(JSON.stringify(error));
      return output;
    };
    const { attempt, options } = await ask('passkey.begin', { present: ${JSON.stringify(password)} });
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const made = await navigator.credentials.create({ publicKey });
    await ask('passkey.finish', { attempt, response: made.toJSON(), name: 'This phone' });
  })()`);

describe.skipIf(!hasService('chromium'))('coming in, on a phone', () => {
  let browser: Browser;
  const devices: Device[] = [];
  const running: RunningInstance[] = [];

  const openPhone = async (): Promise<Page> => {
    const device = await openDevice(browser, 'phone');
    devices.push(device);
    return device.page;
  };
  const start = async (settings: Parameters<typeof makeHome>[0]): Promise<RunningInstance> => {
    const instance = await startInstance(await makeHome(settings));
    running.push(instance);
    return instance;
  };

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterEach(async () => {
    for (const { context } of devices) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    for (const instance of running) await instance.remove();
  });

  describe('a second factor', () => {
    let instance: RunningInstance;
    beforeAll(async () => {
      instance = await start({ registration: 'open' });
    });

    test.skipIf(!hasService('oathtool'))(
      'the code of an app signs in once; a recovery code does; a trusted device is asked for none',
      async () => {
        const page = await openPhone();
        await register(page, instance, 'Anna');
        await isIn(page);
        const token = await tokenOf(instance, 'anna');
        const { secret } = await ask(instance, 'totp.begin', { present: password }, token);
        const app = makeAuthenticatorApp(secret);
        const { recoveryCodes } = await ask(instance, 'totp.finish', { code: app.code() }, token);
        await signOut(page);

        await signIn(page, 'anna');
        await secondStep(page);
        await expectAccessible(page);
        await page.reload();
        await secondStep(page);
        const field = page.getByRole('textbox', { name: en.secondFactor.code });
        expect(await field.getAttribute('inputmode')).toBe('numeric');
        expect(await field.getAttribute('autocomplete')).toBe('one-time-code');
        await field.fill('000 000');
        await page.getByText(en.errors.reasons.wrong_code).waitFor();
        await field.fill(app.code());
        await isIn(page);

        await signOut(page);
        const [code = '', other = ''] = recoveryCodes ?? [];
        await signIn(page, 'anna');
        await button(page, en.secondFactor.use.recovery_code).click();
        await page
          .getByRole('textbox', { name: en.secondFactor.recoveryCode })
          .fill(code.toUpperCase().replace('-', ' '));
        await button(page, en.signIn.submit).click();
        await isIn(page);

        await signOut(page);
        await signIn(page, 'anna');
        await button(page, en.secondFactor.use.recovery_code).click();
        const recovery = page.getByRole('textbox', { name: en.secondFactor.recoveryCode });
        await recovery.fill(code);
        await page.getByRole('checkbox', { name: en.secondFactor.trust }).check();
        await button(page, en.signIn.submit).click();
        await page.getByText(en.errors.reasons.wrong_code).waitFor();
        await recovery.fill(other);
        await button(page, en.signIn.submit).click();
        await isIn(page);

        await signOut(page);
        await signIn(page, 'anna');
        await isIn(page);
      },
    );

    test('a passkey signs in without a password, from the name field too, and as the second factor', async () => {
      const page = await openPhone();
      const passkeys = await addPasskeys(page);
      await register(page, instance, 'Ben');
      await isIn(page);
      await makePasskey(page, await tokenOf(instance, 'ben'));

      const byButton = await passkeys.onlyByButton();
      await signOut(page);
      await expectAccessible(page);
      await button(page, en.signIn.withPasskey).click();
      await isIn(page);

      await signOut(page);
      await signIn(page, 'ben');
      await secondStep(page);
      await button(page, en.secondFactor.use.passkey).click();
      await isIn(page);

      await passkeys.touch(false);
      await signOut(page);
      expect(await page.getByRole('textbox', { name: en.signIn.name }).getAttribute('autocomplete')).toBe(
        'username webauthn',
      );
      await byButton.dispose();
      await passkeys.touch(true);
      await page.reload();
      await isIn(page);
    });

    test('too many attempts are counted down, and the button comes back by itself', async () => {
      const page = await openPhone();
      await page.goto(`${addressOf(instance)}/sign-in`);
      await page.route('**/api/auth.signIn', (route) =>
        route.fulfill({
          status: 429,
          json: { ok: false, error: { code: 'too_many_requests', reason: 'throttled', retryAfter: 2 } },
        }),
      );
      await signIn(page, 'anna', 'wrong');
      await page.getByText(en.errors.tooManyNow).waitFor();
      await button(page, en.errors.againIn('0:02'))
        .or(button(page, en.errors.againIn('0:01')))
        .waitFor();
      await button(page, en.signIn.submit).waitFor();
      expect(await button(page, en.signIn.submit).isEnabled()).toBe(true);
      expect(await page.getByText(en.errors.tooManyNow).count()).toBe(0);
    });
  });

  test.skipIf(!hasService('oathtool'))(
    'where a second factor is required it is set up on the way in, and the recovery codes are kept first',
    async () => {
      const instance = await start({ registration: 'open', auth: { twoFactor: 'required' } });
      const page = await openPhone();
      await register(page, instance, 'Carla');
      await page.getByRole('heading', { name: en.secondFactor.enrol }).waitFor();
      await page.getByRole('img', { name: en.secondFactor.qrCode }).waitFor();
      await expectAccessible(page);
      const secret = (await page.locator('.secret code').textContent())?.replaceAll(' ', '') ?? '';
      const app = makeAuthenticatorApp(secret);
      await page.getByRole('textbox', { name: en.secondFactor.code }).fill(app.code());
      const codes = page.getByRole('list', { name: en.secondFactor.codes }).getByRole('listitem');
      await codes.first().waitFor();
      expect(await codes.count()).toBe(10);
      await expectAccessible(page);
      const download = page.waitForEvent('download');
      await button(page, en.secondFactor.download).click();
      expect((await download).suggestedFilename()).toBe('recovery-codes.txt');
      await button(page, en.secondFactor.kept).click();
      await isIn(page);

      await signOut(page);
      await signIn(page, 'carla');
      await page.getByRole('textbox', { name: en.secondFactor.code }).fill(app.code());
      await isIn(page);
    },
  );

  test('where admins approve accounts, one waits, asks again, and is let in', async () => {
    const instance = await start({ registration: 'approval' });
    const page = await openPhone();
    await register(page, instance, 'Dmitri');
    await page.getByRole('heading', { name: en.join.waiting }).waitFor();
    await expectAccessible(page);
    await button(page, en.join.checkAgain).click();
    await page.getByRole('status').filter({ hasText: /\d/ }).waitFor();

    const invite = () => /\/join#(\S+)/.exec(instance.said())?.[1] ?? '';
    await expect.poll(invite, { timeout: 15_000 }).not.toBe('');
    const owner = await ask(instance, 'auth.register', { invite: invite(), name: 'owner', password });
    if (owner.status !== 'signed_in') throw new Error('the owner is not in');
    await ask(instance, 'user.approve', { user: 'dmitri' }, owner.accessToken);
    await button(page, en.join.checkAgain).click();
    await isIn(page);
  });

  describe('a session that is over says why', () => {
    test('where another device closed it', async () => {
      const instance = await start({ registration: 'open' });
      const page = await openPhone();
      await register(page, instance, 'Emil');
      await isIn(page);
      await ask(instance, 'session.closeOthers', {}, await tokenOf(instance, 'emil'));
      await page.getByText(en.signIn.because.session_closed).waitFor();
    });
  });

  test('without mail, whoever forgot their password is sent to an admin', async () => {
    const instance = await start({ registration: 'closed' });
    const page = await openPhone();
    await page.goto(`${addressOf(instance)}/sign-in`);
    await page.getByRole('link', { name: en.signIn.forgot }).click();
    await page.getByRole('heading', { name: en.forgot.askAdmin }).waitFor();
    await page.goto(`${addressOf(instance)}/reset#nonsense`);
    await page.getByRole('heading', { name: en.reset.useless }).waitFor();
    await page.goto(`${addressOf(instance)}/join`);
    await page.getByRole('heading', { name: en.join.closed }).waitFor();
  });

  describe.skipIf(!hasService('smtp'))('with mail', () => {
    let mail: TestMailServer;
    beforeAll(async () => {
      const started = await startMailServer();
      if (started === null) throw new Error('the mail server did not start');
      mail = started;
    });
    afterAll(() => mail?.stop());

    const linkIn = (text: string | undefined, instance: RunningInstance, path: string): string =>
      addressOf(instance) + (new RegExp(`/${path}#\\S+`).exec(text ?? '')?.[0] ?? '/no-link');

    test('an address is confirmed by its link, and a forgotten password is replaced by another', async () => {
      const instance = await start({
        registration: 'open',
        mail: { url: mail.url, from: 'Chat <chat@example.org>' },
      });
      const page = await openPhone();
      await register(page, instance, 'Fatima', 'fatima@example.org');
      await isIn(page);

      const [first] = await mail.awaitMailsTo('fatima', 1);
      await page.goto(linkIn(first?.text, instance, 'confirm'));
      await page.getByRole('heading', { name: en.confirm.done }).waitFor();
      await signOut(page);

      await page.getByRole('link', { name: en.signIn.forgot }).click();
      await expectAccessible(page);
      await page.getByLabel(en.signIn.nameOrEmail).fill('fatima@example.org');
      await button(page, en.forgot.submit).click();
      await page.getByRole('heading', { name: en.forgot.sent }).waitFor();

      const second = (await mail.awaitMailsTo('fatima', 2)).find(({ text }) => text?.includes('/reset#'));
      await page.goto(linkIn(second?.text, instance, 'reset'));
      await page.getByText('Fatima').waitFor();
      await expectAccessible(page);
      await page.getByLabel(en.reset.password, { exact: true }).fill('password1234');
      await button(page, en.reset.submit).click();
      await page.getByText(en.errors.reasons.password_too_weak).waitFor();
      await page.getByLabel(en.reset.password, { exact: true }).fill('quite another one');
      await button(page, en.reset.submit).click();
      await page.getByRole('heading', { name: en.reset.done }).waitFor();
      await page.getByRole('link', { name: en.join.toSignIn }).click();
      await signIn(page, 'fatima@example.org', 'quite another one');
      await isIn(page);
    });

    test('for an account that nobody has the answer is the same', async () => {
      const instance = running.at(-1);
      if (instance === undefined) throw new Error('there is no instance');
      const page = await openPhone();
      await page.goto(`${addressOf(instance)}/forgot`);
      await page.getByLabel(en.signIn.nameOrEmail).fill('nobody.at.all');
      await button(page, en.forgot.submit).click();
      await page.getByRole('heading', { name: en.forgot.sent }).waitFor();
    });
  });

  test('no page had anything to complain about', () => {
    const refusals = /the server responded with a status of 4\d\d/;
    expect(devices.flatMap(({ errors }) => errors).filter((error) => !refusals.test(error))).toEqual([]);
    expect(devices.length).toBeGreaterThan(0);
  });
});
