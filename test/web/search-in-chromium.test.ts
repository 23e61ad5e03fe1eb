import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, startBrowser } from './screens/browser.ts';
import { type DemoSite, startDemoSite } from './screens/demo-site.ts';
import { type Look, openContext, show } from './screens/showing.ts';

const required = process.env.TEST_STACK === 'required';
const desk: Look = { width: 1280, height: 800, theme: 'light', language: 'en' };

describe.skipIf(!hasChromium() && !required)('the search by keyboard alone', () => {
  let browser: Browser;
  let site: DemoSite;

  beforeAll(async () => {
    [site, browser] = await Promise.all([startDemoSite(), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  async function on<T>(path: string, waitFor: string, work: (page: Page) => Promise<T>): Promise<T> {
    const context = await openContext(browser, desk);
    try {
      return await work(await show(context, site.url, { name: 'test', path, waitFor }, desk));
    } finally {
      await context.close();
    }
  }

  const focused = (page: Page) => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.hit);
  const hits = (page: Page) =>
    page.locator('[data-hit]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-hit')));

  test('Ctrl K offers it for what was typed; arrows walk what was found and lead back; Enter opens', async () => {
    await on('/', '.conversation-row', async (page) => {
      await page.keyboard.press('Control+k');
      await page.locator('.jump input').fill('harbour');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.hit mark');
      expect(new URL(page.url()).pathname).toBe('/search');
      await page.locator('.search-bar input').fill('the');
      await expect.poll(async () => (await hits(page)).length, { timeout: 10_000 }).toBeGreaterThan(5);
      const [first, second] = await hits(page);
      await page.keyboard.press('ArrowDown');
      expect(await focused(page)).toBe(first);
      await page.keyboard.press('ArrowDown');
      expect(await focused(page)).toBe(second);
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      expect(await page.evaluate(() => document.activeElement?.matches('.search-bar input'))).toBe(true);
      await page.keyboard.press('Enter');
      await page.waitForSelector('.is-flashing');
      expect(new URL(page.url()).pathname).toBe(`/c/${first}`);
    });
  });

  test('more come when the end of what was found is near', async () => {
    await on('/search#q=the', '.hit mark', async (page) => {
      const before = (await hits(page)).length;
      await page.locator('.main-pane .scroll').evaluate((pane) => pane.scrollBy(0, 100_000));
      await expect.poll(async () => (await hits(page)).length, { timeout: 10_000 }).toBeGreaterThan(before);
    });
  });
});
