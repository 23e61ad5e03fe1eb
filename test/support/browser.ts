import { networkInterfaces } from 'node:os';
import { type Browser, type BrowserContext, chromium, devices, type Page } from 'playwright-core';
import { chromiumPath } from './services.ts';

/** Debian's Chromium, as root too. It calls nobody and keeps nothing. */
export function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('Chromium is not installed');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** What Chromium prints about lost connections and about plain http as such. */
const expected = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|WebSocket connection|Cross-Origin-Opener-Policy/;

export interface Device {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong in the page: uncaught errors, and errors it printed. */
  readonly errors: readonly string[];
}

/** A device of its own: nothing of other contexts is seen in it. */
export async function openDevice(browser: Browser, kind: 'phone' | 'desktop'): Promise<Device> {
  const context = await browser.newContext({
    ...(kind === 'phone' ? devices['Pixel 7'] : { viewport: { width: 1280, height: 800 } }),
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) errors.push(message.text());
  });
  page.setDefaultTimeout(15_000);
  return { context, page, errors };
}

/** An address of this host that other hosts reach, or null where there is no network. */
export function lanAddress(): string | null {
  const all = Object.values(networkInterfaces()).flat();
  return all.find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? null;
}
