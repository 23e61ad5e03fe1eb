import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { en } from '../../src/web/i18n/en.ts';
import { duration } from '../../src/web/i18n/language.ts';
import { type Device, openDevice, startBrowser } from '../support/browser.ts';
import { makeHome, type RunningInstance, startInstance } from '../support/instance.ts';
import { join, makeGroup, message, say } from '../support/on-screen.ts';
import { hasService } from '../support/services.ts';

let instance: RunningInstance;
let browser: Browser;
let olga: Device;
let ivan: Device;
let maya: Device;
/** Of the group, on any device. */
let group: string;

/** Opens what can be done with a message, by a finger that rests on it. */
async function hold(device: Device, what: Locator): Promise<Locator> {
  await what.scrollIntoViewIfNeeded();
  // What moves cannot be held: screens that slide in, a list that follows its end.
  await expect.poll(() => device.page.evaluate('document.getAnimations().length'), { timeout: 10_000 }).toBe(0);
  const box = await what.boundingBox();
  if (box === null) throw new Error('nothing to hold');
  const touch = await device.context.newCDPSession(device.page);
  const point = { x: box.x + 12, y: box.y + Math.min(12, box.height / 2) };
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] });
  const sheet = device.page.getByRole('dialog');
  await sheet.waitFor();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await touch.detach();
  return sheet;
}

async function act(device: Device, text: string, action: string): Promise<void> {
  const sheet = await hold(device, message(device.page, text).locator('.bubble'));
  await sheet.getByRole('button', { name: action, exact: true }).click();
}

async function swipe(device: Device, what: Locator): Promise<void> {
  await what.scrollIntoViewIfNeeded();
  const box = await what.boundingBox();
  if (box === null) throw new Error('nothing to swipe');
  const touch = await device.context.newCDPSession(device.page);
  const at = (x: number) => [{ x: box.x + 12 + x, y: box.y + 12 }];
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
  for (let x = 10; x <= 120; x += 10)
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(x) });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await touch.detach();
}

const row = (page: Page, title: string): Locator => page.getByRole('link', { name: title });
const toList = (page: Page) => page.goto(instance.url);
const toGroup = (page: Page) => page.goto(instance.url + group);
const toInfo = (page: Page) => page.goto(`${instance.url}${group}/info`);

/** The owner decides one of the group's terms, in its info. */
async function decide(term: string, choose: (sheet: Locator) => Promise<void>): Promise<void> {
  await toInfo(olga.page);
  await olga.page.getByRole('button', { name: term }).click();
  const sheet = olga.page.getByRole('dialog');
  await choose(sheet);
  await sheet.getByRole('button', { name: en.common.save }).click();
  await sheet.waitFor({ state: 'detached' });
  await toGroup(olga.page);
}

describe.skipIf(!hasService('chromium'))('three people in a group, on phones', () => {
  beforeAll(async () => {
    instance = await startInstance(await makeHome({ name: 'The Club' }));
    browser = await startBrowser();
    [olga, ivan, maya] = await Promise.all([
      openDevice(browser, 'phone'),
      openDevice(browser, 'phone'),
      openDevice(browser, 'phone'),
    ]);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await instance?.remove();
  });

  test('they join, and one makes a group of them', async () => {
    const printed = () => /https?:\/\/\S+\/join#\S+/.exec(instance.said())?.[0] ?? '';
    await expect.poll(printed, { timeout: 15_000 }).not.toBe('');
    await join(olga.page, printed().replace(/^https?:\/\/[^/]+/, instance.url), 'Olga');
    await olga.page.goto(`${instance.url}/new/invite`);
    await olga.page.getByText(en.invite.many, { exact: true }).click();
    await olga.page.getByRole('button', { name: en.invite.create }).click();
    const link = await olga.page.getByRole('textbox', { name: en.invite.ready }).inputValue();
    await join(ivan.page, link.replace(/^https?:\/\/[^/]+/, instance.url), 'Ivan');
    await join(maya.page, link.replace(/^https?:\/\/[^/]+/, instance.url), 'Maya');

    group = await makeGroup(olga.page, 'Sailing', 'Ivan', 'Maya');
    await Promise.all([ivan, maya].map(({ page }) => row(page, 'Sailing').click()));
    await say(olga.page, 'Who comes on Saturday?');
    await Promise.all([ivan, maya].map(({ page }) => message(page, 'Who comes on Saturday?').waitFor()));
  }, 90_000);

  test('a message drawn aside is answered with a quote; a tap on the quote leads to the original', async () => {
    await swipe(ivan, message(ivan.page, 'Who comes on Saturday?').locator('.bubble'));
    await ivan.page.getByText(en.composer.replyTo('\u2068Olga\u2069')).waitFor();
    await say(ivan.page, 'I do');
    const quote = message(maya.page, 'I do').getByRole('button', { name: /In reply to .*Olga.*Who comes on Saturday/ });
    await quote.click();
    await expect.poll(() => maya.page.locator('.is-flashing').getAttribute('aria-label')).toContain('Who comes');
  });

  test('reactions: by the sheet, by a tap on the chip, by a double tap, from the set; who reacted is one press away', async () => {
    const sheet = await hold(maya, message(maya.page, 'I do').locator('.bubble'));
    await sheet.getByRole('button', { name: en.reactions.quick('❤️') }).click();
    const chip = (page: Page, emoji: string, count: number) =>
      message(page, 'I do').getByRole('button', { name: en.reactions.chip(emoji, count), exact: true });
    await chip(olga.page, '❤️', 1).click();
    await chip(ivan.page, '❤️', 2).waitFor();
    expect(await chip(olga.page, '❤️', 2).getAttribute('aria-pressed')).toBe('true');
    expect(await chip(ivan.page, '❤️', 2).getAttribute('aria-pressed')).toBe('false');

    const bubble = message(olga.page, 'I do').locator('.bubble-text');
    await bubble.tap();
    await bubble.tap();
    await chip(maya.page, '👍', 1).waitFor();

    await (await hold(olga, message(olga.page, 'I do').locator('.bubble')))
      .getByRole('button', { name: en.reactions.more })
      .click();
    await olga.page.getByLabel(en.reactions.search).fill('sail');
    await olga.page.getByRole('button', { name: '⛵' }).click();
    await chip(ivan.page, '⛵', 1).waitFor();

    const who = await hold(ivan, chip(ivan.page, '❤️', 2));
    await who.getByText('Maya').waitFor();
    await who.getByText('Olga').first().waitFor();
    await ivan.page.keyboard.press('Escape');
    await chip(olga.page, '❤️', 2).click();
    await chip(ivan.page, '❤️', 1).waitFor();
  });

  test('an edit shows its earlier wordings', async () => {
    await act(ivan, 'I do', en.actions.edit);
    await ivan.page.getByLabel(en.composer.label).fill('I do, with the big boat');
    await ivan.page.getByRole('button', { name: en.composer.saveEdit }).click();
    await message(maya.page, 'I do, with the big boat').getByRole('button', { name: en.conversation.wordings }).click();
    await maya.page.getByRole('dialog').getByText('I do', { exact: true }).waitFor();
    await maya.page.keyboard.press('Escape');
  });

  test('a poll is made, voted on, looked into and closed', async () => {
    await olga.page.getByRole('button', { name: en.composer.add }).click();
    await olga.page.getByRole('button', { name: en.composer.poll, exact: true }).click();
    await olga.page.getByLabel(en.poll.question).fill('Which boat?');
    await olga.page.getByLabel(en.poll.option(1)).fill('The blue one');
    await olga.page.getByLabel(en.poll.option(2)).fill('The red one');
    await olga.page.getByLabel(en.poll.option(3)).fill('Mine');
    await olga.page.getByText(en.poll.several).click();
    await olga.page.getByRole('button', { name: en.poll.create }).click();

    const poll = (page: Page) => message(page, 'Which boat?');
    await poll(ivan.page).getByRole('button', { name: 'The red one' }).click();
    await poll(ivan.page).getByRole('button', { name: 'Mine' }).click();
    await poll(maya.page).getByRole('button', { name: 'The red one' }).click();
    for (const { page } of [ivan, maya])
      await poll(page)
        .getByRole('button', { name: /^The red one.*2 votes$/ })
        .waitFor();
    await poll(maya.page)
      .getByRole('button', { name: en.poll.voters(2), exact: true })
      .click();
    await maya.page.getByRole('dialog').getByText('Ivan').first().waitFor();
    await maya.page.keyboard.press('Escape');

    const sheet = await hold(olga, poll(olga.page).locator('.poll-question'));
    await sheet.getByRole('button', { name: en.actions.closePoll }).click();
    await sheet.getByRole('button', { name: en.actions.closePollSure }).click();
    await poll(ivan.page).getByText(en.poll.closed).waitFor();
    expect(
      await poll(ivan.page)
        .getByRole('button', { name: /The blue one/ })
        .isDisabled(),
    ).toBe(true);
  });

  test('a pinned message stands under the head, and a tap leads there', async () => {
    await act(olga, 'Who comes on Saturday?', en.actions.pin);
    const bar = ivan.page.locator('.pinned-bar');
    await bar.getByText('Who comes on Saturday?').waitFor();
    await bar.click();
    await ivan.page.locator('.is-flashing').waitFor();
    await act(olga, 'I do, with the big boat', en.actions.pin);
    await bar.getByText(en.conversation.pinnedOf(2, 2)).waitFor();
    await act(olga, 'I do, with the big boat', en.actions.unpin);
    await bar.getByText(en.conversation.pinned, { exact: true }).waitFor();
  });

  test('somebody is mentioned by name: the list says so, and a button leads there', async () => {
    await toList(maya.page);
    await row(maya.page, 'Sailing').waitFor();
    for (let i = 0; i < 25; i++) await say(ivan.page, `More and more to read, ${i + 1}`);
    await olga.page.getByLabel(en.composer.label).pressSequentially('Bring ropes @ma');
    await olga.page.getByRole('option', { name: /Maya/ }).click();
    await olga.page.getByLabel(en.composer.label).pressSequentially('please');
    await olga.page.getByRole('button', { name: en.composer.send, exact: true }).click();
    await row(maya.page, 'Sailing').getByText(en.list.mentions(1)).waitFor();
    await row(maya.page, 'Sailing').click();
    await maya.page.getByRole('button', { name: en.conversation.toMention(1) }).click();
    await maya.page.locator('.is-flashing .mention.is-mine').waitFor();
    await expect.poll(() => maya.page.locator('.mention-button').count()).toBe(0);
    expect(await ivan.page.locator('.mention:not(.is-mine)').count()).toBe(1);
  }, 60_000);

  test('whoever leads mentions everybody; from others the same words mention nobody', async () => {
    await ivan.page.getByLabel(en.composer.label).pressSequentially('Ahoy @all');
    await expect.poll(() => ivan.page.getByRole('option').count()).toBe(0);
    await ivan.page.getByRole('button', { name: en.composer.send, exact: true }).click();
    await message(olga.page, 'Ahoy @all').waitFor();
    expect(await message(olga.page, 'Ahoy @all').locator('.mention').count()).toBe(0);

    await Promise.all([ivan, maya].map(({ page }) => toList(page)));
    await Promise.all([ivan, maya].map(({ page }) => row(page, 'Sailing').waitFor()));
    await olga.page.getByLabel(en.composer.label).pressSequentially('Be early, @al');
    await olga.page.getByRole('option', { name: new RegExp(en.composer.everybody) }).click();
    await olga.page.getByRole('button', { name: en.composer.send, exact: true }).click();
    for (const { page } of [ivan, maya]) {
      await row(page, 'Sailing').getByText(en.list.mentions(1)).waitFor();
      await row(page, 'Sailing').click();
      await message(page, 'Be early, @all').locator('.mention.is-mine').waitFor();
    }
    await message(olga.page, 'Be early, @all').locator('.mention').waitFor();
  }, 60_000);

  test('a message goes on to notes to self, under the name of who wrote it', async () => {
    await maya.page.goto(`${instance.url}/new`);
    await maya.page.getByRole('button', { name: en.new.self }).click();
    await say(maya.page, 'My first note');
    await toGroup(maya.page);
    await act(maya, 'More and more to read, 25', en.actions.forward);
    await maya.page.getByRole('dialog').getByRole('button', { name: en.list.self }).click();
    await toList(maya.page);
    await row(maya.page, en.list.self).click();
    await message(maya.page, 'More and more to read, 25')
      .getByText(/Forwarded from .*Ivan/)
      .waitFor();
  });

  test('a message is removed for me alone on all my devices, and for everybody', async () => {
    const other = await ivan.context.newPage();
    await other.goto(instance.url + group);
    await message(other, 'More and more to read, 24').waitFor();
    const hide = await hold(ivan, message(ivan.page, 'More and more to read, 24').locator('.bubble'));
    await hide.getByRole('button', { name: en.actions.hide }).click();
    await hide.getByRole('button', { name: en.actions.hideSure }).click();
    for (const page of [ivan.page, other])
      await expect.poll(() => message(page, 'More and more to read, 24').count()).toBe(0);
    await message(olga.page, 'More and more to read, 24').waitFor();
    await other.close();

    const remove = await hold(ivan, message(ivan.page, 'More and more to read, 23').locator('.bubble'));
    await remove.getByRole('button', { name: en.actions.remove }).click();
    await remove.getByRole('button', { name: en.actions.removeSure }).click();
    await expect.poll(() => message(olga.page, 'More and more to read, 23').count()).toBe(0);
    await olga.page.getByText(en.conversation.removed, { exact: true }).first().waitFor();
  });

  test('a draft follows to another device of mine, with what it answers, and is over when it is sent', async () => {
    const { context, page, errors } = await openDevice(browser, 'desktop');
    await page.goto(`${instance.url}/sign-in`);
    await page.locator('[name=username]').fill('olga');
    await page.locator('[name=password]').fill('correct horse battery');
    await page.locator('[type=submit]').click();
    await page.getByRole('link', { name: 'Sailing' }).click();
    await act(olga, 'More and more to read, 25', en.actions.reply);
    await olga.page.getByLabel(en.composer.label).fill('Half a thou');
    await expect.poll(() => page.getByLabel(en.composer.label).inputValue(), { timeout: 15_000 }).toBe('Half a thou');
    await page.getByText(en.composer.replyTo('\u2068Ivan\u2069')).waitFor();
    await page.getByLabel(en.composer.label).fill('Half a thought');
    await page.getByRole('button', { name: en.composer.send, exact: true }).click();
    await expect.poll(() => olga.page.getByLabel(en.composer.label).inputValue(), { timeout: 15_000 }).toBe('');
    await message(olga.page, 'Half a thought')
      .getByRole('button', { name: /In reply to/ })
      .waitFor();
    expect(errors).toEqual([]);
    await context.close();
  }, 60_000);

  test('conversations are pinned, muted, marked unread, archived and taken out again', async () => {
    const { page } = maya;
    await toList(page);
    const keep = async (title: string, action: string, ...then: string[]) => {
      const sheet = await hold(maya, row(page, title));
      for (const one of [action, ...then]) await sheet.getByRole('button', { name: one, exact: true }).click();
      await sheet.waitFor({ state: 'detached' });
    };
    const titles = () => page.locator('.conversation-row-title bdi').allTextContents();
    await expect.poll(async () => (await titles())[0]).toBe('Sailing');
    await keep(en.list.self, en.keeping.pin);
    await expect.poll(async () => (await titles())[0]).toBe(en.list.self);
    await keep('Sailing', en.keeping.mute, en.keeping.hours);
    await row(page, 'Sailing').getByText(en.list.muted).waitFor();
    await keep('Sailing', en.keeping.markRead);
    await keep('Sailing', en.keeping.markUnread);
    await row(page, 'Sailing').getByText(en.list.markedUnread).waitFor();
    await keep('Sailing', en.keeping.archive);
    await expect.poll(titles).toEqual([en.list.self]);
    await page.getByRole('link', { name: en.list.archive }).click();
    await keep('Sailing', en.keeping.unarchive);
    await page.getByText(en.list.archiveEmpty).waitFor();
    await page.reload();
    await page.getByRole('button', { name: en.common.back }).click();
    await expect.poll(titles).toEqual([en.list.self, 'Sailing']);
    await row(page, 'Sailing').click();
    await page.getByLabel(en.composer.label).waitFor();
    await toList(page);
    await expect.poll(() => row(page, 'Sailing').getByText(en.list.markedUnread).count()).toBe(0);
  }, 60_000);

  test('a message is sent later: it waits over the field, and goes when told to', async () => {
    await Promise.all([olga, ivan].map(({ page }) => toGroup(page)));
    await olga.page.getByLabel(en.composer.label).fill('Cast off at nine');
    const sheet = await hold(olga, olga.page.getByRole('button', { name: en.composer.send, exact: true }));
    await sheet.getByRole('button', { name: en.scheduled.moments.morning }).click();
    await olga.page.getByRole('button', { name: en.scheduled.count(1) }).click();
    const waiting = olga.page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'Cast off at nine' });
    expect(await message(ivan.page, 'Cast off at nine').count()).toBe(0);
    await waiting.getByRole('button', { name: en.scheduled.sendNow }).click();
    await message(ivan.page, 'Cast off at nine').waitFor();
    await expect.poll(() => olga.page.getByRole('button', { name: en.scheduled.count(1) }).count()).toBe(0);
  }, 60_000);

  test('while messages disappear, what is written is gone for everybody after its time', async () => {
    await decide(en.terms.disappearing, async (sheet) => {
      await sheet.getByText(en.terms.own, { exact: true }).click();
      await sheet.getByLabel(en.terms.count).fill('1');
      await sheet.getByLabel(en.terms.unit).selectOption('minute');
    });
    await say(ivan.page, 'The gate opens with 4711');
    await toGroup(maya.page);
    await message(maya.page, 'The gate opens with 4711').getByText(en.terms.disappears).waitFor({ state: 'attached' });
    await decide(en.terms.disappearing, (sheet) => sheet.getByText(en.terms.off, { exact: true }).click());
    await say(ivan.page, 'This one stays');
    for (const { page } of [olga, ivan, maya])
      await expect
        .poll(() => message(page, 'The gate opens with 4711').count(), { timeout: 90_000, interval: 500 })
        .toBe(0);
    await message(maya.page, 'This one stays').waitFor();
  }, 150_000);

  test('how long messages are kept is decided, and everybody is told', async () => {
    const term = duration(30 * 24 * 3_600_000);
    await decide(en.terms.keeping, (sheet) => sheet.getByText(term, { exact: true }).click());
    for (const { page } of [ivan, maya]) await page.getByText(en.notices.keep('\u2068Olga\u2069', term)).waitFor();
    await toInfo(olga.page);
    await olga.page.getByRole('button', { name: en.terms.keeping }).getByText(term).waitFor();
  });

  test('an admin is made, takes somebody out and in again, becomes the owner and gives that back', async () => {
    const choose = async (page: Page, name: string): Promise<Locator> => {
      await toInfo(page);
      await page.getByRole('region', { name: en.info.members }).getByRole('button', { name }).click();
      return page.getByRole('dialog');
    };
    await (await choose(olga.page, 'Ivan')).getByRole('button', { name: en.info.makeAdmin }).click();
    await ivan.page.getByText(en.notices.roleMine.admin, { exact: true }).first().waitFor();

    await (await choose(ivan.page, 'Maya')).getByRole('button', { name: en.info.remove }).click();
    await maya.page.getByText(en.conversation.gone, { exact: true }).first().waitFor();
    expect(await maya.page.getByLabel(en.composer.label).count()).toBe(0);
    await toInfo(ivan.page);
    await ivan.page.getByRole('button', { name: en.info.addPeople }).click();
    const adding = ivan.page.getByRole('dialog');
    await adding.getByLabel(en.new.choose).fill('Maya');
    await adding.getByRole('checkbox', { name: 'Maya' }).check();
    await adding.getByRole('button', { name: en.info.chosen(1) }).click();
    await maya.page.getByLabel(en.composer.label).waitFor();

    const handOver = async (from: Page, name: string, to: Page) => {
      const sheet = await choose(from, name);
      await sheet.getByRole('button', { name: en.info.makeOwner }).click();
      await sheet.getByRole('button', { name: en.info.makeOwnerSure }).click();
      await toGroup(to);
      await to.getByText(en.notices.roleMine.owner, { exact: true }).first().waitFor();
    };
    await handOver(olga.page, 'Ivan', ivan.page);
    await handOver(ivan.page, 'Olga', olga.page);
    await (await choose(olga.page, 'Ivan')).getByRole('button', { name: en.info.makeMember }).click();
    await toGroup(ivan.page);
    await ivan.page.getByText(en.notices.roleMine.member, { exact: true }).first().waitFor();
  }, 90_000);

  test('a group is described and becomes a channel: members read and react, and are told why they do not write', async () => {
    await toInfo(olga.page);
    await olga.page.getByRole('button', { name: en.info.settings }).click();
    await olga.page.getByRole('textbox', { name: en.info.description }).fill('We sail on Saturdays');
    await olga.page.getByText(en.info.postingAdmins).click();
    await olga.page.getByText(en.info.pastShown).click();
    await olga.page.getByRole('button', { name: en.common.save }).click();
    await olga.page.getByText('We sail on Saturdays').waitFor();
    await ivan.page.getByText(en.conversation.onlyAdmins).waitFor();
    expect(await ivan.page.getByLabel(en.composer.label).count()).toBe(0);
    await toGroup(olga.page);
    await say(olga.page, 'News of the week');
    const sheet = await hold(ivan, message(ivan.page, 'News of the week').locator('.bubble'));
    expect(await sheet.getByRole('button', { name: en.actions.reply, exact: true }).count()).toBe(0);
    await sheet.getByRole('button', { name: en.reactions.quick('👍') }).click();
    await message(olga.page, 'News of the week')
      .getByRole('button', { name: en.reactions.chip('👍', 1) })
      .waitFor();
  });

  test('a channel is made', async () => {
    await olga.page.goto(`${instance.url}/new`);
    await olga.page.getByRole('link', { name: en.new.channel }).click();
    await olga.page.getByLabel(en.new.channelName).fill('Harbour news');
    await olga.page.getByLabel(en.new.choose).fill('Maya');
    await olga.page.getByRole('checkbox', { name: 'Maya' }).check();
    await olga.page.getByRole('button', { name: en.new.createChannel }).click();
    await say(olga.page, 'The crane comes on Thursday');
    await toList(maya.page);
    await row(maya.page, 'Harbour news').click();
    await message(maya.page, 'The crane comes on Thursday').waitFor();
    await maya.page.getByText(en.conversation.onlyAdmins).waitFor();
  });

  test('somebody leaves, and the others are told', async () => {
    await toInfo(maya.page);
    await maya.page.getByRole('button', { name: en.info.leave }).click();
    await maya.page.getByRole('dialog').getByRole('button', { name: en.info.leave }).click();
    await maya.page.getByRole('heading', { name: en.list.title, exact: true }).waitFor();
    await toGroup(ivan.page);
    await ivan.page
      .getByText(/Maya\S* left the group/)
      .first()
      .waitFor();
  });

  test('and no page had anything to complain about', () => {
    for (const { errors } of [olga, ivan, maya]) expect(errors).toEqual([]);
  });
});
