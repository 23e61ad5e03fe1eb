import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { en } from '../../src/web/i18n/en.ts';
import { type Device, openDevice, startBrowser } from '../support/browser.ts';
import { makeHome, type RunningInstance, startInstance } from '../support/instance.ts';
import { join, makeGroup, message, say } from '../support/on-screen.ts';
import { hasService } from '../support/services.ts';

let instance: RunningInstance;
let browser: Browser;
/** Owns the instance, and so moderates. */
let olga: Device;
let ivan: Device;
let maya: Device;
/** Of the group, on any device. */
let group: string;

const isolated = (name: string) => `\u2068${name}\u2069`;
const here = (link: string) => link.replace(/^https?:\/\/[^/]+/, instance.url);

/** By keyboard, which chooses nothing by accident. */
async function act({ page }: Device, text: string, action: string): Promise<void> {
  await message(page, text).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();
}

const settings = (page: Page, rest: string) => page.goto(`${instance.url}/settings/${rest}`);
const row = (page: Page, title: string): Locator => page.getByRole('link', { name: title });

describe.skipIf(!hasService('chromium'))('people keep others at a distance, on phones', () => {
  beforeAll(async () => {
    instance = await startInstance(await makeHome({ name: 'The Club' }));
    browser = await startBrowser();
    const phones = [1, 2, 3].map(() => openDevice(browser, 'phone'));
    [olga, ivan, maya] = (await Promise.all(phones)) as [Device, Device, Device];
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await instance?.remove();
  });

  test('somebody joins a group by a link, though they have to sign in first', async () => {
    const printed = () => /https?:\/\/\S+\/join#\S+/.exec(instance.said())?.[0] ?? '';
    await expect.poll(printed, { timeout: 15_000 }).not.toBe('');
    await join(olga.page, here(printed()), 'Olga');
    await olga.page.goto(`${instance.url}/new/invite`);
    await olga.page.getByText(en.invite.many, { exact: true }).click();
    await olga.page.getByRole('button', { name: en.invite.create }).click();
    const invite = here(await olga.page.getByRole('textbox', { name: en.invite.ready }).inputValue());
    await join(ivan.page, invite, 'Ivan');
    await join(maya.page, invite, 'Maya');

    group = await makeGroup(olga.page, 'Sailing', 'Ivan');

    await olga.page.goto(`${instance.url}${group}/info`);
    await row(olga.page, en.links.invite).click();
    await olga.page.getByRole('button', { name: en.links.create }).click();
    await olga.page.getByRole('img', { name: en.invite.code }).waitFor();
    const link = here(await olga.page.getByRole('textbox', { name: en.links.ready }).inputValue());
    expect(new URL(link).pathname).toBe('/j');

    await settings(maya.page, '');
    await maya.page.getByRole('button', { name: en.settings.signOut }).click();
    await maya.page.getByRole('dialog').getByRole('button', { name: en.settings.signOut }).click();
    await maya.page.getByLabel(en.signIn.name).waitFor();
    await maya.page.goto(link);
    await maya.page.getByText(en.links.signIn).waitFor();
    await maya.page.getByLabel(en.signIn.name).fill('maya');
    await maya.page.getByLabel(en.signIn.password, { exact: true }).fill('correct horse battery');
    await maya.page.getByRole('button', { name: en.signIn.submit, exact: true }).click();
    await maya.page.getByRole('heading', { name: 'Sailing' }).waitFor();
    await maya.page.getByText(en.conversation.members(2)).waitFor();
    await maya.page.getByRole('button', { name: en.links.join }).click();
    await say(maya.page, 'Hello, I am new');
    await olga.page.goto(instance.url + group);
    await olga.page.getByText(en.notices.joined(isolated('Maya'), 1)).waitFor();
  }, 120_000);

  test('a link that was withdrawn says so', async () => {
    await olga.page.goto(`${instance.url}${group}/links`);
    await olga.page.getByRole('button', { name: en.links.create }).click();
    const link = here(await olga.page.getByRole('textbox', { name: en.links.ready }).inputValue());
    for (let left = 2; left > 0; left--) {
      const withdraw = olga.page.getByRole('button', { name: en.links.revokeLabel('') });
      await expect.poll(() => withdraw.count()).toBe(left);
      await withdraw.first().click();
    }
    await expect.poll(() => olga.page.getByText(en.links.open).count()).toBe(0);
    await ivan.page.goto(`${instance.url}${group}/info`);
    await ivan.page.getByRole('button', { name: en.info.leave }).click();
    await ivan.page.getByRole('dialog').getByRole('button', { name: en.info.leave }).click();
    await ivan.page.getByRole('heading', { name: en.list.title, exact: true }).waitFor();
    await ivan.page.goto(link);
    await ivan.page.getByText(en.errors.reasons.group_link_revoked).waitFor();

    await olga.page.goto(`${instance.url}${group}/links`);
    await olga.page.getByRole('button', { name: en.links.create }).click();
    const another = here(await olga.page.getByRole('textbox', { name: en.links.ready }).inputValue());
    await ivan.page.goto(another);
    await ivan.page.getByRole('button', { name: en.links.join }).click();
    await say(ivan.page, 'Here again');
  }, 90_000);

  test('who is blocked is folded in the group, and can be shown; an undo takes the block back', async () => {
    await say(ivan.page, 'You sail like a brick');
    await maya.page.goto(instance.url + group);
    await act(maya, 'You sail like a brick', en.blocking.block(isolated('Ivan')));
    await maya.page.getByRole('dialog').getByText(en.blocking.text).waitFor();
    await maya.page.getByRole('dialog').getByRole('button', { name: en.blocking.yes, exact: true }).click();
    await maya.page.getByText(en.conversation.blocked).first().waitFor();
    await expect.poll(() => message(maya.page, 'You sail like a brick').count()).toBe(0);
    await maya.page.getByRole('button', { name: en.common.undo }).click();
    await message(maya.page, 'You sail like a brick').waitFor();

    await act(maya, 'You sail like a brick', en.blocking.block(isolated('Ivan')));
    await maya.page.getByRole('dialog').getByRole('button', { name: en.blocking.yes, exact: true }).click();
    await expect.poll(() => message(maya.page, 'You sail like a brick').count()).toBe(0);
    await maya.page.getByRole('button', { name: en.conversation.showBlocked }).last().click();
    await message(maya.page, 'You sail like a brick').waitFor();
    await maya.page.goto(instance.url);
    await row(maya.page, 'Sailing').getByText(en.conversation.blocked).waitFor();

    await maya.page.getByRole('searchbox', { name: en.list.filter }).fill('brick');
    await maya.page.getByRole('button', { name: en.search.messagesFor('brick') }).click();
    const hit = maya.page.getByRole('list', { name: en.search.results }).getByRole('link');
    await hit.getByText(en.conversation.blocked).waitFor();
    expect(await hit.getByText('brick').count()).toBe(0);
    await maya.page.goto(instance.url);
  }, 90_000);

  test('a blocked person is refused in plain words; the blocker sees a bar in place of the field, and unblocks there', async () => {
    await ivan.page.goto(`${instance.url}/new`);
    await ivan.page.getByPlaceholder(en.new.search).fill('Maya');
    await ivan.page.getByRole('button', { name: 'Maya' }).click();
    await ivan.page.getByText(en.errors.reasons.may_not_write).waitFor();

    await settings(maya.page, 'privacy');
    await maya.page.getByRole('button', { name: en.blocking.unblock(isolated('Ivan')) }).click();
    await maya.page.getByText(en.blocking.none).waitFor();
    await ivan.page.getByRole('button', { name: 'Maya' }).click();
    await say(ivan.page, 'Sorry');
    await maya.page.goto(instance.url);
    await row(maya.page, 'Sorry').click();
    await message(maya.page, 'Sorry').waitFor();
    await maya.page.getByRole('link', { name: en.conversation.info, exact: true }).click();
    await maya.page.getByRole('button', { name: en.blocking.block(isolated('Ivan')) }).click();
    await maya.page.getByRole('dialog').getByRole('button', { name: en.blocking.yes, exact: true }).click();
    await maya.page.getByRole('button', { name: en.common.back }).click();
    await maya.page.getByText(en.conversation.peerBlocked(isolated('Ivan'))).waitFor();
    expect(await maya.page.getByLabel(en.composer.label).count()).toBe(0);

    await ivan.page.getByLabel(en.composer.label).fill('Are you there?');
    await ivan.page.getByRole('button', { name: en.composer.send, exact: true }).click();
    await ivan.page.getByRole('button', { name: en.errors.reasons.may_not_write }).waitFor();
    await maya.page.getByRole('button', { name: en.blocking.undo, exact: true }).click();
    await maya.page.getByLabel(en.composer.label).waitFor();
  }, 90_000);

  test('what others see of me is decided in the settings, and stays', async () => {
    await settings(maya.page, 'privacy');
    await maya.page.getByText(en.privacy.receiptsText).waitFor();
    await maya.page.getByLabel(en.privacy.lastSeenOf.nobody, { exact: true }).check();
    await maya.page.getByLabel(en.privacy.receiptsOf.off, { exact: true }).check();
    await maya.page.reload();
    await expect.poll(() => maya.page.getByLabel(en.privacy.receiptsOf.off, { exact: true }).isChecked()).toBe(true);
    expect(await maya.page.getByLabel(en.privacy.lastSeenOf.nobody, { exact: true }).isChecked()).toBe(true);
  }, 60_000);

  test('a reported message comes to the moderators, who remove it for everybody', async () => {
    await maya.page.goto(instance.url + group);
    await act(maya, 'You sail like a brick', en.actions.report);
    await maya.page.getByLabel(en.reports.reasons.harassment).check();
    await maya.page.getByLabel(en.reports.note).fill('Every week');
    await maya.page.getByRole('dialog').getByRole('button', { name: en.reports.send, exact: true }).click();
    await maya.page.getByText(en.reports.thanks).waitFor();
    await maya.page.getByRole('button', { name: en.common.done }).click();

    await settings(ivan.page, '');
    await ivan.page.getByText(en.settings.privacy).waitFor();
    expect(await row(ivan.page, en.reports.list).count()).toBe(0);
    await settings(olga.page, '');
    await row(olga.page, en.reports.list).click();
    await row(olga.page, 'You sail like a brick').click();
    await olga.page.getByText('Every week').waitFor();
    await olga.page.getByLabel(en.reports.remove).check();
    await olga.page.getByRole('button', { name: en.reports.remove }).click();
    await olga.page.getByText(en.reports.noneOpen).waitFor();
    await maya.page.getByRole('article').filter({ hasText: en.conversation.removed }).waitFor();
    await olga.page.getByLabel(en.reports.settled, { exact: true }).check();
    await row(olga.page, 'You sail like a brick').click();
    await olga.page.getByText(en.reports.removed).waitFor();
  }, 90_000);

  test('no page had an error', () => {
    // Who signed out asks once more whether somebody is signed in.
    expect([olga, ivan, maya].flatMap(({ errors }) => errors.filter((error) => !/401/.test(error)))).toEqual([]);
  });
});
