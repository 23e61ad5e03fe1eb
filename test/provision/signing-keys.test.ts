import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeLog } from '../../src/adapters/system/log.ts';
import { type KeyWatch, makeKeyWatch } from '../../src/app/key-watch.ts';
import { homeAt } from '../../src/config/home.ts';
import type { Secrets } from '../../src/config/schema.ts';
import { loadSecrets, makeSecrets, rotateSigningKey, saveSecrets } from '../../src/config/secrets.ts';
import { type HandClock, makeHandClock } from '../support/clock.ts';
import { makeHome } from '../support/instance.ts';
import { until } from '../support/wait.ts';

const minute = 60_000;

let folder: string;
let clock: HandClock;
beforeEach(async () => {
  clock = makeHandClock();
  folder = await makeHome();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kids = (keys: readonly { readonly kid: string }[]) => keys.map(({ kid }) => kid);
const stored = async () => (await loadSecrets(folder)).signingKeys;
const rotate = () => rotateSigningKey(folder, clock.now());

describe('rotating the signing key', () => {
  test('adds one that signs in a minute, and changes nothing else', async () => {
    const before = await loadSecrets(folder);
    const { added, kept, dropped } = await rotate();
    expect(added.signsFrom).toBe(clock.now() + minute);
    expect(dropped).toEqual([]);
    expect(kept).toEqual(before.signingKeys);
    expect(await loadSecrets(folder)).toEqual({ ...before, signingKeys: [...before.signingKeys, added] });
    expect(statSync(homeAt(folder).secrets).mode & 0o777).toBe(0o600);
  });

  test('drops a key only when its successor has signed for longer than tokens live', async () => {
    const [first] = kids(await stored());
    const { added: second } = await rotate();
    clock.advance(16 * minute - 1);
    expect((await rotate()).dropped).toEqual([]);
    clock.advance(2);
    const { dropped, kept } = await rotate();
    expect(kids(dropped)).toEqual([first]);
    expect(kids(kept)).toContain(second.kid);
  });

  test('never leaves less than what signs now and what verifies what was signed lately, however often it is done', async () => {
    for (let round = 0; round < 8; round++) {
      const present = (await stored()).filter(({ signsFrom }) => signsFrom <= clock.now()).at(-1)?.kid;
      await rotate();
      expect(kids(await stored())).toContain(present);
      clock.advance(4 * minute);
    }
    clock.advance(60 * minute);
    await rotate();
    expect(await stored()).toHaveLength(2);
  });

  test('reads secrets that were written before keys had a time', async () => {
    const { file, text } = await secretsText();
    const old = JSON.parse(text);
    for (const key of old.signingKeys) delete key.signsFrom;
    writeFileSync(file, JSON.stringify(old));
    expect(await stored()).toMatchObject([{ signsFrom: 0 }]);
    await rotate();
    expect(await stored()).toHaveLength(2);
  });

  test('leaves secrets alone that it cannot read', async () => {
    const { file } = await secretsText();
    writeFileSync(file, '{ "macKey": ');
    await expect(rotate()).rejects.toMatchObject({ reason: 'secrets_invalid' });
    expect(readFileSync(file, 'utf8')).toBe('{ "macKey": ');
  });
});

describe('a running server', () => {
  let watch: KeyWatch;
  let taken: Secrets['signingKeys'][];
  let changes: (readonly string[])[];
  let logged: { level: number; msg: string }[];
  beforeEach(async () => {
    [taken, changes, logged] = [[], [], []];
    const log = makeLog({ level: 'info', destination: { write: (line) => void logged.push(JSON.parse(line)) } });
    watch = makeKeyWatch({
      home: homeAt(folder),
      clock,
      log,
      useKeys: (keys) => void taken.push(keys),
      onChanged: (kids) => void changes.push(kids),
    });
    await watch.start();
  });
  afterEach(() => watch.stop());
  /** Its reads go to the disk, and are not done when the clock has moved on. */
  const untilTaken = (times: number) =>
    until(async () => {
      await clock.pass(15_000);
      return taken.length >= times;
    });
  const errors = () => logged.filter(({ level }) => level >= 50);

  test('takes new keys by itself, long before they sign, and reads the file only when it changed', async () => {
    const { added } = await rotate();
    const before = clock.now();
    await clock.pass(15_000);
    await until(() => taken.length === 2);
    expect(clock.now() - before).toBeLessThan(minute);
    expect(kids(taken[1] ?? [])).toContain(added.kid);
    expect(changes).toEqual([kids(await stored())]);
    for (let look = 0; look < 5; look++) await clock.pass(15_000);
    await saveSecrets(folder, makeSecrets());
    await untilTaken(3);
    expect(taken).toHaveLength(3);
    const secrets = await loadSecrets(folder);
    await saveSecrets(folder, { ...secrets, mailPassword: 'other' });
    await untilTaken(4);
    expect(changes).toHaveLength(2);
  });

  test('keeps its keys while the file is away or broken, says so once, and takes it when it is whole again', async () => {
    const { file, text } = await secretsText();
    rmSync(file);
    await until(async () => {
      await clock.pass(15_000);
      return errors().length > 0;
    });
    writeFileSync(file, 'broken');
    for (let look = 0; look < 5; look++) await clock.pass(15_000);
    expect(taken).toHaveLength(1);
    expect(errors()).toMatchObject([{ msg: 'signing keys not read' }]);
    writeFileSync(file, text);
    await untilTaken(2);
    expect(JSON.stringify(logged)).not.toContain(JSON.parse(text).signingKeys[0].d);
  });

  test('looks no more once it has stopped', async () => {
    await watch.stop();
    await rotate();
    await clock.pass(10 * minute);
    expect(taken).toHaveLength(1);
  });
});

async function secretsText(): Promise<{ file: string; text: string }> {
  const file = join(folder, 'secrets.json');
  return { file, text: readFileSync(file, 'utf8') };
}
