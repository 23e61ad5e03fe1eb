import { conversationPath as c } from './places.ts';
import type { Scene } from './scenes.ts';

const path = `${c(0)}/webhooks`;

/** Programs that write into a group, and are told of it. */
export const webhookScenes: readonly Scene[] = [
  { name: 'webhooks', path, waitFor: '.row .bot-mark' },
  { name: 'webhooks-none', path, scenario: { webhooks: 0 }, waitFor: '.button.main' },
  { name: 'webhooks-failed', path, scenario: { failing: true }, waitFor: '.problem' },
  {
    name: 'webhooks-new',
    path,
    waitFor: '.row .bot-mark',
    steps: async (page) => {
      await page.click('.button.main');
      await page.waitForSelector('.webhook-form');
    },
  },
  {
    name: 'webhooks-new-outgoing',
    path,
    waitFor: '.row .bot-mark',
    steps: async (page) => {
      await page.click('.button.main');
      await page.check('.webhook-form [value=outgoing]');
      await page.check('.webhook-form [value=word]');
      await page.waitForSelector('[name=webhook-word]');
    },
  },
  {
    name: 'webhooks-ready',
    path,
    waitFor: '.row .bot-mark',
    steps: async (page) => {
      await page.click('.button.main');
      await page.fill('[name=webhook-name]', 'Builds');
      await page.click('[type=submit]');
      await page.waitForSelector('.invite-link');
    },
  },
  {
    name: 'webhooks-actions',
    path,
    waitFor: '.row .bot-mark',
    steps: async (page) => {
      await page.click('.row .bot-mark >> nth=-1');
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'webhooks-remove',
    path,
    waitFor: '.row .bot-mark',
    steps: async (page) => {
      await page.click('.row .bot-mark >> nth=0');
      await page.click('dialog[open] .row.danger');
      await page.waitForSelector('dialog[open] .button.danger');
    },
  },
];
