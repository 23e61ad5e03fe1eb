import type { Page } from 'playwright-core';

/** Of the conversation with a number. */
export const conversationPath = (number: number) =>
  `/c/02980000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;

/** Opens what can be done with the last message that has this in it. */
export async function openActions(page: Page, which: string): Promise<void> {
  await page
    .locator(`.message-row:has(${which}) .bubble`)
    .last()
    .click({ button: 'right', position: { x: 8, y: 8 } });
  await page.waitForSelector('dialog[open]');
}
