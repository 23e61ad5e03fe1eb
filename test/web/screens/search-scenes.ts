import type { Page } from 'playwright-core';
import { conversationPath as c } from './places.ts';
import type { Scene } from './scenes.ts';

const recent = ['regatta', 'harbour key', '"big pot"', 'билеты на субботу'];

/** Chooses by whom, where, when: the number of the filter. */
const choose = (filter: number) => async (page: Page) => {
  await page.locator('.filter').nth(filter).click();
  await page.waitForSelector('dialog[open]');
};

/** Finding messages. */
export const searchScenes: readonly Scene[] = [
  { name: 'search', path: '/search', waitFor: '.notice' },
  { name: 'search-recent', path: '/search', scenario: { searched: recent }, waitFor: '.recent-head' },
  { name: 'search-found', path: '/search#q=the', waitFor: '.hit mark' },
  {
    name: 'search-filtered',
    path: '/search#by=01980000-0000-7000-8000-000000000005&in=02980000-0000-7000-8000-000000000000&since=1767222000000&until=1781301600000&has=link',
    waitFor: '.filter.is-set',
  },
  { name: 'search-nothing', path: '/search#q=qqqq', waitFor: '.main-pane .notice' },
  {
    name: 'search-needs-more',
    path: '/search#in=02980000-0000-7000-8000-000000000003',
    waitFor: '.main-pane .notice',
  },
  { name: 'search-loading', path: '/search#q=the', scenario: { endless: true }, waitFor: '.main-pane .skeleton' },
  {
    name: 'search-offline',
    path: '/search#q=the',
    scenario: { connection: 'offline', endless: true },
    waitFor: '.notice',
  },
  { name: 'search-failed', path: '/search#q=the', scenario: { failing: true }, waitFor: '.main-pane .notice .button' },
  { name: 'search-person', path: '/search', waitFor: '.filters', steps: choose(0) },
  { name: 'search-conversation', path: '/search', waitFor: '.filters', steps: choose(1) },
  { name: 'search-date', path: '/search', waitFor: '.filters', steps: choose(2) },
  {
    name: 'list-search-messages',
    path: '/',
    waitFor: '.conversation-row',
    steps: async (page) => {
      await page.fill('.list-search input', 'club');
      await page.waitForSelector('.search-messages');
    },
  },
  {
    name: 'jump-search-messages',
    path: '/',
    waitFor: '.conversation-row',
    steps: async (page) => {
      await page.keyboard.press('Control+k');
      await page.fill('.jump input', 'club');
      await page.waitForSelector('.jump-search');
    },
  },
  {
    name: 'conversation-find',
    path: `${c(0)}/find`,
    waitFor: '.search-bar input',
    steps: async (page) => {
      await page.fill('.search-bar input', 'harbour');
      await page.waitForSelector('.is-flashing');
    },
  },
  {
    name: 'conversation-find-nothing',
    path: `${c(0)}/find`,
    waitFor: '.search-bar input',
    steps: async (page) => {
      await page.fill('.search-bar input', 'qqqq');
      await page.waitForFunction(() => document.querySelector('.find-place')?.textContent !== '');
    },
  },
  {
    name: 'message-info',
    path: `${c(0)}/99999`,
    waitFor: '[data-seq="99995"]',
    steps: async (page) => {
      await page.locator('[data-seq="99995"] .message-far').click();
      await page.waitForSelector('.about-part');
    },
  },
  {
    name: 'message-info-hidden',
    path: `${c(0)}/99999`,
    scenario: { privacy: { lastSeen: 'nobody', readReceipts: false } },
    waitFor: '[data-seq="99995"]',
    steps: async (page) => {
      await page.locator('[data-seq="99995"] .message-far').click();
      await page.waitForSelector('.about-part');
    },
  },
  { name: 'conversation-jump-unreadable', path: `${c(0)}/7`, waitFor: '.toast' },
];
