import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import { en } from '../../src/web/i18n/en.ts';
import { somebody } from '../support/accounts.ts';
import { type Device, openDevice, startBrowser } from '../support/browser.ts';
import { makeHome, type RunningInstance, startInstance } from '../support/instance.ts';
import { hasService } from '../support/services.ts';
import { withPlatform } from '../support/signed-in-people.ts';

const messages = 100_000;
const others = 500;
const password = 'correct horse battery';

let instance: RunningInstance;
let browser: Browser;
let device: Device;
let long: ConversationId;

/** One person with 500 conversations, one of which has 100,000 messages. */
async function fill(home: string): Promise<void> {
  await withPlatform(home, async (platform) => {
    const { random, users, conversations, messages: log, passwords } = platform;
    const add = async (name: string, passwordHash: string) => {
      const userId = random.id() as UserId;
      await users.add(somebody(name, { userId, passwordHash }));
      return userId;
    };
    const write = (conversationId: ConversationId, senderId: UserId, text: string, time: number) =>
      log.append({
        conversationId,
        senderId,
        clientId: random.id() as ClientId,
        kind: 'message',
        body: { text },
        time,
        rulesSeq: null,
      });
    const start = platform.clock.now() - messages * 1_000;
    const me = await add('reader', await passwords.hash(password));
    for (let i = 1; i <= others; i++) {
      const peer = await add(`friend-${i}`, 'none');
      const { conversation } = await conversations.openDirect(random.id() as ConversationId, me, peer);
      const count = i === others ? messages : 1;
      if (i === others) long = conversation.conversationId;
      for (let n = 1; n <= count; n += 1_000)
        await Promise.all(
          Array.from({ length: Math.min(1_000, count) }, (_, k) =>
            write(conversation.conversationId, k % 3 ? peer : me, `number ${n + k} of ${i}`, start + (n + k) * 1_000),
          ),
        );
    }
  });
}

const shown = (page: Page): Promise<number[]> =>
  page.locator('article[data-seq]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-seq'))));

describe.skipIf(!hasService('chromium'))('with 500 conversations, one of them of 100,000 messages', () => {
  beforeAll(async () => {
    const home = await makeHome();
    await fill(home);
    instance = await startInstance(home);
    browser = await startBrowser();
    device = await openDevice(browser, 'phone');
    await device.page.goto(`${instance.url}/sign-in`);
    await device.page.getByLabel(en.signIn.name).fill('reader');
    await device.page.getByLabel(en.signIn.password, { exact: true }).fill(password);
    await device.page.getByRole('button', { name: en.signIn.submit, exact: true }).click();
  });

  afterAll(async () => {
    await browser?.close();
    await instance?.remove();
  });

  test('the list shows the newest first, and only what is in view exists', async () => {
    const { page } = device;
    await page.getByRole('link', { name: `friend-${others}` }).waitFor();
    expect(await page.locator('.conversation-row').count()).toBeLessThan(60);
  });

  test('the long conversation opens where reading stopped, and its end is reached', async () => {
    const { page } = device;
    await page.getByRole('link', { name: `friend-${others}` }).click();
    await page.locator('article[data-seq]').first().waitFor();
    await page.goto(`${instance.url}/c/${long}/${messages}`);
    await expect.poll(async () => Math.max(...(await shown(page))), { timeout: 15_000 }).toBe(messages);
  });

  test('scrolling back for thousands of messages shows every one and keeps few', async () => {
    const { page } = device;
    const seen = new Set<number>();
    const feed = page.getByRole('feed');
    let lowest = messages;
    for (let turn = 0; turn < 400 && lowest > messages - 2_000; turn++) {
      await feed.evaluate((list) => list.scrollBy(0, -500));
      await page.waitForTimeout(16);
      const now = await shown(page);
      for (const seq of now) seen.add(seq);
      lowest = Math.min(lowest, ...now);
      expect(now.length).toBeLessThan(200);
      expect(now).toEqual(now.toSorted((a, b) => a - b));
    }
    expect(lowest).toBeLessThanOrEqual(messages - 2_000);
    const missing = Array.from({ length: messages - lowest + 1 }, (_, i) => lowest + i).filter((seq) => !seen.has(seq));
    expect(missing).toEqual([]);
  });

  test('a link leads into the middle of it', async () => {
    const { page } = device;
    await page.goto(`${instance.url}/c/${long}/50000`);
    await expect.poll(() => shown(page), { timeout: 15_000 }).toContain(50_000);
    expect(device.errors).toEqual([]);
  });
});
