import { rmSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveInstance } from '../../src/app/instance.ts';
import { en } from '../../src/web/i18n/en.ts';
import { type Device, openDevice, startBrowser } from '../support/browser.ts';
import { makeHome } from '../support/instance.ts';
import { hasService } from '../support/services.ts';

let home: string;
let server: Awaited<ReturnType<typeof serveInstance>>;
let browser: Browser;
let phone: Device;
let other: Device;
let url: string;

/** A photo as a camera makes it: 900 by 600, red, with a blue square in its middle, and a place written into it. */
async function photo(page: Page): Promise<Buffer> {
  const base64: string = await page.evaluate(`(() => {
    const canvas = document.createElement('canvas');
    canvas.width = 900; canvas.height = 600;
    const drawing = canvas.getContext('2d');
    drawing.fillStyle = '#d00'; drawing.fillRect(0, 0, 900, 600);
    drawing.fillStyle = '#00d'; drawing.fillRect(160, 10, 580, 580);
    return canvas.toDataURL('image/jpeg', 0.95).split(',')[1];
  })()`);
  const file = Buffer.from(base64, 'base64');
  const place = Buffer.from('\xff\xe1\x00\x16Exif\0\0secret-harbour', 'latin1');
  return Buffer.concat([file.subarray(0, 2), place, file.subarray(2)]);
}

async function join(page: Page, name: string): Promise<void> {
  await page.goto(`${url}/join`);
  await page.getByLabel(en.join.name).fill(name);
  await page.getByLabel(en.join.password, { exact: true }).fill('correct horse battery');
  await page.getByRole('button', { name: en.join.submit, exact: true }).click();
  await page.getByRole('heading', { name: en.list.title, exact: true }).waitFor();
}

const pick = async (page: Page, file: Buffer, name = 'photo.jpg', mimeType = 'image/jpeg') =>
  page.locator('[data-picture-file]').setInputFiles({ name, mimeType, buffer: file });

/** Resolves to the address of the picture, once it is drawn. */
async function drawn(picture: Locator): Promise<string> {
  await expect
    .poll(() => picture.evaluate((image: { naturalWidth: number }) => image.naturalWidth), { timeout: 15_000 })
    .toBeGreaterThan(0);
  return (await picture.getAttribute('src')) ?? '';
}

describe.skipIf(!hasService('chromium'))('a picture', () => {
  beforeAll(async () => {
    home = await makeHome({ name: 'The Club', registration: 'open' });
    server = await serveInstance(home, { port: 0, host: '127.0.0.1', writeLog: () => {} });
    url = `http://127.0.0.1:${server.port}`;
    browser = await startBrowser();
    phone = await openDevice(browser, 'phone');
    other = await openDevice(browser, 'desktop');
    await join(phone.page, 'Olga');
    await join(other.page, 'Ivan');
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  test('that somebody chooses is the square in its middle, drawn anew, without the place it was taken at', async () => {
    const { page } = phone;
    await page.goto(`${url}/settings/profile`);
    await page.getByRole('button', { name: en.pictures.choose }).waitFor();
    await pick(page, await photo(page));
    const src = await drawn(page.locator('.settings-picture .avatar-picture'));
    const answer = await fetch(url + src);
    expect(answer.headers.get('content-type')).toBe('image/webp');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.includes('secret-harbour')).toBe(false);
    const seen = await page.evaluate(`(async () => {
      const image = await createImageBitmap(await (await fetch(${JSON.stringify(src)})).blob());
      const canvas = document.createElement('canvas');
      canvas.width = image.width; canvas.height = image.height;
      const drawing = canvas.getContext('2d');
      drawing.drawImage(image, 0, 0);
      const at = (x, y) => [...drawing.getImageData(x, y, 1, 1).data].slice(0, 3);
      return { width: image.width, height: image.height, middle: at(256, 256), corner: at(1, 1) };
    })()`);
    expect(seen).toMatchObject({ width: 512, height: 512 });
    const { middle, corner } = seen as { middle: number[]; corner: number[] };
    expect(middle[2]).toBeGreaterThan(150);
    expect(corner[0]).toBeGreaterThan(100);
    expect(phone.errors).toEqual([]);
  });

  test('is seen at once by those who share a conversation with them, and of a group by its members', async () => {
    const { page } = other;
    await page.goto(`${url}/new/group`);
    await page.getByLabel(en.new.groupName).fill('Sailing');
    await page.getByLabel(en.new.choose).fill('Olga');
    await page.getByRole('checkbox', { name: 'Olga' }).check();
    await page.getByRole('button', { name: en.new.create, exact: true }).click();
    await page.waitForURL(/\/c\//);
    const path = new URL(page.url()).pathname;

    await page.goto(`${url}${path}/info`);
    const member = page.getByRole('listitem').filter({ hasText: 'Olga' });
    const before = await drawn(member.locator('.avatar-picture'));
    await phone.page.getByRole('button', { name: en.pictures.remove }).click();
    await expect.poll(() => phone.page.locator('.settings-picture .avatar-picture').count()).toBe(0);
    await pick(phone.page, await photo(phone.page));
    expect(await drawn(phone.page.locator('.settings-picture .avatar-picture'))).toBe(before);

    await phone.page.goto(url);
    const row = phone.page.getByRole('link', { name: /Sailing/ });
    await row.waitFor();
    expect(await row.locator('.avatar-picture').count()).toBe(0);
    await pick(page, await photo(page));
    await drawn(page.locator('.info-head .avatar-picture'));
    await drawn(row.locator('.avatar-picture'));
    await page.getByRole('button', { name: en.pictures.remove }).click();
    await expect.poll(() => row.locator('.avatar-picture').count(), { timeout: 15_000 }).toBe(0);
  });

  test('that is none says so, and nothing changes', async () => {
    const { page } = other;
    await pick(page, Buffer.from('no picture'), 'notes.png', 'image/png');
    await page.getByText(en.errors.reasons.not_a_picture).waitFor();
    expect(await page.locator('.info-head .avatar-picture').count()).toBe(0);
    expect([...phone.errors, ...other.errors]).toEqual([]);
  });
});
