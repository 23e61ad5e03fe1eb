import { conversationPath as c, openActions } from './places.ts';
import type { Scene } from './scenes.ts';

const lastMessage = '.message-row >> nth=-1';
const report = (number: number) => `/admin/reports/06980000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** Blocking, privacy, reports, and links into groups. */
export const apart: readonly Scene[] = [
  { name: 'blocked-direct', path: c(1), scenario: { blocked: [1] }, waitFor: '.blocked-bar' },
  { name: 'blocked-in-group', path: c(0), scenario: { blocked: [5, 10] }, waitFor: '.bubble.is-blocked' },
  {
    name: 'blocked-in-list',
    path: '/',
    scenario: { blocked: [1, 2, 3, 5, 8, 10, 13, 15, 18] },
    waitFor: '.conversation-row',
  },
  {
    name: 'blocked-shown',
    path: c(0),
    scenario: { blocked: [5, 10] },
    waitFor: '.bubble.is-blocked',
    steps: async (page) => {
      await page.locator('.is-blocked .message-more').last().click();
    },
  },
  { name: 'info-blocked', path: `${c(1)}/info`, scenario: { blocked: [1] }, waitFor: '.info-head' },
  {
    name: 'info-block',
    path: `${c(1)}/info`,
    waitFor: '.info-head',
    steps: async (page) => {
      await page.locator('button.row.danger').last().click();
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'info-block-done',
    path: `${c(1)}/info`,
    waitFor: '.info-head',
    steps: async (page) => {
      await page.locator('button.row.danger').last().click();
      await page.click('dialog[open] .button.danger');
      await page.waitForSelector('.toast-undo');
    },
  },
  {
    name: 'message-actions-theirs',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await openActions(page, '.is-theirs');
    },
  },
  {
    name: 'message-report',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await openActions(page, '.is-theirs .bubble-name');
      await page.locator('dialog[open] button.row:has(path[d^="M6 21"])').click();
      await page.waitForSelector('.report-form textarea');
    },
  },
  {
    name: 'message-report-thanks',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await openActions(page, '.is-theirs .bubble-name');
      await page.locator('dialog[open] button.row:has(path[d^="M6 21"])').click();
      await page.click('.report-form [type=submit]');
      await page.waitForSelector('.report-thanks');
    },
  },
  { name: 'settings-privacy', path: '/settings/privacy', waitFor: '.choice' },
  { name: 'settings-privacy-blocked', path: '/settings/privacy', scenario: { blocked: [1, 3, 5] }, waitFor: '.choice' },
  {
    name: 'settings-privacy-failed',
    path: '/settings/privacy',
    scenario: { failing: true },
    waitFor: '.choice',
    steps: async (page) => {
      await page.locator('.choice-option').nth(2).click();
      await page.waitForSelector('.toast.is-problem');
    },
  },
  { name: 'reports', path: '/admin/reports', waitFor: '.report-row' },
  { name: 'reports-none', path: '/admin/reports', scenario: { reports: 0 }, waitFor: '.main-pane .notice' },
  {
    name: 'reports-settled',
    path: '/admin/reports',
    waitFor: '.report-row',
    steps: async (page) => {
      await page.locator('.choice-option').nth(1).click();
      await page.waitForFunction(() => document.querySelectorAll('.report-row').length === 2);
    },
  },
  {
    name: 'reports-refused',
    path: '/admin/reports',
    scenario: { failing: { code: 'forbidden', reason: 'not_permitted' } },
    waitFor: '.problem',
  },
  { name: 'report', path: report(1), waitFor: '.report-block textarea' },
  { name: 'report-edited', path: report(2), waitFor: '.report-block textarea' },
  {
    name: 'report-removing',
    path: report(1),
    waitFor: '.report-block textarea',
    steps: async (page) => {
      await page.check('[name=remove]');
      await page.locator('.button.main').last().scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'report-settled',
    path: report(4),
    waitFor: '.report-block',
    steps: async (page) => {
      await page.locator('.report-block').last().scrollIntoViewIfNeeded();
    },
  },
  { name: 'group-links', path: `${c(0)}/links`, waitFor: '.row .danger-text' },
  {
    name: 'group-links-ready',
    path: `${c(0)}/links`,
    waitFor: '.choice',
    steps: async (page) => {
      await page.click('.button.main');
      await page.waitForSelector('.qr-code');
    },
  },
  { name: 'link', path: '/j#secret', waitFor: '.link-title' },
  { name: 'link-member', path: '/j#member', waitFor: '.link-title' },
  {
    name: 'link-used-up',
    path: '/j#secret',
    scenario: { failing: { code: 'forbidden', reason: 'group_link_used_up' } },
    waitFor: '.main-pane .notice',
  },
  {
    name: 'link-removed-person',
    path: '/j#secret',
    scenario: { failing: { code: 'forbidden', reason: 'removed_from_group' } },
    waitFor: '.main-pane .notice',
  },
  { name: 'link-offline', path: '/j#secret', scenario: { failing: true }, waitFor: '.main-pane .notice' },
  { name: 'link-signed-out', path: '/j#secret', scenario: { signedOut: true }, waitFor: '.doorway-form' },
];
