import { conversationPath as c } from './places.ts';
import type { Scene } from './scenes.ts';

/** Messages that go by themselves, and those that are sent later. */
export const timeScenes: readonly Scene[] = [
  { name: 'disappearing-messages', path: c(5), waitFor: '.message-timer' },
  {
    name: 'disappearing-choice',
    path: `${c(0)}/info`,
    waitFor: '.info-head',
    steps: async (page) => {
      await page.locator('.row:has(.term-value)').first().click();
      await page.waitForSelector('dialog[open] .choice');
      await page.locator('dialog[open] input[type=radio]').last().check();
      await page.waitForSelector('.term-own');
    },
  },
  {
    name: 'keeping-choice',
    path: `${c(0)}/info`,
    waitFor: '.info-head',
    steps: async (page) => {
      await page.locator('.row:has(.term-value)').nth(1).click();
      await page.waitForSelector('dialog[open] .choice');
    },
  },
  {
    name: 'send-later',
    path: c(0),
    waitFor: '.message-row',
    steps: async (page) => {
      await page.fill('.composer-field', 'Good morning, everybody!');
      await page.locator('.composer-send').click({ button: 'right' });
      await page.waitForSelector('dialog[open] [type=datetime-local]');
    },
  },
  { name: 'scheduled-bar', path: c(0), scenario: { scheduled: 'waiting' }, waitFor: '.scheduled-bar' },
  {
    name: 'scheduled-list',
    path: c(0),
    scenario: { scheduled: 'refused' },
    waitFor: '.scheduled-bar',
    steps: async (page) => {
      await page.click('.scheduled-bar');
      await page.waitForSelector('dialog[open] .scheduled-one');
    },
  },
  {
    name: 'scheduled-change',
    path: c(0),
    scenario: { scheduled: 'waiting' },
    waitFor: '.scheduled-bar',
    steps: async (page) => {
      await page.click('.scheduled-bar');
      await page.locator('.scheduled-ways button').nth(1).click();
      await page.waitForSelector('dialog[open] [type=datetime-local]');
    },
  },
];
