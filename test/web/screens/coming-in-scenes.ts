import type { SecondFactor } from '../../../src/protocol/operations.ts';
import type { Scenario } from './demo-engine.ts';
import type { Scene } from './scenes.ts';

const signedOut = (more: Scenario): Scenario => ({ signedOut: true, ...more });
const expiresAt = Date.UTC(2100, 0);
const second = (...methods: SecondFactor[]): Scenario =>
  signedOut({ passkeys: true, needed: { status: 'second_factor_needed', ticket: 'x', methods, expiresAt } });
const enrolment = signedOut({ needed: { status: 'enrolment_needed', ticket: 'x', expiresAt } });
const throttled = { code: 'too_many_requests', reason: 'throttled', retryAfter: 95 } as const;

/** Making an account, signing in and all that may be asked for on the way. */
export const comingIn: readonly Scene[] = [
  {
    name: 'join-approval',
    path: '/join',
    scenario: signedOut({ registration: 'approval', mail: true }),
    waitFor: '.doorway-form',
  },
  {
    name: 'join-groups-email',
    path: '/join#token',
    scenario: signedOut({ mail: true, invitedTo: ['Crew of the “Möwe”', 'Regatta', 'קבוצת השיט'] }),
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.click('.doorway-form .button.plain');
      await page.fill('[name=email]', 'anna@example.org');
    },
  },
  {
    name: 'join-no-room',
    path: '/join',
    scenario: signedOut({ registration: 'open', failing: { code: 'unavailable', reason: 'no_room' } }),
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.fill('[name=display-name]', 'Anna Petrova');
      await page.fill('[name=password]', 'correct horse');
      await page.click('[type=submit]');
      await page.waitForSelector('form .problem');
    },
  },
  {
    name: 'sign-in-passkey',
    path: '/sign-in',
    scenario: signedOut({ passkeys: true, mail: true, registration: 'open' }),
    waitFor: '.doorway-form',
  },
  {
    name: 'sign-in-throttled',
    path: '/sign-in',
    scenario: signedOut({ failing: throttled }),
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.fill('[name=username]', 'anna.petrova');
      await page.fill('[name=password]', 'wrong');
      await page.click('[type=submit]');
      await page.waitForSelector('form .problem');
    },
  },
  {
    name: 'second-factor',
    path: '/sign-in',
    scenario: second('totp', 'passkey', 'recovery_code'),
    waitFor: '.code-field',
  },
  {
    name: 'second-factor-wrong',
    path: '/sign-in',
    scenario: second('totp', 'recovery_code'),
    waitFor: '.code-field',
    steps: async (page) => {
      await page.fill('.code-field', '000000');
      await page.waitForSelector('form .problem');
    },
  },
  { name: 'second-factor-passkey', path: '/sign-in', scenario: second('passkey'), waitFor: '.tick' },
  { name: 'second-factor-recovery', path: '/sign-in', scenario: second('recovery_code'), waitFor: '.tick' },
  {
    name: 'second-factor-elsewhere',
    path: '/sign-in',
    scenario: { ...second('passkey'), passkeys: false },
    waitFor: '.welcome',
  },
  { name: 'enrolment', path: '/sign-in', scenario: enrolment, waitFor: '.authenticator svg.qr-code' },
  {
    name: 'enrolment-codes',
    path: '/sign-in',
    scenario: enrolment,
    waitFor: '.authenticator svg.qr-code',
    steps: async (page) => {
      await page.fill('.code-field', '123456');
      await page.waitForSelector('.recovery-list');
    },
  },
  {
    name: 'enrolment-failed',
    path: '/sign-in',
    scenario: { ...enrolment, failing: true },
    waitFor: '.problem',
  },
  {
    name: 'approval-waiting',
    path: '/sign-in',
    scenario: signedOut({ needed: { status: 'waiting_for_approval' } }),
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.click('[type=submit]');
      await page.waitForFunction(() => document.querySelector('[role=status]')?.textContent !== '');
    },
  },
  { name: 'forgot', path: '/forgot', scenario: signedOut({ mail: true }), waitFor: '.doorway-form' },
  { name: 'forgot-no-mail', path: '/forgot', scenario: signedOut({}), waitFor: '.notice' },
  {
    name: 'forgot-sent',
    path: '/forgot',
    scenario: signedOut({ mail: true }),
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.fill('[name=username]', 'anna.petrova');
      await page.click('[type=submit]');
      await page.waitForSelector('.notice');
    },
  },
  { name: 'reset', path: '/reset#token', scenario: signedOut({ mail: true }), waitFor: '.doorway-form' },
  {
    name: 'reset-weak',
    path: '/reset#token',
    scenario: signedOut({ weakPassword: true }),
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.fill('[name=password]', 'password123');
      await page.click('[type=submit]');
      await page.waitForSelector('form .problem');
    },
  },
  {
    name: 'reset-done',
    path: '/reset#token',
    scenario: signedOut({}),
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.fill('[name=password]', 'several words in a row');
      await page.click('[type=submit]');
      await page.waitForSelector('.notice');
    },
  },
  {
    name: 'reset-useless',
    path: '/reset#token',
    scenario: signedOut({ failing: { code: 'forbidden', reason: 'link_invalid' } }),
    waitFor: '.notice',
  },
  { name: 'confirm', path: '/confirm#token', scenario: signedOut({}), waitFor: '.notice' },
  {
    name: 'confirm-useless',
    path: '/confirm#token',
    scenario: signedOut({ failing: { code: 'forbidden', reason: 'link_invalid' } }),
    waitFor: '.notice',
  },
];
