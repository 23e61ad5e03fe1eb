import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveInstance } from '../../src/app/instance.ts';
import { en } from '../../src/web/i18n/en.ts';
import { type Device, openDevice, startBrowser } from '../support/browser.ts';
import { makeHome } from '../support/instance.ts';
import { join } from '../support/on-screen.ts';
import { hasService } from '../support/services.ts';

let home: string;
let server: Awaited<ReturnType<typeof serveInstance>>;
let url: string;
let browser: Browser;
let phone: Device;
/** At the other end of an outgoing webhook. */
let program: Server;
const heard: string[] = [];

const { webhooks } = en;

describe.skipIf(!hasService('chromium'))('webhooks, on a phone', () => {
  beforeAll(async () => {
    home = await makeHome({ name: 'The Club', registration: 'open', webhooks: { privateNetworks: true } });
    server = await serveInstance(home, { port: 0, host: '127.0.0.1', writeLog: () => {} });
    url = `http://127.0.0.1:${server.port}`;
    program = createServer(async (request, response) => {
      heard.push(JSON.parse(await text(request)).message.text);
      response.end('{"text":"Noted."}');
    });
    await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve));
    browser = await startBrowser();
    phone = await openDevice(browser, 'phone');
    const { page } = phone;
    await join(page, `${url}/join`, 'Olga');
    await page.goto(`${url}/new/channel`);
    await page.getByLabel(en.new.channelName).fill('Harbour');
    await page.getByRole('button', { name: en.new.createChannel, exact: true }).click();
    await page.waitForURL(/\/c\/[0-9a-f-]{36}$/);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    program?.close();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  const conversation = () => `${url}/c/${phone.page.url().match(/[0-9a-f-]{36}/)?.[0]}`;
  const press = (name: string) => phone.page.getByRole('button', { name, exact: true }).click();
  const secret = () => phone.page.locator('.invite-link').inputValue();

  test('one that posts messages is made in a group’s info; its address is shown once', async () => {
    const { page } = phone;
    await page.goto(`${conversation()}/info`);
    await page.getByRole('link', { name: webhooks.title }).click();
    await press(webhooks.make);
    await page.getByLabel(webhooks.name).fill('Weather');
    await press(webhooks.create);
    const address = (await secret()).replace(/^https?:\/\/[^/]+/, url);
    expect(address).toMatch(/\/hooks\/[\w-]{43}$/);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(address, { method: 'POST', headers, body: '{"text":"Gale warning"}' });
    expect(answer.status).toBe(200);
    await press(en.common.done);
    await page.getByText('Weather').waitFor();

    await page.goto(conversation());
    const message = page.getByRole('article').filter({ hasText: 'Gale warning' });
    await message.waitFor();
    await expect.poll(() => message.textContent()).toMatch(/Weather\s*bot/);
  });

  test('one that is told of messages hears what is written, and answers under its bot', async () => {
    const { page } = phone;
    await page.goto(`${conversation()}/webhooks`);
    await press(webhooks.make);
    await page.getByText(webhooks.outgoing).click();
    await page.getByLabel(webhooks.name).fill('Logbook');
    await page.getByLabel(webhooks.url).fill(`http://127.0.0.1:${(program.address() as AddressInfo).port}/in`);
    await press(webhooks.create);
    expect(await secret()).toMatch(/^whsec_[\w-]{43}$/);
    await page.goto(conversation());
    await page.getByLabel(en.composer.label).fill('We sail at nine');
    await press(en.composer.send);
    await page.getByRole('article').filter({ hasText: 'Noted.' }).waitFor();
    expect(heard).toEqual(['We sail at nine']);
  });

  test('one whose program is away says so, and one is removed with its bot', async () => {
    const { page } = phone;
    program.closeAllConnections();
    await new Promise((resolve) => program.close(resolve));
    await page.getByLabel(en.composer.label).fill('Nobody hears this');
    await press(en.composer.send);
    await page.getByRole('article').filter({ hasText: 'Nobody hears this' }).waitFor();
    const failing = webhooks.failing(webhooks.failures.unreachable, 1).slice(0, 30);
    await expect
      .poll(
        async () => {
          await page.goto(`${conversation()}/webhooks`);
          await page.getByText('Logbook').waitFor();
          return page.getByText(failing).count();
        },
        { timeout: 15_000 },
      )
      .toBe(1);

    await page.getByText('Weather').click();
    await press(webhooks.remove);
    await press(webhooks.remove);
    await page.getByText('Weather').waitFor({ state: 'detached' });
    await page.goto(`${conversation()}/info`);
    await page.getByRole('button', { name: /Logbook/ }).waitFor();
    expect(await page.getByRole('button', { name: /Weather/ }).count()).toBe(0);
  });

  test('and the page had nothing to complain about', () => {
    expect(phone.errors).toEqual([]);
  });
});
