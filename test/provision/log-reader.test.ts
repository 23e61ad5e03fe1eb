import { appendFileSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLogFile } from '../../src/provision/log-file.ts';
import { follow, lastLines } from '../../src/provision/log-reader.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'messenger-log-'));
  file = join(folder, 'messenger.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const all = () => true;

test('the last lines are the same as of the whole file, wherever chunks cut it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 8 }),
      fc.constantFrom('x', 'ж', '🎉'),
      fc.integer({ min: 0, max: 10 }),
      async (lengths, character, count) => {
        const lines = lengths.map((length, at) => `${at}${character.repeat(Math.ceil(length / 4))}`);
        writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
        const found = await lastLines(file, count, all);
        expect(found.lines).toEqual(count === 0 ? [] : lines.slice(-count));
        expect(found.end).toBe(statSync(file).size);
      },
    ),
    { numRuns: 40 },
  );
});

test('only wanted lines count', async () => {
  writeFileSync(file, Array.from({ length: 50_000 }, (_, n) => `${n}\n`).join(''));
  expect((await lastLines(file, 2, (line) => line.endsWith('000'))).lines).toEqual(['48000', '49000']);
});

test('a log that is not there yet is empty', async () => {
  expect(await lastLines(file, 10, all)).toEqual({ lines: [], end: 0 });
});

test('who follows hears every new line once and whole, also when the log moves aside', async () => {
  writeFileSync(file, 'old\n');
  const heard: string[] = [];
  const end = new AbortController();
  const done = follow(file, 4, (line) => heard.push(line), end.signal);
  appendFileSync(file, 'half');
  appendFileSync(file, ' a line\nnext\n');
  await expect.poll(() => heard).toEqual(['half a line', 'next']);
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'new\n');
  await expect.poll(() => heard).toEqual(['half a line', 'next', 'new']);
  end.abort();
  await done;
});

test('a log that grew too long moves aside, and no line is lost', () => {
  const log = openLogFile({ logs: folder, logFile: file });
  const line = `${'x'.repeat(1024 * 1024 - 1)}\n`;
  for (let n = 0; n < 23; n += 1) log.write(line);
  log.close();
  expect(statSync(`${file}.1`).size + statSync(file).size).toBe(23 * 1024 * 1024);
});
