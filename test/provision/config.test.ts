import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig, parseConfig, saveConfig, setSetting } from '../../src/config/config.ts';
import { writeConfigText } from '../../src/config/config-text.ts';
import { homeAt } from '../../src/config/home.ts';
import { type ConfigMistake, Problem } from '../../src/config/problem.ts';
import { configSchema } from '../../src/config/schema.ts';
import { settings } from '../../src/config/settings.ts';

let folder: string;
const file = () => homeAt(folder).config;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'messenger-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function mistakesOf(text: string): readonly ConfigMistake[] {
  try {
    parseConfig(text, 'messenger.yaml');
  } catch (error) {
    if (error instanceof Problem && 'mistakes' in error.facts) return error.facts.mistakes;
    throw error;
  }
  return [];
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw new Error('no problem came', { cause: error });
}

describe('a new file', () => {
  test('explains every setting by a comment above it', () => {
    const lines = writeConfigText(configSchema.parse({})).split('\n');
    for (const { path, description } of settings) {
      const key = path.split('.').at(-1);
      const said = description.split(' ')[0] ?? '';
      const explained = lines.some(
        (line, at) =>
          line.trim().startsWith(`${key}:`) &&
          /^\s*#/.test(lines[at - 1] ?? '') &&
          lines
            .slice(Math.max(0, at - 3), at)
            .join(' ')
            .includes(said),
      );
      expect(explained, path).toBe(true);
    }
  });

  test('reads back as the configuration it was written from', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(
        fc.record({
          name: text,
          host: text,
          port: fc.integer({ min: 1, max: 65_535 }),
          trustedProxies: fc.array(text, { maxLength: 3 }),
          insecure: fc.boolean(),
          accent: fc.constantFrom(null, '#3366cc', '#000000'),
          log: fc.record({ level: fc.constantFrom('debug' as const, 'error' as const) }),
        }),
        (some) => {
          const config = configSchema.parse(some);
          expect(parseConfig(writeConfigText(config), 'f')).toEqual(config);
        },
      ),
    );
  });
});

describe('a file with mistakes', () => {
  test('lists all of them with their lines, the nearest key and what would be right', () => {
    const found = mistakesOf(
      [
        'nam: Home',
        'port: many',
        'log:',
        '  level: inof',
        'auth: { argon2Passes: 1, argon2MemoryMB: 64 }',
        'level: debug',
        'address: chat.example.org/',
        'trustedProxies: 10.0.0.1',
        'database:',
      ].join('\n'),
    );
    expect(found.map(({ line, path, kind, nearest }) => ({ line, path, kind, nearest }))).toEqual([
      { line: 1, path: 'nam', kind: 'unknown', nearest: 'name' },
      { line: 2, path: 'port', kind: 'type', nearest: null },
      { line: 4, path: 'log.level', kind: 'choice', nearest: 'info' },
      { line: 5, path: 'auth.argon2Passes', kind: 'range', nearest: null },
      { line: 5, path: 'auth.argon2MemoryMB', kind: 'unknown', nearest: 'auth.argon2MemoryMiB' },
      { line: 6, path: 'level', kind: 'unknown', nearest: 'log.level' },
      { line: 7, path: 'address', kind: 'form', nearest: null },
      { line: 8, path: 'trustedProxies', kind: 'type', nearest: null },
      { line: 9, path: 'database', kind: 'type', nearest: null },
    ]);
  });

  test('names a key that stands twice beside the other mistakes', () => {
    expect(mistakesOf('port: 80\nnam: x\nport: 81').map(({ line, kind }) => [line, kind])).toEqual([
      [2, 'unknown'],
      [3, 'syntax'],
    ]);
  });

  test.each([['name: "unfinished'], ['\tport: 80'], ['{ port: 80'], ['- a\n- b'], ['just words'], ['a: *nowhere']])(
    'is refused with a line, whatever it holds: %j',
    (text) => {
      const found = mistakesOf(text);
      expect(found.length).toBeGreaterThan(0);
      for (const { line } of found) expect(line).toBeGreaterThan(0);
    },
  );

  test('never crashes the reader', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        mistakesOf(text);
      }),
    );
  });
});

describe('changing one setting', () => {
  const text = '# mine\nname: Home # ours\n\n# the door\nport: 8080\n';

  test('keeps comments and order, and adds what was not there', async () => {
    writeFileSync(file(), text);
    await setSetting(folder, 'port', 9090);
    await setSetting(folder, 'log.level', 'debug');
    expect(readFileSync(file(), 'utf8')).toBe(
      '# mine\nname: Home # ours\n\n# the door\nport: 9090\nlog:\n  level: debug\n',
    );
  });

  test('leaves the file as it is when the value is not right', async () => {
    writeFileSync(file(), text);
    const problem = await problemOf(setSetting(folder, 'port', 'many'));
    expect(problem).toMatchObject({ reason: 'setting_invalid', facts: { mistake: { path: 'port', kind: 'type' } } });
    expect(readFileSync(file(), 'utf8')).toBe(text);
    expect(readdirSync(folder)).toEqual(['messenger.yaml']);
  });

  test('refuses a setting there is none of, and a section, with the nearest', async () => {
    writeFileSync(file(), text);
    expect(await problemOf(setSetting(folder, 'log.levle', 'debug'))).toMatchObject({
      reason: 'unknown_setting',
      facts: { nearest: 'log.level' },
    });
    expect(await problemOf(setSetting(folder, 'log', 'debug'))).toMatchObject({ reason: 'not_a_single_setting' });
  });

  test('works on an empty file', async () => {
    writeFileSync(file(), '');
    await setSetting(folder, 'auth.sessionIdleDays', 30);
    expect((await loadConfig(folder, {})).auth.sessionIdleDays).toBe(30);
  });
});

describe('PORT in the environment', () => {
  test('goes before the file, and an address that named the old port moves along', async () => {
    await saveConfig(folder, configSchema.parse({ address: 'http://192.168.1.5:8080' }));
    expect(await loadConfig(folder, { PORT: '9000' })).toMatchObject({
      port: 9000,
      address: 'http://192.168.1.5:9000',
    });
    await saveConfig(folder, configSchema.parse({ address: 'https://chat.example.org' }));
    expect(await loadConfig(folder, { PORT: '9000' })).toMatchObject({ address: 'https://chat.example.org' });
  });

  test.each(['0', '70000', 'http', '80 80', '-1'])('is refused when it is no port: %s', async (PORT) => {
    await saveConfig(folder, configSchema.parse({}));
    expect(await problemOf(loadConfig(folder, { PORT }))).toMatchObject({
      reason: 'config_invalid',
      facts: { mistakes: [{ path: 'PORT' }] },
    });
  });
});

test('a folder without a configuration is no instance', async () => {
  expect(await problemOf(loadConfig(folder))).toMatchObject({ reason: 'not_an_instance', facts: { home: folder } });
  expect(await problemOf(loadConfig(join(folder, 'nowhere')))).toMatchObject({ reason: 'not_an_instance' });
});

test('a socket path fits what systems allow, however long the folder is', () => {
  const long = homeAt(join('/srv', 'x'.repeat(200)));
  expect(Buffer.byteLength(long.socket)).toBeLessThan(104);
  expect(long.socket).not.toBe(homeAt(join('/srv', 'y'.repeat(200))).socket);
  expect(homeAt('/srv/chat').socket).toBe('/srv/chat/run/messenger.sock');
});
