import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cli, makeCli } from '../support/cli.ts';

let cli: Cli;
beforeAll(async () => {
  cli = makeCli();
  await cli.run(['init', '--yes']);
});
afterAll(() => cli.remove());

interface Rotated {
  readonly kid: string;
  readonly signsFrom: number;
  readonly kept: readonly string[];
  readonly dropped: readonly string[];
}
const file = () => join(cli.home, 'secrets.json');
const keys = (): { kid: string; signsFrom: number; d: string }[] =>
  JSON.parse(readFileSync(file(), 'utf8')).signingKeys;

describe('keys rotate', () => {
  test('adds a key that signs soon, and says so without showing it', async () => {
    const [first] = keys();
    const before = Date.now();
    const { code, out, err } = await cli.run(['keys', 'rotate']);
    expect([code, err]).toEqual([0, '']);
    const added = keys()[1];
    expect(out).toContain(added?.kid);
    expect(out).toMatch(/nobody is signed out/i);
    for (const { d } of keys()) expect(out).not.toContain(d);
    expect(keys()).toHaveLength(2);
    expect(keys()[0]).toEqual(first);
    expect(added?.signsFrom).toBeGreaterThanOrEqual(before + 60_000);
  });

  test('answers programs, and waits as long as it is told to', async () => {
    const present = keys().map(({ kid }) => kid);
    const before = Date.now();
    const rotated = (await cli.run(['keys', 'rotate', '--minutes', '30', '--json'])).json() as Rotated;
    expect(rotated).toMatchObject({ kept: present, dropped: [] });
    expect(rotated.signsFrom).toBeGreaterThanOrEqual(before + 30 * 60_000);
    expect(keys().map(({ kid }) => kid)).toEqual([...present, rotated.kid]);
  });

  test('speaks Russian', async () => {
    expect((await cli.run(['keys', 'rotate', '--lang', 'ru'])).out).toContain('Новый ключ добавлен');
  });

  test('changes nothing where there is no instance, or where its secrets are broken', async () => {
    const nowhere = await cli.run(['keys', 'rotate', '-i', '/nowhere', '--json']);
    expect(nowhere.json()).toMatchObject({ error: { reason: 'not_an_instance' } });
    writeFileSync(file(), '{');
    const broken = await cli.run(['keys', 'rotate', '--json']);
    expect(broken.json()).toMatchObject({ error: { reason: 'secrets_invalid' } });
    expect(readFileSync(file(), 'utf8')).toBe('{');
  });
});
