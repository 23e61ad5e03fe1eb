import type { Page } from 'playwright-core';
import type { Scenario } from './demo-engine.ts';
import type { Scene } from './scenes.ts';

const at = (part: string) => `/settings/security/${part}`;
const bare: Scenario = { security: { totp: false, passkeys: [], recoveryCodesLeft: 0, email: null } };
const onlyAuthenticator: Scenario = { security: { passkeys: [], twoFactorRequired: true } };

/** Shows the present password and goes on. */
async function present(page: Page, password: string): Promise<void> {
  await page.fill('[name=password]', password);
  await page.click('[type=submit]');
}

const wrong = async (page: Page) => {
  await page.click('.step .button.danger');
  await present(page, 'wrong');
  await page.waitForSelector('form .problem');
};

/** How the account is guarded, and every step of changing it. */
export const securityScenes: readonly Scene[] = [
  { name: 'security', path: '/settings/security', scenario: { mail: true }, waitFor: '.security-way bdi' },
  { name: 'security-bare', path: '/settings/security', scenario: bare, waitFor: '.security-way' },
  { name: 'security-failed', path: '/settings/security', scenario: { failing: true }, waitFor: '.problem' },
  { name: 'security-part-failed', path: at('passkeys'), scenario: { failing: true }, waitFor: '.problem' },
  {
    name: 'security-password',
    path: at('password'),
    waitFor: '.tick',
    scenario: { weakPassword: true },
    steps: async (page) => {
      await page.fill('[autocomplete=current-password]', 'correct horse');
      await page.fill('[autocomplete=new-password]', 'password123');
    },
  },
  {
    name: 'security-password-weak',
    path: at('password'),
    scenario: { weakPassword: true },
    waitFor: '.tick',
    steps: async (page) => {
      await page.fill('[autocomplete=current-password]', 'correct horse');
      await page.fill('[autocomplete=new-password]', 'password123');
      await page.click('[type=submit]');
      await page.waitForSelector('form .problem');
    },
  },
  { name: 'security-email', path: at('email'), scenario: { mail: true }, waitFor: '.step' },
  { name: 'security-email-none', path: at('email'), scenario: { ...bare, mail: true }, waitFor: '.step' },
  {
    name: 'security-email-waits',
    path: at('email'),
    scenario: { mail: true, security: { unconfirmedEmail: 'anna.katharina.petrova@sailing.example.org' } },
    waitFor: '.settings-waits',
  },
  {
    name: 'security-email-remove',
    path: at('email'),
    scenario: { mail: true },
    waitFor: '.step',
    steps: async (page) => {
      await page.click('.button.danger');
      await page.waitForSelector('.step [name=password]');
    },
  },
  { name: 'security-authenticator-off', path: at('authenticator'), scenario: bare, waitFor: '.step' },
  { name: 'security-authenticator', path: at('authenticator'), waitFor: '.step' },
  { name: 'security-authenticator-needed', path: at('authenticator'), scenario: onlyAuthenticator, waitFor: '.step' },
  { name: 'security-authenticator-remove', path: at('authenticator'), waitFor: '.step .button.danger', steps: wrong },
  {
    name: 'security-throttled',
    path: at('authenticator'),
    waitFor: '.step .button.danger',
    steps: async (page) => {
      await page.click('.step .button.danger');
      await present(page, 'often');
      await page.waitForSelector('form .problem');
    },
  },
  {
    name: 'security-authenticator-set-up',
    path: at('authenticator'),
    scenario: bare,
    waitFor: '.step',
    steps: async (page) => {
      await page.click('.step .button.main');
      await present(page, 'correct horse');
      await page.waitForSelector('svg.qr-code');
    },
  },
  {
    name: 'security-authenticator-codes',
    path: at('authenticator'),
    scenario: bare,
    waitFor: '.step',
    steps: async (page) => {
      await page.click('.step .button.main');
      await present(page, 'correct horse');
      await page.fill('.code-field', '123456');
      await page.waitForSelector('.recovery-list');
    },
  },
  { name: 'security-passkeys', path: at('passkeys'), scenario: { passkeys: true }, waitFor: '.device-name' },
  { name: 'security-passkeys-none', path: at('passkeys'), scenario: { ...bare, passkeys: true }, waitFor: '.step' },
  {
    name: 'security-passkeys-insecure',
    path: at('passkeys'),
    scenario: { lacksSecureContext: true },
    waitFor: '.step',
  },
  { name: 'security-passkeys-number', path: at('passkeys'), scenario: bare, waitFor: '.step' },
  {
    name: 'security-passkey-actions',
    path: at('passkeys'),
    scenario: { passkeys: true },
    waitFor: '.device-name',
    steps: async (page) => {
      await page.locator('li .row').last().click();
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'security-passkey-needed',
    path: at('passkeys'),
    scenario: { passkeys: true, security: { totp: false, twoFactorRequired: true } },
    waitFor: '.device-name',
  },
  {
    name: 'security-passkey-add',
    path: at('passkeys'),
    scenario: { passkeys: true },
    waitFor: '.step .button.main',
    steps: async (page) => {
      await page.click('.step .button.main');
      await page.waitForSelector('[name=password]');
    },
  },
  {
    name: 'security-passkey-name',
    path: at('passkeys'),
    scenario: { passkeys: true },
    waitFor: '.step .button.main',
    steps: async (page) => {
      await page.click('.step .button.main');
      await present(page, 'correct horse');
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'security-passkey-remove',
    path: at('passkeys'),
    scenario: { passkeys: true },
    waitFor: '.device-name',
    steps: async (page) => {
      await page.locator('li .row').last().click();
      await page.click('dialog .row.danger');
      await page.waitForSelector('[name=password]');
    },
  },
  { name: 'security-recovery', path: at('recovery-codes'), waitFor: '.step' },
  {
    name: 'security-recovery-few',
    path: at('recovery-codes'),
    scenario: { security: { recoveryCodesLeft: 1 } },
    waitFor: '.step',
  },
  { name: 'security-recovery-none', path: at('recovery-codes'), scenario: bare, waitFor: '.step' },
  {
    name: 'security-recovery-renewed',
    path: at('recovery-codes'),
    waitFor: '.step .button',
    steps: async (page) => {
      await page.click('.step .button');
      await present(page, 'correct horse');
      await page.waitForSelector('.recovery-list');
    },
  },
  {
    name: 'settings-device-actions',
    path: '/settings/sessions',
    waitFor: '.device-name',
    steps: async (page) => {
      await page.locator('li .row').nth(2).click();
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'settings-device-rename',
    path: '/settings/sessions',
    waitFor: '.device-name',
    steps: async (page) => {
      await page.locator('li .row').nth(2).click();
      await page.locator('dialog .row').first().click();
      await page.waitForSelector('dialog input');
    },
  },
  {
    name: 'settings-devices-close-all',
    path: '/settings/sessions',
    waitFor: '.device-name',
    steps: async (page) => {
      await page.click('.row.danger');
      await page.waitForSelector('dialog[open]');
    },
  },
];
