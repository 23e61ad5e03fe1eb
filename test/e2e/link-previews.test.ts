import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { en } from '../../src/web/i18n/en.ts';
import { type Device, openDevice, startBrowser } from '../support/browser.ts';
import { join, makeGroup, message, say } from '../support/on-screen.ts';
import { type ServedInstance, serveInstance } from '../support/served-instance.ts';
import { hasService } from '../support/services.ts';

/** Stands for the internet. Every other address of this host is inside. */
const outside = '127.0.0.1';
const inside = '127.0.0.2';

let site: Server;
/** Paths that the site was asked for. */
const asked: string[] = [];
let instance: ServedInstance;
let browser: Browser;
let olga: Device;
let ivan: Device;
let maya: Device;
/** Of the group, on any device. */
let group: string;

const at = (host: string, path: string) => `http://${host}:${(site.address() as AddressInfo).port}${path}`;
const card = (page: Page, text: string) => message(page, text).locator('.link-card');

describe.skipIf(!hasService('chromium'))('links that three people send in a group, on phones', () => {
  beforeAll(async () => {
    site = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/redirect') response.writeHead(302, { location: at('inside.test', '/router') }).end();
      else
        response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
          .end('<title>Tides &amp; times</title><meta name="description" content="High water at nine">');
    });
    await new Promise<void>((listening) => site.listen(0, listening));
    instance = await serveInstance(
      { name: 'The Club', registration: 'open' },
      {
        linksFrom: {
          ports: [(site.address() as AddressInfo).port],
          resolve: async (name) => [name === 'inside.test' ? inside : outside],
          allows: (address) => address === outside,
        },
      },
    );
    browser = await startBrowser();
    const phones = [1, 2, 3].map(() => openDevice(browser, 'phone'));
    [olga, ivan, maya] = (await Promise.all(phones)) as [Device, Device, Device];
    await join(olga.page, `${instance.url}/join`, 'Olga');
    await join(ivan.page, `${instance.url}/join`, 'Ivan');
    await join(maya.page, `${instance.url}/join`, 'Maya');
    group = await makeGroup(olga.page, 'Sailing', 'Ivan', 'Maya');
    for (const { page } of [ivan, maya]) {
      await page.goto(instance.url + group);
      await page.getByLabel(en.composer.label).waitFor();
    }
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await instance?.stop();
    site?.closeAllConnections();
    site?.close();
  });

  test('show what they lead to, to everybody, and the card is the link', async () => {
    const text = `When? ${at('harbour.test', '/tides')}.`;
    await olga.page.getByLabel(en.composer.label).fill(text);
    await olga.page.getByText(en.composer.preview, { exact: true }).waitFor();
    await say(olga.page, text);
    for (const { page } of [olga, ivan, maya]) {
      await card(page, text).getByText('Tides & times', { exact: true }).waitFor();
      await card(page, text).getByText('High water at nine').waitFor();
      await card(page, text).getByText('harbour.test').waitFor();
    }
    expect(asked).toEqual(['/tides']);
    const opened = ivan.context.waitForEvent('page');
    await ivan.context.route(at('harbour.test', '/tides'), (route) => route.fulfill({ body: 'The site' }));
    await card(ivan.page, text).tap();
    const page = await opened;
    await page.waitForURL(at('harbour.test', '/tides'));
    expect(await page.evaluate('window.opener')).toBeNull();
    await page.close();
  });

  test('are not looked up for whoever does not want it, nor inside the network', async () => {
    const secret = `Between us: ${at('harbour.test', '/secret')}`;
    await ivan.page.getByLabel(en.composer.label).fill(secret);
    await ivan.page.getByRole('button', { name: en.composer.withoutPreview }).click();
    await say(ivan.page, secret);
    const sneaking = [at('inside.test', '/router'), at(inside, '/router'), at('harbour.test', '/redirect')];
    for (const link of sneaking) await say(ivan.page, link);
    const last = `And ${at('harbour.test', '/last')}`;
    await say(ivan.page, last);
    await card(maya.page, last).waitFor();
    await expect.poll(() => instance.platform.jobs.find(group.replace('/c/', ''), 10)).toEqual([]);
    expect(asked.toSorted()).toEqual(['/last', '/redirect', '/tides']);
    for (const text of [secret, ...sneaking]) expect(await card(maya.page, text).count(), text).toBe(0);
  });

  test('are not looked up later either, when a message is sent at its time', async () => {
    const text = `Tomorrow: ${at('harbour.test', '/tomorrow')}`;
    await ivan.page.getByLabel(en.composer.label).fill(text);
    await ivan.page.getByRole('button', { name: en.composer.withoutPreview }).click();
    await ivan.page.getByRole('button', { name: en.composer.send, exact: true }).click({ button: 'right' });
    await ivan.page.getByRole('dialog').getByRole('button', { name: en.scheduled.moments.morning }).click();
    await ivan.page.getByRole('button', { name: en.scheduled.count(1) }).click();
    await ivan.page.getByRole('dialog').getByRole('button', { name: en.scheduled.sendNow }).click();
    await message(maya.page, text).waitFor();
    await ivan.page.keyboard.press('Escape');
    await say(ivan.page, `Now: ${at('harbour.test', '/now')}`);
    await card(maya.page, `Now: ${at('harbour.test', '/now')}`).waitFor();
    expect(asked).not.toContain('/tomorrow');
    expect(await card(maya.page, text).count()).toBe(0);
  });

  test('are not looked up in a group that does not want it', async () => {
    await olga.page.goto(`${instance.url}${group}/info`);
    await olga.page.getByRole('button', { name: en.info.settings }).click();
    const sheet = olga.page.getByRole('dialog');
    await sheet.getByText(en.info.previewsHidden, { exact: true }).click();
    await sheet.getByRole('button', { name: en.common.save }).click();
    await sheet.waitFor({ state: 'detached' });
    await maya.page.getByText(en.notices.previewsOff('\u2068Olga\u2069')).waitFor();
    const text = `Still ${at('harbour.test', '/later')}`;
    await maya.page.getByLabel(en.composer.label).fill(text);
    expect(await maya.page.getByText(en.composer.preview, { exact: true }).count()).toBe(0);
    await say(maya.page, text);
    await message(ivan.page, text).waitFor();
    expect(await card(ivan.page, text).count()).toBe(0);
    expect(asked).not.toContain('/later');
  });

  test('and no page had anything to complain about', () => {
    for (const { errors } of [olga, ivan, maya]) expect(errors).toEqual([]);
  });
});
