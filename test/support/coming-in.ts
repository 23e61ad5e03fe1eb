import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { InputToSend, OperationName, Output } from '../../src/protocol/operations.ts';
import { en } from '../../src/web/i18n/en.ts';
import type { RunningInstance } from './instance.ts';

/** What people do in the pages until they are in, in English. */

export const password = 'several words in a row';

/** Passkeys belong to a name, so the pages are opened by it. */
export const addressOf = ({ port }: RunningInstance): string => `http://localhost:${port}`;

/** What a program asks, beside the pages. */
export async function ask<N extends OperationName>(
  instance: RunningInstance,
  op: N,
  input: InputToSend<N>,
  accessToken?: string,
): Promise<Output<N>> {
  const response = await fetch(`${instance.url}/api/${op}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify(input),
  });
  const answer = (await response.json()) as { ok: boolean; output: Output<N>; error: unknown };
  if (!answer.ok) throw new Error(`${op}: ${JSON.stringify(answer.error)}`);
  return answer.output;
}

/** For somebody whose password suffices. */
export async function tokenOf(instance: RunningInstance, name: string): Promise<string> {
  const answer = await ask(instance, 'auth.signIn', { name, password });
  if (answer.status !== 'signed_in') throw new Error(`signing in asks for more: ${answer.status}`);
  return answer.accessToken;
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const isIn = (page: Page) => page.getByRole('heading', { name: en.list.title, exact: true }).waitFor();
export const secondStep = (page: Page) =>
  page.getByRole('heading', { name: en.secondFactor.title, exact: true }).waitFor();

export async function register(page: Page, instance: RunningInstance, name: string, email = ''): Promise<void> {
  await page.goto(`${addressOf(instance)}/join`);
  await page.getByLabel(en.join.name).fill(name);
  await page.getByLabel(en.join.password, { exact: true }).fill(password);
  if (email !== '') {
    await button(page, en.join.addEmail).click();
    await page.getByLabel(en.join.email).fill(email);
  }
  await button(page, en.join.submit).click();
}

export async function signOut(page: Page): Promise<void> {
  await page.goto(new URL('/settings', page.url()).href);
  await button(page, en.settings.signOut).click();
  await page.getByRole('dialog').getByRole('button', { name: en.settings.signOut, exact: true }).click();
  await button(page, en.signIn.submit).waitFor();
}

export async function signIn(page: Page, name: string, withPassword = password): Promise<void> {
  await page.getByRole('textbox', { name: en.signIn.name }).fill(name);
  await page.getByLabel(en.signIn.password, { exact: true }).fill(withPassword);
  await button(page, en.signIn.submit).click();
}

/** The phone's own passkeys. */
interface PhonePasskeys {
  /** `true`: the person agrees to whatever they are asked from then on. */
  touch(agrees: boolean): Promise<void>;
  /**
   * From the next page load until `dispose`, passkeys are not offered where names are filled in. Who agrees to everything
   * is signed in by that offer at once, which would race with the press of a button.
   */
  onlyByButton(): Promise<{ dispose(): Promise<void> }>;
}

export async function addPasskeys(page: Page): Promise<PhonePasskeys> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async touch(enabled) {
      await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    onlyByButton: () =>
      page.addInitScript({ content: 'PublicKeyCredential.isConditionalMediationAvailable = async () => false;' }),
  };
}

export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join()}`)).toEqual([]);
}
