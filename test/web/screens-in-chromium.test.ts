import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, startBrowser } from './screens/browser.ts';
import { type DemoSite, startDemoSite } from './screens/demo-site.ts';
import { conversationPath } from './screens/places.ts';
import { type Scene, scenes } from './screens/scenes.ts';
import { type Look, openContext, show } from './screens/showing.ts';

const required = process.env.TEST_STACK === 'required';
if (!hasChromium() && !required) {
  console.warn('SKIPPED: the screens in Chromium. Debian has it: apt-get install chromium, or name one with CHROMIUM.');
}

describe.skipIf(!hasChromium() && !required)('in Chromium', () => {
  let browser: Browser;
  let site: DemoSite;

  beforeAll(async () => {
    [site, browser] = await Promise.all([startDemoSite(), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  const phone: Look = { width: 390, height: 844, theme: 'light', language: 'en' };
  const desk: Look = { width: 1280, height: 800, theme: 'light', language: 'en' };

  async function on<T>(
    look: Look,
    scene: Pick<Scene, 'path' | 'waitFor'> & Partial<Scene>,
    work: (page: Page) => Promise<T>,
  ): Promise<T> {
    const context = await openContext(browser, look);
    try {
      return await work(await show(context, site.url, { name: 'test', ...scene }, look));
    } finally {
      await context.close();
    }
  }

  const opened = (number: number) => ({ path: conversationPath(number), waitFor: '.message-row >> nth=-1' });

  /** Looks at scenes, a few at a time: at every other one in Russian. */
  async function onEach(
    some: readonly Scene[],
    look: Look,
    work: (page: Page, name: string) => Promise<void>,
  ): Promise<void> {
    const left = some.map((scene, i) => ({ scene, look: { ...look, language: i % 2 === 0 ? 'en' : 'ru' } as const }));
    const worker = async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) {
        const { scene, look } = one;
        const context = await openContext(browser, look);
        await work(await show(context, site.url, scene, look), scene.name);
        await context.close();
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  }

  async function axe(page: Page, name: string): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, any, all, none }) => `${name}: ${id}: ${target.join(' ')}: ${[...any, ...all, ...none][0]?.message}`,
      ),
    );
  }

  test('on a phone: axe finds nothing on any screen, controls are 44 by 44, nothing is cut off at twice the text size', async () => {
    const found: string[] = [];
    await onEach(scenes, phone, async (page, name) => {
      found.push(...(await axe(page, name)));
      for (const control of await smallControls(page)) found.push(`${name}: small: ${control}`);
      await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%';
      });
      const tooWide = await page.evaluate(() => (document.scrollingElement?.scrollWidth ?? 0) > innerWidth);
      if (tooWide) found.push(`${name}: too wide at twice the text size`);
    });
    expect(found).toEqual([]);
  }, 900_000);

  // The parts are the same ones; what differs is how they stand together, and their colours.
  test('in a wide window, dark: axe finds nothing on every third screen', async () => {
    const found: string[] = [];
    const some = scenes.filter((_, i) => i % 3 === 0);
    await onEach(some, { ...desk, theme: 'dark' }, async (page, name) => {
      found.push(...(await axe(page, name)));
    });
    expect(found).toEqual([]);
  }, 900_000);

  /** Links within texts may be smaller, and a choice is as large as its label. */
  function smallControls(page: Page): Promise<string[]> {
    return page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, a, input:not([aria-hidden]), textarea, label')]
        .filter((control) => control.closest('.message-text') === null)
        .filter((control) =>
          control.tagName === 'LABEL'
            ? control.querySelector('[type=checkbox], [type=radio]') !== null
            : control.closest('label:has([type=checkbox], [type=radio])') === null,
        )
        .filter((control) => {
          const { width, height } = control.getBoundingClientRect();
          return width > 0 && (width < 43.9 || height < 43.9);
        })
        .map((control) => `${control.className || control.tagName} ${control.textContent?.slice(0, 20)}`),
    );
  }

  test('nothing that was written becomes markup, and only harmless addresses become links', async () => {
    const nasty =
      '<img src=x onerror=alert(1)><b>b</b> javascript:alert(1) https://example.org/"onmouseover="x &lt;i&gt;';
    await on(phone, opened(3), async (page) => {
      const failures: string[] = [];
      page.on('pageerror', (error) => failures.push(error.message));
      page.on('dialog', (dialog) => failures.push(dialog.message()));
      await page.fill('.composer-field', nasty);
      await page.click('.composer-send');
      const bubble = page.locator('.message-row .bubble-text').last();
      await bubble.getByText('onerror').waitFor();
      expect(await bubble.locator('.message-text').textContent()).toBe(nasty);
      expect(await bubble.locator('img, b, i, script').count()).toBe(0);
      expect(await bubble.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
        'https://example.org/',
      ]);
      expect(failures).toEqual([]);
    });
  });

  test('the policy of the instance breaks nothing: no script or style stands in the page itself', async () => {
    await on(phone, { path: '/', waitFor: '.conversation-row' }, async (page) => {
      expect(await page.locator('script:not([src]), style, [onclick]').count()).toBe(0);
    });
  });

  /** Where the rows in view stand, by their key. */
  const placesOf = (page: Page) =>
    page.evaluate(() => {
      const list = document.querySelector('.messages');
      const view = list?.getBoundingClientRect();
      const places: Record<string, number> = {};
      for (const row of list?.querySelectorAll<HTMLElement>('.message-row') ?? []) {
        const { top, bottom } = row.getBoundingClientRect();
        if (view !== undefined && bottom > view.top && top < view.bottom) places[row.dataset.row ?? ''] = top;
      }
      return places;
    });

  const settled = (page: Page) =>
    page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          let same = 0;
          let before = '';
          const look = () => {
            const now = [...document.querySelectorAll<HTMLElement>('.message-row')]
              .map((row) => `${row.dataset.row}${row.getBoundingClientRect().top}`)
              .join();
            same = now === before ? same + 1 : 0;
            before = now;
            if (same > 20) resolve();
            else requestAnimationFrame(look);
          };
          look();
        }),
    );

  test('older messages come in above without moving what is read', async () => {
    await on(phone, { ...opened(0), scenario: { slow: 60 } }, async (page) => {
      await settled(page);
      for (let round = 0; round < 12; round += 1) {
        await page.locator('.messages').evaluate((list) => {
          list.scrollTop -= 700;
        });
        const key = await page.evaluate(() => {
          const view = document.querySelector('.messages')?.getBoundingClientRect();
          const rows = [...document.querySelectorAll<HTMLElement>('.message-row')].filter((row) => {
            const { top, bottom } = row.getBoundingClientRect();
            return bottom > (view?.top ?? 0) && top < (view?.bottom ?? 0);
          });
          // A message may be higher than the view.
          const whole = rows.find((row) => row.getBoundingClientRect().top > (view?.top ?? 0) + 100);
          return (whole ?? rows[0])?.dataset.row ?? '';
        });
        const before = (await placesOf(page))[key];
        await settled(page);
        const after = (await placesOf(page))[key];
        expect(after).toBeDefined();
        expect(Math.abs((after ?? 0) - (before ?? 0))).toBeLessThan(1);
      }
      const first = await page.locator('.message-row').first().getAttribute('data-seq');
      expect(Number(first)).toBeLessThan(99_900);
    });
  });

  test('a message whose height changes late moves nothing that is read', async () => {
    await on(phone, opened(0), async (page) => {
      await page.locator('.messages').evaluate((list) => {
        list.scrollTop -= 1_500;
      });
      await settled(page);
      const before = await placesOf(page);
      await page.evaluate(() => {
        const view = document.querySelector('.messages')?.getBoundingClientRect();
        const above = [...document.querySelectorAll<HTMLElement>('.message-row')].findLast(
          (row) => row.getBoundingClientRect().bottom < (view?.top ?? 0),
        );
        const bubble = above?.querySelector<HTMLElement>('.bubble');
        if (bubble != null) bubble.style.minHeight = '400px';
      });
      await settled(page);
      const after = await placesOf(page);
      for (const [key, top] of Object.entries(before))
        expect(Math.abs((after[key] ?? Number.NaN) - top)).toBeLessThan(1);
    });
  });

  test('a conversation of 100,000 messages keeps few of them in the page', async () => {
    await on(phone, { path: `${conversationPath(0)}/50000`, waitFor: '[data-seq="50000"]' }, async (page) => {
      for (let round = 0; round < 10; round += 1) {
        await page.locator('.messages').evaluate((list) => {
          list.scrollTop -= 3_000;
        });
        await settled(page);
      }
      expect(await page.locator('.message-row').count()).toBeLessThan(120);
      expect(Object.keys(await placesOf(page)).length).toBeGreaterThan(3);
    });
  });

  test('a link to a message opens there', async () => {
    await on(phone, { path: `${conversationPath(0)}/50000`, waitFor: '[data-seq="50000"]' }, async (page) => {
      await settled(page);
      const box = await page.locator('[data-seq="50000"]').boundingBox();
      expect(box?.y).toBeGreaterThan(60);
      expect(box?.y).toBeLessThan(700);
    });
  });

  test('a conversation opens at its first unread message', async () => {
    await on(phone, opened(2), async (page) => {
      await settled(page);
      const line = await page.locator('.unread-row').boundingBox();
      expect(line?.y).toBeGreaterThan(60);
      expect(line?.y).toBeLessThan(400);
      expect(await page.locator('.end-button .badge').textContent()).toMatch(/^\d+\+?$/);
    });
  });

  const fromEnd = (page: Page) =>
    page.locator('.messages').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);

  test('at the end the list follows; elsewhere a button counts what came', async () => {
    await on(phone, opened(13), async (page) => {
      for (let round = 0; round < 30; round += 1)
        await page.evaluate((number) => window.demo?.say(13, `And another ${number}`), round);
      await page.getByText('And another 29').first().waitFor();
      await settled(page);
      expect(await fromEnd(page)).toBeLessThan(2);

      await page.locator('.messages').evaluate((list) => {
        list.scrollTop -= 600;
      });
      await settled(page);
      const before = await placesOf(page);
      await page.evaluate(() => window.demo?.say(13, 'While reading above'));
      await page.locator('.end-button .badge').waitFor();
      await settled(page);
      expect(await placesOf(page)).toEqual(before);
      expect(await page.locator('.end-button').getAttribute('aria-label')).toBe('1 new message');
      await page.click('.end-button');
      await settled(page);
      expect(await fromEnd(page)).toBeLessThan(2);
    });
  });

  test('writing grows the field to six lines and keeps the end in view', async () => {
    await on(phone, opened(3), async (page) => {
      await settled(page);
      await page.fill('.composer-field', Array.from({ length: 20 }, (_, line) => `${line}`).join('\n'));
      await settled(page);
      const height = await page.locator('.composer-field').evaluate((field) => field.clientHeight);
      expect(height).toBeGreaterThan(120);
      expect(height).toBeLessThan(170);
      expect(await fromEnd(page)).toBeLessThan(2);
    });
  });

  test('the keyboard alone: jump, write, edit, cancel, walk the messages, open the actions, switch', async () => {
    await on(desk, { path: '/', waitFor: '.conversation-row' }, async (page) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('neigh');
      await page.locator('.jump-list [role=option]').first().waitFor();
      await page.keyboard.press('Escape');
      await page.locator('.jump').waitFor({ state: 'detached' });
      await page.keyboard.press('Control+k');
      await page.keyboard.type('family');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/c\//);
      await page.locator('.composer-field:focus').waitFor();

      await page.keyboard.type('By keyboard');
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.type('in two lines');
      await page.keyboard.press('Enter');
      await page.getByText('in two lines').first().waitFor();
      expect(await page.inputValue('.composer-field')).toBe('');

      await page.keyboard.press('ArrowUp');
      await page.locator('.composer-note').waitFor();
      await page.keyboard.press('Escape');
      await page.locator('.composer-note').waitFor({ state: 'detached' });

      await page.keyboard.press('Shift+Tab');
      while ((await page.evaluate(() => document.activeElement?.matches('.message-row'))) !== true)
        await page.keyboard.press('Shift+Tab');
      const focusedSeq = () => page.evaluate(() => document.activeElement?.getAttribute('data-row'));
      const last = await focusedSeq();
      await page.keyboard.press('ArrowUp');
      expect(await focusedSeq()).not.toBe(last);
      await page.keyboard.press('Home');
      await page.waitForFunction(() => document.activeElement?.matches('.message-row') === true);
      await page.keyboard.press('Enter');
      await page.locator('dialog[open]').waitFor();
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.matches('.message-row'))).toBe(true);
      await page.keyboard.press('Escape');
      await page.locator('.composer-field:focus').waitFor();

      const here = page.url();
      await page.keyboard.press('Alt+ArrowDown');
      await page.waitForURL((url) => url.href !== here);
      await page.keyboard.press('Alt+ArrowUp');
      await page.waitForURL(here);
    });
  });

  test('the list of conversations is walked by arrows, far beyond what is drawn', async () => {
    await on(desk, { path: '/', waitFor: '.conversation-row' }, async (page) => {
      await page.locator('.conversation-row a').first().focus();
      const titles = new Set<string>();
      for (let step = 0; step < 40; step += 1) {
        await page.keyboard.press('ArrowDown');
        await page.waitForFunction(
          (before) => (document.activeElement?.getAttribute('href') ?? '') !== before,
          [...titles].at(-1) ?? '',
        );
        titles.add((await page.evaluate(() => document.activeElement?.getAttribute('href'))) ?? '');
      }
      expect(titles.size).toBe(40);
      expect(await page.locator('.conversation-row').count()).toBeLessThan(40);
    });
  });

  test('the back button of the phone leads from a conversation to the list, and the list is where it was', async () => {
    await on(phone, { path: '/', waitFor: '.conversation-row' }, async (page) => {
      await page.locator('.list-scroll').evaluate((list) => {
        list.scrollTop = 2_000;
      });
      await page.waitForFunction(() => document.querySelectorAll('.conversation-row').length > 0);
      await page.locator('.conversation-row a').nth(10).click();
      await page.locator('.composer-field').waitFor();
      await page.goBack();
      await page.locator('.list-scroll').waitFor();
      expect(await page.locator('.list-scroll').evaluate((list) => list.scrollTop)).toBe(2_000);
    });
  });

  test('a resting finger opens what can be done with a message', async () => {
    await on(phone, opened(3), async (page) => {
      await settled(page);
      const box = await page.locator('.message-row .bubble').last().boundingBox();
      const point = { x: (box?.x ?? 0) + 20, y: (box?.y ?? 0) + 10 };
      const client = await page.context().newCDPSession(page);
      await client.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] });
      await page.locator('dialog[open]').waitFor();
      await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await page.locator('dialog[open] .row').first().waitFor();
    });
  });
});
