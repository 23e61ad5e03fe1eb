import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { homeAt } from '../../src/config/home.ts';
import { configSchema } from '../../src/config/schema.ts';
import { loadSecrets } from '../../src/config/secrets.ts';
import { writeWhole } from '../../src/config/whole-file.ts';
import { instanceSteps } from '../../src/provision/instance-folder.ts';
import { type Machine, openMachine } from '../../src/provision/machine.ts';
import { wordsOf } from '../../src/provision/words/words.ts';

let root: string;
let machine: Machine;
const home = homeAt('/srv/chat');
const steps = () => instanceSteps(machine, home, configSchema.parse({ name: 'Ours' }), wordsOf('en'));
const mode = (path: string) => statSync(machine.path(path)).mode & 0o777;

async function runAll(): Promise<string[]> {
  const run: string[] = [];
  for (const step of steps()) {
    if ((await step.settled()) !== null) continue;
    await step.run();
    run.push(step.id);
  }
  return run;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'messenger-root-'));
  machine = openMachine({ root });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('making an instance', () => {
  test('gives folders and keys to the owner alone, and everything reads back', async () => {
    await runAll();
    for (const folder of [home.folder, home.data, home.run, home.logs, home.backups]) expect(mode(folder)).toBe(0o700);
    expect(mode(home.secrets)).toBe(0o600);
    expect((await loadConfig(machine.path(home.folder), {})).name).toBe('Ours');
    const secrets = await loadSecrets(machine.path(home.folder));
    expect(Buffer.from(secrets.macKey, 'base64url')).toHaveLength(32);
  });

  test('does nothing the second time', async () => {
    await runAll();
    const before = [home.config, home.secrets].map((path) => readFileSync(machine.path(path), 'utf8'));
    expect(await runAll()).toEqual([]);
    expect([home.config, home.secrets].map((path) => readFileSync(machine.path(path), 'utf8'))).toEqual(before);
  });

  test('goes on where it was cut off: without a configuration it is no instance yet', async () => {
    const all = steps();
    for (const step of all.slice(0, -1)) await step.run();
    await expect(loadConfig(machine.path(home.folder), {})).rejects.toMatchObject({ reason: 'not_an_instance' });
    expect(await runAll()).toEqual(['config']);
  });

  test('leaves a folder with other people’s files alone', async () => {
    mkdirSync(machine.path(home.folder), { recursive: true });
    writeFileSync(join(machine.path(home.folder), 'thesis.txt'), 'mine');
    await expect(runAll()).rejects.toMatchObject({ reason: 'folder_not_empty' });
  });

  test('has keys of its own each time', async () => {
    await runAll();
    const first = await loadSecrets(machine.path(home.folder));
    rmSync(machine.path(home.secrets));
    expect(await runAll()).toEqual(['secrets']);
    const second = await loadSecrets(machine.path(home.folder));
    expect(second.macKey).not.toBe(first.macKey);
    expect(second.signingKeys[0]?.kid).not.toBe(first.signingKeys[0]?.kid);
  });
});

describe('writing a file', () => {
  test('is whole or not at all: where it fails, the old one stays and nothing is left over', async () => {
    const file = join(root, 'file');
    await writeWhole(file, 'old', 0o600);
    await expect(writeWhole(join(file, 'below'), 'new')).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('old');
    await expect(writeWhole(join(root, 'nowhere', 'file'), 'new')).rejects.toThrow();
    expect(existsSync(join(root, 'nowhere'))).toBe(false);
  });

  test('keeps the mode of a file that is there', async () => {
    const file = join(root, 'file');
    await writeWhole(file, 'old', 0o640);
    await writeWhole(file, 'new', 0o600);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });
});
