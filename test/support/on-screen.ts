import type { Locator, Page } from 'playwright-core';
import { en } from '../../src/web/i18n/en.ts';

/** What people see and do in conversations, in English. */

/** The message, or the poll, that says this and nothing else; not those that quote it. */
export const message = (page: Page, text: string): Locator =>
  page.getByRole('article').filter({
    has: page
      .locator('.message-text, .poll-question')
      .filter({ hasText: new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) }),
  });

/** Resolves once the one who wrote it sees it. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel(en.composer.label).fill(text);
  await page.getByRole('button', { name: en.composer.send, exact: true }).click();
  await message(page, text).waitFor();
}

/** By an invite's link, or the address at which anybody may register. */
export async function join(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel(en.join.name).fill(name);
  await page.getByLabel(en.join.password, { exact: true }).fill('correct horse battery');
  await page.getByRole('button', { name: en.join.submit, exact: true }).click();
  await page.getByRole('heading', { name: en.list.title, exact: true }).waitFor();
}

/** Ends in the new group. Answers its path, which is the same on any device. */
export async function makeGroup(page: Page, title: string, ...members: readonly string[]): Promise<string> {
  await page.goto(new URL('/new/group', page.url()).href);
  await page.getByLabel(en.new.groupName).fill(title);
  for (const name of members) {
    await page.getByLabel(en.new.choose).fill(name);
    await page.getByRole('checkbox', { name }).check();
  }
  await page.getByRole('button', { name: en.new.create }).click();
  await page.getByLabel(en.composer.label).waitFor();
  return new URL(page.url()).pathname;
}
