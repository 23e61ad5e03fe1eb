import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import { en } from '../../src/web/i18n/en.ts';
import { somebody } from '../support/accounts.ts';
import { type Device, openDevice, startBrowser } from '../support/browser.ts';
import { makeHome, type RunningInstance, runCommand, startInstance } from '../support/instance.ts';
import { hasService } from '../support/services.ts';
import { withPlatform } from '../support/signed-in-people.ts';

const password = 'correct horse battery';
const count = 600;
const hour = 3_600_000;

/** What stands out among the rest, by its seq. */
const special = new Map([
  [40, 'The anchor lies under the red buoy'],
  [300, 'Another anchor: https://example.org/anchors'],
  [580, 'Nobody brought an anchor'],
]);

let instance: RunningInstance;
let browser: Browser;
let olga: Device;
let ivan: Device;
let talk: ConversationId;

/** Olga and Ivan, who wrote to her for months, a message every four hours; she read all of it. */
async function fill(home: string): Promise<void> {
  await withPlatform(home, async ({ clock, random, users, conversations, messages, passwords }) => {
    const passwordHash = await passwords.hash(password);
    const add = async (name: string) => {
      const userId = random.id() as UserId;
      await users.add(somebody(name, { userId, passwordHash }));
      return userId;
    };
    const [me, him] = [await add('olga'), await add('ivan')];
    const { conversation } = await conversations.openDirect(random.id() as ConversationId, me, him);
    talk = conversation.conversationId;
    for (let n = 1; n <= count; n++)
      await messages.append({
        conversationId: talk,
        senderId: him,
        clientId: random.id() as ClientId,
        kind: 'message',
        body: { text: special.get(n) ?? `number ${n}` },
        time: clock.now() - (count - n) * 4 * hour,
        rulesSeq: null,
      });
    await conversations.raiseMarks([{ conversationId: talk, userId: me, deliveredSeq: count, readSeq: count }]);
  });
}

async function signIn({ page }: Device, name: string): Promise<void> {
  await page.goto(`${instance.url}/sign-in`);
  await page.getByLabel(en.signIn.name).fill(name);
  await page.getByLabel(en.signIn.password, { exact: true }).fill(password);
  await page.getByRole('button', { name: en.signIn.submit, exact: true }).click();
  await page.getByRole('heading', { name: en.list.title, exact: true }).waitFor();
}

const found = (page: Page) => page.getByRole('list', { name: en.search.results }).getByRole('link');
const seqsShown = (page: Page): Promise<number[]> =>
  page.locator('article[data-seq]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-seq'))));
const focusedSeq = (page: Page) => page.evaluate('document.activeElement?.dataset.seq ?? null');
const search = (page: Page) => page.getByRole('searchbox', { name: en.search.title });

describe.skipIf(!hasService('chromium'))('finding messages and who read them, on a phone', () => {
  beforeAll(async () => {
    const home = await makeHome();
    await fill(home);
    instance = await startInstance(home);
    browser = await startBrowser();
    [olga, ivan] = await Promise.all([openDevice(browser, 'phone'), openDevice(browser, 'desktop')]);
    await signIn(olga, 'olga');
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await instance?.remove();
  });

  test('words typed over the list are looked for in messages too, and a tap shows one where it stands', async () => {
    const { page } = olga;
    await page.getByRole('searchbox', { name: en.list.filter }).fill('anchors');
    await page.getByRole('button', { name: en.search.messagesFor('anchors') }).click();
    // The index may still be being made.
    const askAgain = async (): Promise<number> => {
      if ((await found(page).count()) !== 3) await page.reload();
      await page.waitForTimeout(500);
      return found(page).count();
    };
    await expect.poll(askAgain, { timeout: 30_000 }).toBe(3);
    expect(await found(page).locator('mark').allTextContents()).toEqual(['anchor', 'anchor', 'anchors', 'anchor']);
    await found(page).last().click();
    await page.locator('[data-seq="40"].is-flashing').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/c/${talk}/40`);
    await expect.poll(() => focusedSeq(page)).toBe('40');
  }, 60_000);

  test('the way back leads to the results where they were, and they outlast the page being loaded again', async () => {
    const { page } = olga;
    await page.goBack();
    await expect.poll(() => found(page).count()).toBe(3);
    expect(await search(page).inputValue()).toBe('anchors');
    await expect.poll(() => page.evaluate('document.activeElement?.dataset.hit')).toBe(`${talk}/40`);
    await page.reload();
    await expect.poll(() => found(page).count()).toBe(3);
    expect(await search(page).inputValue()).toBe('anchors');
  });

  test('by date, with links, and by person', async () => {
    const { page } = olga;
    const filter = (name: string) => page.getByRole('button', { name, exact: true });
    await filter(en.search.links).click();
    await expect.poll(() => found(page).count()).toBe(1);
    await filter(en.search.drop(en.search.links)).click();
    await expect.poll(() => found(page).count()).toBe(3);

    await filter(en.search.date).click();
    await page.getByRole('dialog').getByRole('button', { name: en.search.month }).click();
    await expect.poll(() => found(page).count()).toBe(1);
    await page.getByRole('button', { name: /^Remove: Since/ }).click();

    await filter(en.search.person).click();
    await page.getByRole('dialog').getByRole('button', { name: en.common.you, exact: true }).click();
    await page.getByRole('heading', { name: en.search.nothing }).waitFor();
    await filter(en.search.drop(en.search.byMe)).click();
    await filter(en.search.conversation).click();
    await page.getByRole('dialog').getByRole('button', { name: 'ivan' }).click();
    await expect.poll(() => found(page).count()).toBe(3);
  });

  test('without a network it says so, and goes on by itself', async () => {
    const { page, context } = olga;
    await context.setOffline(true);
    await instance.stop();
    await search(page).fill('buoy');
    await page.getByRole('heading', { name: en.search.offline }).waitFor();
    await instance.start();
    await context.setOffline(false);
    await expect.poll(() => found(page).count(), { timeout: 30_000 }).toBe(1);
  }, 60_000);

  test('what was looked for lately is at hand, on this device', async () => {
    const { page } = olga;
    await page.goto(`${instance.url}/search`);
    await page.getByRole('button', { name: 'anchors', exact: true }).click();
    await expect.poll(() => found(page).count()).toBe(3);
  });

  test('within a conversation one goes from hit to hit, with their count', async () => {
    const { page } = olga;
    await page.goto(`${instance.url}/c/${talk}/info`);
    await page.getByRole('link', { name: en.search.inThis }).click();
    await page.getByRole('searchbox', { name: en.search.inThis }).fill('anchor');
    await page.getByText(en.search.place('1', '3')).waitFor();
    await page.locator('[data-seq="580"].is-flashing').waitFor();
    await page.getByRole('button', { name: en.search.older }).click();
    await page.locator('[data-seq="300"].is-flashing').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(en.search.place('3', '3')).waitFor();
    await page.locator('[data-seq="40"].is-flashing').waitFor();
    await page.getByRole('button', { name: en.search.newer }).click();
    await page.getByText(en.search.place('2', '3')).waitFor();
    await page.getByRole('button', { name: en.common.back }).click();
    await page.getByRole('link', { name: en.search.inThis }).waitFor();
  });

  test('from a place in the past one reads on to the live end without a gap', async () => {
    const { page } = olga;
    await page.goto(`${instance.url}/c/${talk}/300`);
    await expect.poll(() => seqsShown(page)).toContain(300);
    const seen = new Set(await seqsShown(page));
    const feed = page.getByRole('feed');
    for (let turn = 0; turn < 200 && !seen.has(count); turn++) {
      await feed.evaluate((list) => list.scrollBy(0, 500));
      await page.waitForTimeout(30);
      for (const seq of await seqsShown(page)) seen.add(seq);
    }
    const missing = Array.from({ length: count - 300 + 1 }, (_, i) => 300 + i).filter((seq) => !seen.has(seq));
    expect(missing).toEqual([]);
    await page.goto(`${instance.url}/c/${talk}/40`);
    await page.getByRole('button', { name: en.conversation.toEnd }).click();
    await expect.poll(async () => Math.max(...(await seqsShown(page)))).toBe(count);
  }, 60_000);

  test('a link to a message that is not there says so', async () => {
    const { page } = olga;
    await page.goto(`${instance.url}/c/${talk}/9999`);
    await page.getByText(en.conversation.jumped.nowhere).waitFor();
    await expect.poll(async () => Math.max(...(await seqsShown(page)))).toBe(count);
  });

  test('a tap on the ticks tells who received and read it, live, with reactions and wordings', async () => {
    const { page } = olga;
    const sheet = page.getByRole('dialog');
    await page.getByLabel(en.composer.label).fill('Bring both');
    await page.getByRole('button', { name: en.composer.send, exact: true }).click();
    const sent = page.locator('article').filter({ hasText: 'Bring both' });
    await sent.getByRole('button', { name: /Show who received/ }).click();
    await sheet.getByRole('heading', { name: en.messageInfo.waiting }).waitFor();
    await sheet.getByText('ivan').first().waitFor();

    await signIn(ivan, 'ivan');
    await ivan.page.getByRole('link', { name: 'olga' }).click();
    await ivan.page.locator('article').filter({ hasText: 'Bring both' }).waitFor();
    await sheet.getByRole('heading', { name: en.messageInfo.readBy }).waitFor();
    expect(await sheet.getByRole('heading', { name: en.messageInfo.waiting }).count()).toBe(0);

    await ivan.page.locator('article').filter({ hasText: 'Bring both' }).locator('.bubble').click({ button: 'right' });
    await ivan.page.getByRole('button', { name: en.reactions.quick('👍') }).click();
    await sheet.getByRole('heading', { name: en.reactions.title }).waitFor();
    await sheet.getByText('👍').waitFor();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
  }, 60_000);

  test('what is older than the instance keeps is found no more, and gone from every screen', async () => {
    await instance.stop();
    expect(await runCommand(instance.home, ['config', 'set', 'messages.keepDays', '30'])).toMatchObject({ code: 0 });
    // It looks for what is too old soon after a start, and then every ten minutes.
    await instance.start();

    const askAgain = async (): Promise<readonly string[]> => {
      await olga.page.goto(instance.url);
      await olga.page.getByRole('searchbox', { name: en.list.filter }).fill('anchors');
      await olga.page.getByRole('button', { name: en.search.messagesFor('anchors') }).click();
      await found(olga.page).first().waitFor();
      return found(olga.page).allTextContents();
    };
    await expect.poll(askAgain, { timeout: 30_000 }).toEqual([expect.stringContaining('Nobody brought an anchor')]);
    for (const { page } of [olga, ivan]) {
      await page.goto(`${instance.url}/c/${talk}/40`);
      await page.getByLabel(en.composer.label).waitFor();
      await expect.poll(async () => Math.min(...(await seqsShown(page)))).toBeGreaterThan(400);
    }
  }, 90_000);

  test('and no page had anything to complain about', () => {
    for (const { errors } of [olga, ivan]) expect(errors).toEqual([]);
  });
});
