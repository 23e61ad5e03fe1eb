import type { Page } from 'playwright-core';
import { conversationPath as c, openActions } from './places.ts';
import type { Scene } from './scenes.ts';

const lastMessage = '.message-row >> nth=-1';
const atEnd = `${c(0)}/99999`;
const last = '[data-seq="99998"]';

async function act(page: Page, which: string, icon: number): Promise<void> {
  await openActions(page, which);
  await page.locator('dialog[open] button.row').nth(icon).click();
}

/** What people do with messages and conversations. */
export const conversing: readonly Scene[] = [
  { name: 'messages-of-all-kinds', path: atEnd, waitFor: last },
  { name: 'messages-poll-closed', path: `${c(0)}/99986`, waitFor: '[data-seq="99986"] .poll' },
  {
    name: 'message-emoji',
    path: `${c(0)}/99992`,
    waitFor: '[data-seq="99992"] .reaction',
    steps: async (page) => {
      await openActions(page, '.reactions');
      await page.locator('dialog[open] .quick-reaction').last().click();
      await page.waitForSelector('.emoji-button');
    },
  },
  {
    name: 'message-emoji-search',
    path: `${c(0)}/99992`,
    waitFor: '[data-seq="99992"] .reaction',
    steps: async (page) => {
      await openActions(page, '.reactions');
      await page.locator('dialog[open] .quick-reaction').last().click();
      await page.fill('.emoji-search input', 'пра');
      await page.waitForFunction(() => document.querySelectorAll('.emoji-button').length < 20);
    },
  },
  {
    name: 'message-reactors',
    path: `${c(0)}/99992`,
    waitFor: '[data-seq="99992"] .reaction',
    steps: async (page) => {
      await page.locator('.reaction').last().click({ button: 'right' });
      await page.waitForSelector('.about-list .avatar');
    },
  },
  {
    name: 'message-votes',
    path: atEnd,
    waitFor: last,
    steps: async (page) => {
      await page.locator('.poll-votes').last().click();
      await page.waitForSelector('.votes-option');
    },
  },
  {
    name: 'message-wordings',
    path: `${c(0)}/99975`,
    waitFor: '[data-seq="99975"]',
    steps: async (page) => {
      await page.locator('[data-seq="99975"] .message-edited').click();
      await page.waitForSelector('.wording');
    },
  },
  {
    name: 'message-forward',
    path: c(1),
    waitFor: lastMessage,
    steps: async (page) => {
      await act(page, '.is-theirs', 3);
      await page.waitForSelector('.choice-list .row');
    },
  },
  {
    name: 'message-reply',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await act(page, '.is-theirs', 0);
      await page.waitForSelector('.composer-note');
    },
  },
  {
    name: 'message-actions-poll',
    path: atEnd,
    waitFor: last,
    steps: async (page) => {
      await openActions(page, '.poll');
    },
  },
  {
    name: 'composer-mention',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await page.focus('.composer-field');
      await page.keyboard.type('Ask @');
      await page.waitForSelector('.mention-picker');
    },
  },
  {
    name: 'composer-add',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await page.click('.composer-line .icon-button');
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'composer-poll',
    path: c(0),
    waitFor: lastMessage,
    steps: async (page) => {
      await page.click('.composer-line .icon-button');
      await page.click('dialog[open] .row');
      await page.fill('[name=question]', 'What do we eat on Sunday?');
      await page.fill('[name=answer-1]', 'Soup');
      await page.fill('[name=answer-2]', 'Pancakes');
      await page.waitForSelector('[name=answer-3]');
    },
  },
  { name: 'message-link-cards', path: `${c(0)}/99994`, waitFor: '.link-card' },
  {
    name: 'message-link-typed',
    path: atEnd,
    waitFor: last,
    steps: async (page) => {
      await page.fill('.composer-field', 'The plan: https://www.example.org/plan');
      await page.waitForSelector('.composer-note:has-text("example.org")');
    },
  },
  { name: 'channel-reading', path: c(12), waitFor: '.closed' },
  {
    name: 'list-actions',
    path: '/',
    waitFor: '.conversation-row',
    steps: async (page) => {
      await page.locator('.conversation-row a').nth(3).click({ button: 'right' });
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'list-mute',
    path: '/',
    waitFor: '.conversation-row',
    steps: async (page) => {
      await page.locator('.conversation-row a').nth(3).click({ button: 'right' });
      await page.locator('dialog[open] .row').nth(2).click();
      await page.waitForFunction(() => document.querySelectorAll('dialog[open] .row').length === 4);
    },
  },
  { name: 'list-archive', path: '/archive', waitFor: '.conversation-row' },
  { name: 'list-archive-empty', path: '/archive', scenario: { conversations: 8 }, waitFor: '.list-pane .notice' },
  {
    name: 'info-settings',
    path: `${c(0)}/info`,
    waitFor: '.info-head',
    steps: async (page) => {
      await page.locator('.info-head ~ button.row').nth(5).click();
      await page.waitForSelector('dialog[open] .choice');
    },
  },
  { name: 'info-channel', path: `${c(12)}/info`, waitFor: '.info-head' },
  { name: 'new-channel', path: '/new/channel', waitFor: '.check' },
];
