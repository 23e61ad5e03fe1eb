import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { en } from '../../src/web/i18n/en.ts';
import { type Device, lanAddress, openDevice, startBrowser } from '../support/browser.ts';
import { makeHome, type RunningInstance, startInstance } from '../support/instance.ts';
import { join } from '../support/on-screen.ts';
import { hasService } from '../support/services.ts';

let instance: RunningInstance;
let browser: Browser;
let olga: Device;
let ivan: Device;
/** Ivan's phone reaches the instance over the local network, by plain http: no secure context. */
let overNetwork: string;

const message = (page: Page, text: string): Locator =>
  page.getByRole('article').filter({ has: page.getByText(text, { exact: true }) });

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel(en.composer.label).fill(text);
  await page.getByRole('button', { name: en.composer.send, exact: true }).click();
}

async function expectState(page: Page, text: string, state: string): Promise<void> {
  await expect.poll(() => message(page, text).getAttribute('aria-label'), { timeout: 15_000 }).toContain(`, ${state}:`);
}

const textsOf = (page: Page): Promise<string[]> =>
  page.getByRole('article').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));

describe.skipIf(!hasService('chromium'))('two people in two browsers', () => {
  beforeAll(async () => {
    instance = await startInstance(await makeHome({ name: 'The Club' }));
    overNetwork = `http://${lanAddress() ?? '127.0.0.1'}:${instance.port}`;
    browser = await startBrowser();
    olga = await openDevice(browser, 'desktop');
    ivan = await openDevice(browser, 'phone');
  });

  afterAll(async () => {
    await browser?.close();
    await instance?.remove();
  });

  test('the owner joins by the invite that the program printed', async () => {
    const printed = () => /https?:\/\/\S+\/join#\S+/.exec(instance.said())?.[0] ?? '';
    await expect.poll(printed, { timeout: 15_000 }).not.toBe('');
    const link = printed();
    await join(olga.page, link.replace(/^https?:\/\/[^/]+/, instance.url), 'Olga');
  });

  test('and invites somebody, who joins on a phone over the local network', async () => {
    await olga.page.goto(`${instance.url}/new/invite`);
    await olga.page.getByRole('button', { name: en.invite.create }).click();
    const link = await olga.page.getByRole('textbox', { name: en.invite.ready }).inputValue();
    await join(ivan.page, link.replace(/^https?:\/\/[^/]+/, overNetwork), 'Иван');
    expect(await ivan.page.evaluate('isSecureContext')).toBe(lanAddress() === null);
  });

  test('what plain http lacks is said once', async () => {
    if (lanAddress() === null) return;
    await ivan.page.getByRole('button', { name: en.common.understood }).click();
    await ivan.page.reload();
    await ivan.page.getByRole('heading', { name: en.list.title, exact: true }).waitFor();
    expect(await ivan.page.getByText(en.missing.title).count()).toBe(0);
  });

  test('they find each other and talk: sent, delivered, read', async () => {
    await ivan.page.goto(`${overNetwork}/new`);
    await ivan.page.getByLabel(en.new.search).fill('olg');
    await ivan.page.getByText('Olga').first().click();
    await say(ivan.page, 'Hello Olga');
    await expectState(ivan.page, 'Hello Olga', en.state.delivered);

    await olga.page.goto(instance.url);
    await olga.page.getByRole('link', { name: /Иван/ }).click();
    await message(olga.page, 'Hello Olga').waitFor();
    await expectState(ivan.page, 'Hello Olga', en.state.read);
    await say(olga.page, 'Hello Ivan');
    await message(ivan.page, 'Hello Ivan').waitFor();
  });

  test('who is online and typing is seen', async () => {
    await olga.page.getByRole('main').getByText(en.conversation.online, { exact: true }).first().waitFor();
    await ivan.page.getByLabel(en.composer.label).pressSequentially('I am typ');
    await olga.page.getByText(en.list.typing).first().waitFor();
    await ivan.page.getByLabel(en.composer.label).fill('');
    await expect.poll(() => olga.page.getByText(en.list.typing).count(), { timeout: 12_000 }).toBe(0);
  });

  test.each([
    ['markup', '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'],
    ['right-to-left text', 'שלום עולם, مرحبا'],
    ['emoji of several parts', '👩‍👩‍👧‍👦🏳️‍🌈 and 🇺🇦'],
    ['combining marks', 'Zalgo: z̷̢͓a̸l̶g̵o, é (e + ´)'],
  ])('%s arrives as it was written', async (_, text) => {
    await say(ivan.page, text);
    await message(olga.page, text).waitFor();
    expect(await olga.page.title()).not.toBe('owned');
  });

  test('links are clickable, and only harmless ones', async () => {
    await say(ivan.page, 'see https://example.org/a?b=c and javascript:alert(1)');
    const links = olga.page.getByRole('article').getByRole('link', { name: 'https://example.org/a?b=c' });
    await links.waitFor();
    expect(await links.getAttribute('rel')).toContain('noopener');
    expect(await olga.page.locator('article a[href^="javascript:"]').count()).toBe(0);
  });

  test('messages wait for who is offline, and arrive once and in order', async () => {
    await ivan.context.setOffline(true);
    const texts = Array.from({ length: 20 }, (_, i) => `waiting ${i + 1}`);
    for (const text of texts) await say(olga.page, text);
    await expectState(olga.page, 'waiting 20', en.state.sent);

    await say(ivan.page, 'written offline');
    await expectState(ivan.page, 'written offline', en.state.waiting);
    await ivan.context.setOffline(false);

    await expectState(olga.page, 'waiting 20', en.state.read);
    await expectState(ivan.page, 'written offline', en.state.read);
    for (const page of [ivan.page, olga.page]) {
      const seen = (await textsOf(page)).flatMap((label) => /: (waiting \d+)$/.exec(label)?.[1] ?? []);
      expect(seen).toEqual(texts.slice(-seen.length));
      expect(seen.length).toBeGreaterThan(5);
    }
  });

  test('the clients come back by themselves after kill -9, and nothing is missing', async () => {
    await olga.page.evaluate('window.notReloaded = true');
    await ivan.page.evaluate('window.notReloaded = true');
    await instance.kill();
    await say(olga.page, 'while it was down');
    await expectState(olga.page, 'while it was down', en.state.waiting);
    await instance.start();
    await message(ivan.page, 'while it was down').waitFor({ timeout: 30_000 });
    await say(ivan.page, 'and back');
    await message(olga.page, 'and back').waitFor({ timeout: 30_000 });
    await expectState(olga.page, 'while it was down', en.state.read);
    expect(await message(olga.page, 'while it was down').count()).toBe(1);
    expect(await olga.page.evaluate('window.notReloaded')).toBe(true);
    expect(await ivan.page.evaluate('window.notReloaded')).toBe(true);
  });

  test('a reload keeps both signed in', async () => {
    for (const { page } of [olga, ivan]) {
      await page.reload();
      await message(page, 'and back').waitFor();
    }
  });

  test('and neither page had anything to complain about', () => {
    expect(olga.errors).toEqual([]);
    expect(ivan.errors).toEqual([]);
  });
});
