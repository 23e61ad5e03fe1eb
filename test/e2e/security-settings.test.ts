import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { en } from '../../src/web/i18n/en.ts';
import { ru } from '../../src/web/i18n/ru.ts';
import type { SecurityPart } from '../../src/web/routing/route.ts';
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
import { type AuthenticatorApp, makeAuthenticatorApp } from '../support/oathtool.ts';
import { hasService } from '../support/services.ts';
import { startMailServer, type TestMailServer } from '../support/smtp.ts';

const { security, secondFactor, settings, errors } = en;

/** The focus is at this title: a screen reader goes on from there. */
const arriveAt = (page: Page, title: string): Promise<void> =>
  page.getByRole('heading', { name: title, exact: true }).and(page.locator(':focus')).waitFor();

const openPart = async (page: Page, part: SecurityPart): Promise<void> => {
  await page.goto(new URL(`/settings/security/${part}`, page.url()).href);
};

/** Shows the present password and goes on. */
async function present(page: Page, submit: string, typed = password): Promise<void> {
  await page.getByLabel(security.present, { exact: true }).fill(typed);
  await button(page, submit).click();
}

async function codesShown(page: Page): Promise<string[]> {
  await arriveAt(page, secondFactor.keepCodes);
  const codes = page.getByRole('list', { name: secondFactor.codes }).getByRole('listitem');
  const texts = await codes.allTextContents();
  expect(texts).toHaveLength(10);
  return texts;
}

async function setUpAuthenticator(page: Page): Promise<AuthenticatorApp> {
  await page.getByRole('img', { name: secondFactor.qrCode }).waitFor();
  const secret = (await page.locator('.secret code').textContent())?.replaceAll(' ', '') ?? '';
  return makeAuthenticatorApp(secret);
}

const enterCode = (page: Page, code: string) => page.getByRole('textbox', { name: secondFactor.code }).fill(code);

async function useRecoveryCode(page: Page, code: string): Promise<void> {
  await signIn(page, 'anna');
  await button(page, secondFactor.use.recovery_code).click();
  await page.getByRole('textbox', { name: secondFactor.recoveryCode }).fill(code);
  await button(page, en.signIn.submit).click();
}

describe.skipIf(!hasService('chromium'))('the security settings, on a phone', () => {
  let browser: Browser;
  let instance: RunningInstance;
  const running: RunningInstance[] = [];
  const devices: Device[] = [];

  const openPhone = async (): Promise<Page> => {
    const device = await openDevice(browser, 'phone');
    devices.push(device);
    return device.page;
  };
  const start = async (more: Parameters<typeof makeHome>[0] = {}): Promise<RunningInstance> => {
    const started = await startInstance(await makeHome({ registration: 'open', ...more }));
    running.push(started);
    return started;
  };
  const registered = async (name: string, at = instance): Promise<Page> => {
    const page = await openPhone();
    await register(page, at, name);
    await isIn(page);
    return page;
  };
  /** Another device of the same person, which is asked for no more than the password. */
  const another = async (name: string): Promise<Page> => {
    const page = await openPhone();
    await page.goto(`${addressOf(instance)}/sign-in`);
    await signIn(page, name);
    await isIn(page);
    return page;
  };

  beforeAll(async () => {
    [browser, instance] = await Promise.all([startBrowser(), start()]);
  });
  afterEach(async () => {
    for (const { context } of devices) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    for (const each of running) await each.remove();
  });

  test.skipIf(!hasService('oathtool'))(
    'an authenticator app signs another device in, a recovery code does once, and new codes replace the old ones',
    async () => {
      const page = await registered('Anna');
      await page.goto(`${addressOf(instance)}/settings`);
      await page.getByRole('link', { name: settings.security }).click();
      await arriveAt(page, settings.security);
      await page.getByRole('link', { name: security.authenticator }).click();
      await arriveAt(page, security.authenticator);
      await button(page, security.setUp).click();
      await arriveAt(page, security.setUpTitle);
      await present(page, security.next, 'not this one');
      await page.getByRole('alert').getByText(errors.reasons.wrong_password).waitFor();
      await present(page, security.next);
      await arriveAt(page, security.setUpTitle);
      const app = await setUpAuthenticator(page);
      await expectAccessible(page);
      await enterCode(page, '000000');
      await page.getByRole('alert').getByText(errors.reasons.wrong_code).waitFor();
      await enterCode(page, app.code());
      const [first = '', second = ''] = await codesShown(page);
      await expectAccessible(page);
      await button(page, secondFactor.kept).click();
      await arriveAt(page, security.on);

      const other = await openPhone();
      await other.goto(`${addressOf(instance)}/sign-in`);
      await signIn(other, 'anna');
      await secondStep(other);
      await enterCode(other, app.code());
      await isIn(other);
      await signOut(other);
      await useRecoveryCode(other, first);
      await isIn(other);
      await signOut(other);
      await useRecoveryCode(other, first);
      await other.getByText(errors.reasons.wrong_code).waitFor();

      await openPart(page, 'recovery-codes');
      await page.getByRole('heading', { name: security.recoveryLeft(9) }).waitFor();
      await button(page, security.renew).click();
      await present(page, security.renew);
      const [renewed = ''] = await codesShown(page);
      await button(page, secondFactor.kept).click();
      await arriveAt(page, security.recoveryLeft(10));

      await other.getByRole('textbox', { name: secondFactor.recoveryCode }).fill(second);
      await button(other, en.signIn.submit).click();
      await other.getByText(errors.reasons.wrong_code).waitFor();
      await other.getByRole('textbox', { name: secondFactor.recoveryCode }).fill(renewed);
      await button(other, en.signIn.submit).click();
      await isIn(other);

      await openPart(page, 'authenticator');
      await button(page, security.remove).click();
      await page.getByText(security.removeLastText).waitFor();
      await present(page, security.remove);
      await arriveAt(page, security.off);
      await signOut(other);
      await signIn(other, 'anna');
      await isIn(other);
    },
  );

  test('a passkey is added, named, renamed, signs in, and is removed', async () => {
    const page = await openPhone();
    const passkeys = await addPasskeys(page);
    await register(page, instance, 'Ben');
    await isIn(page);
    await openPart(page, 'passkeys');
    await button(page, security.passkeyAdd).click();
    await arriveAt(page, security.passkeyAdd);
    await present(page, security.next);
    const naming = page.getByRole('dialog', { name: security.passkeyAdded });
    await naming.getByLabel(security.passkeyName).fill('My phone');
    await expectAccessible(page);
    await button(page, en.common.save).click();
    await codesShown(page);
    await button(page, secondFactor.kept).click();

    const row = page.getByRole('list', { name: security.passkeys }).getByRole('button');
    await row.filter({ hasText: 'My phone' }).filter({ hasText: 'localhost' }).click();
    await button(page, settings.rename).click();
    await page.getByLabel(security.passkeyName).fill('The red phone');
    await button(page, en.common.save).click();
    await row.filter({ hasText: 'The red phone' }).filter({ hasText: security.passkeyUnused }).waitFor();

    await button(page, security.passkeyAdd).click();
    await present(page, security.next);
    await page.getByRole('alert').getByText(errors.reasons.passkey_exists).waitFor();

    await passkeys.onlyByButton();
    await signOut(page);
    await button(page, en.signIn.withPasskey).click();
    await isIn(page);

    await openPart(page, 'passkeys');
    await row.filter({ hasText: 'The red phone' }).click();
    await button(page, security.remove).click();
    await present(page, security.remove);
    await arriveAt(page, security.passkeysNone);
    expect(await row.count()).toBe(0);
  });

  test('where passkeys cannot be, a sentence says why', async () => {
    const page = await openPhone();
    await page.goto(`${instance.url}/join`);
    await page.getByLabel(en.join.name).fill('Carla');
    await page.getByLabel(en.join.password, { exact: true }).fill(password);
    await button(page, en.join.submit).click();
    await isIn(page);
    await openPart(page, 'passkeys');
    await page.getByText(security.noPasskeys.number).waitFor();
    expect(await button(page, security.passkeyAdd).count()).toBe(0);
  });

  test('another password signs the other devices out, and this one stays', async () => {
    const page = await registered('Dmitri');
    const other = await another('dmitri');
    await page.goto(`${addressOf(instance)}/.well-known/change-password`);
    await arriveAt(page, settings.security);
    expect(new URL(page.url()).pathname).toBe('/settings/security');
    await page.getByRole('link', { name: security.password }).click();
    const change = async (from: string, to: string) => {
      await page.getByLabel(security.present, { exact: true }).fill(from);
      await page.getByLabel(security.newPassword, { exact: true }).fill(to);
      await button(page, security.changePassword).click();
    };
    await change('not this one', 'quite another one');
    await page.getByRole('alert').getByText(errors.reasons.wrong_password).waitFor();
    await change(password, 'dmitri dmitri');
    await page.getByRole('alert').getByText(errors.reasons.password_too_weak).waitFor();
    expect(await page.getByRole('checkbox', { name: security.closeOthers }).isChecked()).toBe(true);
    await change(password, 'quite another one');
    await page.getByRole('status').getByText(security.changedPassword).waitFor();
    await arriveAt(page, settings.security);

    await other.getByText(en.signIn.because.session_closed).waitFor();
    await signIn(other, 'dmitri');
    await other.getByText(en.signIn.wrong).waitFor();
    await signIn(other, 'dmitri', 'quite another one');
    await isIn(other);
    await page.reload();
    await page.getByRole('link', { name: security.password }).waitFor();
  });

  test('devices are renamed, and signed out one by one or all at once', async () => {
    const page = await registered('Emil');
    const second = await another('emil');
    const third = await another('emil');
    const fourth = await another('emil');
    await page.goto(`${addressOf(instance)}/settings/sessions`);
    const rows = page.getByRole('list').getByRole('button');
    await expect.poll(() => rows.count()).toBe(4);

    const rename = async (which: number, name: string) => {
      await rows.nth(which).click();
      await button(page, settings.rename).click();
      await page.getByLabel(settings.deviceName).fill(name);
      await expectAccessible(page);
      await button(page, en.common.save).click();
      await rows.filter({ hasText: name }).waitFor();
    };
    await rename(0, 'The telephone in my hand');
    await rename(1, 'An old tablet');
    await expectAccessible(page);
    await rows.filter({ hasText: 'An old tablet' }).click();
    await button(page, settings.closeSession).click();
    await page.getByRole('status').getByText(settings.closed(1)).waitFor();
    await expect.poll(() => rows.count()).toBe(3);
    await arriveAt(page, settings.otherDevices);
    const out = (other: Page) => other.getByText(en.signIn.because.session_closed);
    await expect
      .poll(async () => await Promise.all([second, third, fourth].map((each) => out(each).count())))
      .toContain(1);

    await rows.first().click();
    expect(await page.getByRole('dialog').getByRole('button', { name: settings.closeSession }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await button(page, settings.closeAll).click();
    await page.getByRole('dialog').getByRole('button', { name: settings.closeSession, exact: true }).click();
    await page.getByRole('status').getByText(settings.closed(2)).waitFor();
    await page.getByText(settings.noOthers).waitFor();
    for (const each of [second, third, fourth]) await out(each).waitFor();
  });

  test('everything is accessible in Russian too, and mails are written in it', async () => {
    const page = await registered('Fatima');
    await page.goto(`${addressOf(instance)}/settings/language`);
    await page.getByRole('radio', { name: ru.languageName }).check();
    await page.getByRole('heading', { name: ru.settings.language, level: 1 }).waitFor();
    const token = await tokenOf(instance, 'fatima');
    const language = async () => (await ask(instance, 'sync', { cursor: null }, token)).me?.language;
    await expect.poll(language).toBe('ru');

    await page.goto(`${addressOf(instance)}/settings/security`);
    await page.getByText(ru.security.off).waitFor();
    await expectAccessible(page);
    const titles = {
      password: ru.security.password,
      authenticator: ru.security.authenticator,
      passkeys: ru.security.passkeys,
      'recovery-codes': ru.security.recoveryCodes,
    };
    for (const [part, title] of Object.entries(titles)) {
      await openPart(page, part as SecurityPart);
      await arriveAt(page, title);
      await page.locator('.settings-block').first().waitFor();
      await expectAccessible(page);
    }
  });

  test.skipIf(!hasService('oathtool'))('the last second step is kept where the instance requires one', async () => {
    const strict = await start({ auth: { twoFactor: 'required' } });
    const page = await openPhone();
    await register(page, strict, 'Greta');
    await enterCode(page, (await setUpAuthenticator(page)).code());
    await button(page, secondFactor.kept).click();
    await isIn(page);
    await openPart(page, 'authenticator');
    await page.getByText(security.removeRefused).waitFor();
    expect(await button(page, security.remove).count()).toBe(0);
  });

  describe.skipIf(!hasService('smtp'))('with mail', () => {
    let mail: TestMailServer;
    beforeAll(async () => {
      const started = await startMailServer();
      if (started === null) throw new Error('the mail server did not start');
      mail = started;
    });
    afterAll(() => mail?.stop());

    test('an address is set, waits, is confirmed by its link, and removed', async () => {
      const mailing = await start({ mail: { url: mail.url, from: 'Chat <chat@example.org>' } });
      const page = await registered('Hanna', mailing);
      await openPart(page, 'email');
      await page.getByRole('heading', { name: security.emailNone }).waitFor();
      await page.getByLabel(security.emailNew).fill('hanna@example.org');
      await present(page, security.emailSend);
      await page.getByText(security.emailWaits).waitFor();
      await expectAccessible(page);

      const [letter] = await mail.awaitMailsTo('hanna', 1);
      const link = /\/confirm#\S+/.exec(letter?.text ?? '')?.[0] ?? '/no-link';
      const elsewhere = await openPhone();
      await elsewhere.goto(addressOf(mailing) + link);
      await elsewhere.getByRole('heading', { name: en.confirm.done }).waitFor();
      await page.getByRole('heading', { name: security.emailPresent }).waitFor();
      await page.getByText('hanna@example.org').waitFor();
      expect(await page.getByText(security.emailWaits).count()).toBe(0);

      await button(page, security.emailRemove).click();
      await arriveAt(page, security.emailRemove);
      await present(page, security.emailRemove);
      await arriveAt(page, security.emailNone);
    });
  });

  test('no page had anything to complain about', () => {
    const refusals = /the server responded with a status of 4\d\d/;
    expect(devices.flatMap(({ errors: said }) => said).filter((error) => !refusals.test(error))).toEqual([]);
    expect(devices.length).toBeGreaterThan(0);
  });
});
