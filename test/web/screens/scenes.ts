import type { Page } from 'playwright-core';
import { apart } from './apart-scenes.ts';
import { comingIn } from './coming-in-scenes.ts';
import { conversing } from './conversing-scenes.ts';
import type { Scenario } from './demo-engine.ts';
import { conversationPath as c, openActions } from './places.ts';
import { searchScenes } from './search-scenes.ts';
import { securityScenes } from './security-scenes.ts';
import { timeScenes } from './time-scenes.ts';
import { webhookScenes } from './webhook-scenes.ts';

export interface Scene {
  readonly name: string;
  readonly path: string;
  readonly scenario?: Scenario;
  /** What is done before the picture is taken. */
  readonly steps?: (page: Page) => Promise<void>;
  /** Something that must be there before it. */
  readonly waitFor: string;
}

const lastMessage = '.message-row >> nth=-1';

/** Every screen and every state of it. */
export const scenes: readonly Scene[] = [
  { name: 'join', path: '/join#token', scenario: { signedOut: true }, waitFor: '.doorway-form' },
  {
    name: 'join-typed',
    path: '/join#token',
    scenario: { signedOut: true },
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.fill('[name=display-name]', 'Anna Petrova');
      await page.fill('[name=password]', 'correct horse');
      await page.click('[type=submit]');
      await page.waitForFunction(() => document.querySelector('#sign-in-name')?.textContent?.includes('.2'));
    },
  },
  { name: 'join-used', path: '/join#token', scenario: { signedOut: true, usedInvite: true }, waitFor: '.notice' },
  { name: 'join-failed', path: '/join#token', scenario: { signedOut: true, failing: true }, waitFor: '.notice' },
  { name: 'join-no-invite', path: '/join', scenario: { signedOut: true }, waitFor: '.notice' },
  { name: 'join-open', path: '/join', scenario: { signedOut: true, registration: 'open' }, waitFor: '.doorway-form' },
  { name: 'join-signed-in', path: '/join#token', waitFor: '.notice' },
  { name: 'sign-in', path: '/sign-in', scenario: { signedOut: true }, waitFor: '.doorway-form' },
  {
    name: 'sign-in-wrong',
    path: '/',
    scenario: { signedOut: true, because: 'session_closed' },
    waitFor: '.doorway-form',
    steps: async (page) => {
      await page.fill('[name=username]', 'anna.petrova');
      await page.fill('[name=password]', 'wrong');
      await page.click('[type=submit]');
      await page.waitForSelector('form .problem');
    },
  },
  { name: 'session-closed', path: '/', scenario: { signedOut: true, because: 'session_reused' }, waitFor: '.problem' },
  ...comingIn,
  { name: 'starting', path: '/', scenario: { starting: true }, waitFor: '.skeleton' },
  { name: 'list', path: '/', waitFor: '.conversation-row' },
  { name: 'list-empty', path: '/', scenario: { conversations: 0 }, waitFor: '.notice' },
  { name: 'list-offline', path: '/', scenario: { connection: 'offline' }, waitFor: '.conversation-row' },
  { name: 'list-plain-http', path: '/', scenario: { lacksSecureContext: true }, waitFor: '.list-note' },
  { name: 'list-no-storage', path: '/', scenario: { lacksStorage: true }, waitFor: '.list-note' },
  { name: 'list-outdated', path: '/', scenario: { outdated: true }, waitFor: '.list-note' },
  {
    name: 'list-nothing-found',
    path: '/',
    waitFor: '.conversation-row',
    steps: async (page) => {
      await page.fill('.list-search input', 'qqq');
      await page.waitForSelector('.list-pane .notice');
    },
  },
  {
    name: 'jump',
    path: '/',
    waitFor: '.conversation-row',
    steps: async (page) => {
      await page.keyboard.press('Control+k');
      await page.waitForSelector('.jump');
    },
  },
  { name: 'conversation-unread', path: c(0), waitFor: lastMessage },
  { name: 'conversation-direct', path: c(1), waitFor: lastMessage },
  { name: 'conversation-russian', path: c(2), waitFor: lastMessage },
  { name: 'conversation-group', path: c(3), waitFor: lastMessage },
  { name: 'conversation-draft', path: c(4), waitFor: lastMessage },
  { name: 'conversation-start', path: c(13), waitFor: lastMessage },
  { name: 'conversation-self', path: c(7), waitFor: lastMessage },
  { name: 'conversation-seq', path: `${c(0)}/50000`, waitFor: '[data-seq="50000"]' },
  { name: 'conversation-offline', path: c(1), scenario: { connection: 'offline' }, waitFor: lastMessage },
  { name: 'conversation-loading', path: c(3), scenario: { endless: true }, waitFor: '.messages-skeleton' },
  { name: 'conversation-failed', path: c(3), scenario: { failing: true }, waitFor: '.conversation .notice' },
  { name: 'conversation-empty', path: c(11), waitFor: '.notice' },
  { name: 'conversation-removed-from', path: c(9), waitFor: '.closed' },
  { name: 'conversation-deleted-person', path: c(10), waitFor: '.closed' },
  { name: 'conversation-unknown', path: '/c/02980000-0000-7000-8000-ffffffffffff', waitFor: '.conversation .notice' },
  {
    name: 'conversation-long-text',
    path: `${c(0)}/99984`,
    waitFor: '[data-seq="99984"] .message-more',
  },
  {
    name: 'message-actions',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await openActions(page, '.is-mine');
    },
  },
  {
    name: 'message-failed-actions',
    path: c(1),
    waitFor: '.message-failed',
    steps: async (page) => {
      await page.click('.message-failed');
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'message-edit',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await page.focus('.composer-field');
      await page.keyboard.press('ArrowUp');
      await page.waitForSelector('.composer-note');
    },
  },
  {
    name: 'composer-six-lines',
    path: c(3),
    waitFor: lastMessage,
    steps: async (page) => {
      await page.fill('.composer-field', Array.from({ length: 9 }, (_, line) => `Line ${line + 1}`).join('\n'));
    },
  },
  {
    name: 'composer-too-long',
    path: c(3),
    waitFor: lastMessage,
    steps: async (page) => {
      await page.fill('.composer-field', 'long '.repeat(3_300));
      await page.waitForSelector('.composer-problem');
    },
  },
  ...conversing,
  ...searchScenes,
  { name: 'info-group', path: `${c(0)}/info`, waitFor: '.info-head' },
  { name: 'info-direct', path: `${c(1)}/info`, waitFor: '.info-head' },
  { name: 'info-removed', path: `${c(9)}/info`, waitFor: '.info-head' },
  {
    name: 'info-member',
    path: `${c(0)}/info`,
    waitFor: 'button[aria-haspopup]',
    steps: async (page) => {
      await page.locator('button[aria-haspopup]').nth(1).click();
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'info-add',
    path: `${c(0)}/info`,
    waitFor: 'button[aria-haspopup]',
    steps: async (page) => {
      await page.locator('section .row-icon').click();
      await page.waitForSelector('dialog[open] .check');
      await page.locator('dialog[open] .check:not(:disabled)').nth(1).click();
    },
  },
  {
    name: 'info-rename',
    path: `${c(0)}/info`,
    waitFor: '.info-head',
    steps: async (page) => {
      await page.locator('.info-head ~ button.row').nth(4).click();
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'info-leave',
    path: `${c(0)}/info`,
    waitFor: '.info-head',
    steps: async (page) => {
      await page.locator('button.row.danger').first().click();
      await page.waitForSelector('dialog[open]');
    },
  },
  { name: 'new', path: '/new', waitFor: '.person-name' },
  {
    name: 'new-nobody',
    path: '/new',
    waitFor: '.person-name',
    steps: async (page) => {
      await page.fill('.search-place input', 'Nobody at all');
      await page.waitForSelector('.main-pane .notice');
    },
  },
  {
    name: 'new-failed',
    path: '/new',
    scenario: { failing: true },
    waitFor: '.person-name',
    steps: async (page) => {
      await page.fill('.search-place input', 'Anna');
      await page.waitForSelector('.problem');
    },
  },
  { name: 'new-first', path: '/new', scenario: { conversations: 0 }, waitFor: '.notice' },
  {
    name: 'new-group',
    path: '/new/group',
    waitFor: '.check',
    steps: async (page) => {
      await page.fill('[name=title]', 'Regatta in July');
      for (const index of [0, 1, 3]) await page.locator('.check').nth(index).click();
    },
  },
  { name: 'invite', path: '/new/invite', waitFor: '.choice' },
  {
    name: 'invite-ready',
    path: '/new/invite',
    waitFor: '.choice',
    steps: async (page) => {
      await page.click('.button.main');
      await page.waitForSelector('.qr-code');
    },
  },
  { name: 'settings', path: '/settings', waitFor: '.settings-me' },
  {
    name: 'settings-sign-out',
    path: '/settings',
    waitFor: '.settings-me',
    steps: async (page) => {
      await page.click('.row.danger');
      await page.waitForSelector('dialog[open]');
    },
  },
  { name: 'settings-profile', path: '/settings/profile', waitFor: '.settings-facts' },
  { name: 'settings-sessions', path: '/settings/sessions', waitFor: '.device-name' },
  { name: 'settings-appearance', path: '/settings/appearance', waitFor: '.choice' },
  { name: 'settings-language', path: '/settings/language', waitFor: '.choice' },
  { name: 'settings-storage', path: '/settings/storage', waitFor: '.settings-block .button' },
  ...securityScenes,
  ...apart,
  ...webhookScenes,
  ...timeScenes,
  { name: 'settings-about', path: '/settings/about', waitFor: '.settings-facts' },
  { name: 'accent', path: c(1), scenario: { accent: 'green' }, waitFor: lastMessage },
];
