import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Scenario } from './demo-engine.ts';
import type { Scene } from './scenes.ts';

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
  readonly language: 'en' | 'ru';
  /** A phone: a finger, two device pixels to one. */
  readonly phone?: boolean;
}

/** The same evening in every picture. */
const evening = new Date('2026-06-12T18:41:00');

export async function openContext(
  browser: Browser,
  { width, height, theme, language, phone = width < 900 }: Look,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: language,
    hasTouch: phone,
    isMobile: phone,
    deviceScaleFactor: phone ? 2 : 1,
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
  });
  await context.clock.setFixedTime(evening);
  return context;
}

/** A page with the scene as it is to be looked at. */
export async function show(context: BrowserContext, url: string, scene: Scene, look: Look): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const scenario: Scenario = { ...scene.scenario, language: look.language };
  await page.addInitScript((given) => {
    window.scenario = given;
  }, scenario);
  await page.goto(url + scene.path);
  await page.waitForSelector(scene.waitFor, { state: 'attached' });
  await scene.steps?.(page);
  await page.evaluate(() => document.fonts.ready);
  // What appears late on purpose has appeared by then.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))),
  );
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return page;
}
