import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAppended, writeLines } from '../../src/provision/secret-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'messenger-secret-'));
  path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* lines(...these: (string | Error)[]): AsyncGenerator<string> {
  for (const line of these) {
    if (line instanceof Error) throw line;
    yield line;
  }
}

describe('lines written to a new file', () => {
  test('are all there, and only for the owner', async () => {
    const long = 'x'.repeat(600_000);
    expect(await writeLines(path, lines(long, long, 'Анна'))).toBe(3);
    expect(readFileSync(path, 'utf8')).toBe(`${long}\n${long}\nАнна\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('leave nothing where their source fails', async () => {
    await expect(writeLines(path, lines('one', new Error('away')))).rejects.toThrow('away');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('never replace what is there', async () => {
    writeFileSync(path, 'mine');
    await expect(writeLines(path, lines('one'))).rejects.toMatchObject({ reason: 'file_exists' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await expect(writeLines(join(folder, 'no', 'file'), lines('one'))).rejects.toMatchObject({
      reason: 'folder_missing',
      facts: { path: join(folder, 'no') },
    });
  });
});

test('lines are added to a file that others could read, and nobody else can from then on', async () => {
  writeFileSync(path, 'name\nanna\n', { mode: 0o644 });
  const file = await openAppended(path, 'name');
  await file.append('ben');
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('name\nanna\nben\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
