import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPeople } from '../../src/provision/people-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'messenger-people-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(content: string | Buffer) {
  const file = join(folder, 'people.csv');
  writeFileSync(file, content);
  return readPeople(file);
}

const anna = { line: 2, cells: { name: 'anna', display_name: 'Anna, "A"' }, misshapen: false };

describe('a list of people is read as spreadsheets write it', () => {
  test.each([
    ['commas, lines ended as Unix does', 'name,display_name\nanna,"Anna, ""A"""\n'],
    ['semicolons, lines ended as Windows does, no end', 'name;display_name\r\nanna;"Anna, ""A"""'],
    ['tabs', 'name\tdisplay_name\nanna\t"Anna, ""A"""\n'],
    ['a byte order mark', '\uFEFFname,display_name\nanna,"Anna, ""A"""\n'],
    ['a quoted heading behind a byte order mark', '\uFEFF"name","display_name"\nanna,"Anna, ""A"""\n'],
    ['headings as people write them, spaces around cells', ' Name , Display-Name \n anna ,"Anna, ""A"""\n'],
    ['empty lines and rows of separators', 'name,display_name\nanna,"Anna, ""A"""\n\n,\n'],
  ])('%s', async (_, content) => {
    expect(await read(content)).toEqual([anna]);
  });

  test('lines are counted as editors do, over line breaks in quotes', async () => {
    const rows = await read('name,display_name\r\n\r\nanna,"two\r\nlines"\r\nben,B\r\n');
    expect(rows.map(({ line }) => line)).toEqual([4, 5]);
  });

  test('a row with too many or too few cells is marked, whatever stands in it', async () => {
    const rows = await read('name,role\nanna\nben,guest\ncarl,guest,x\n');
    expect(rows.map(({ misshapen }) => misshapen)).toEqual([true, false, true]);
  });
});

describe('what is no list of people is refused as a whole', () => {
  test.each([
    ['list_empty', ''],
    ['list_empty', 'name,role\n'],
    ['list_broken', 'name,role\nanna,"guest\n'],
    ['list_broken', 'name,role\nanna,gu"est\n'],
    ['list_column_unknown', 'name,phone\nanna,1\n'],
    ['list_column_unknown', 'anna,guest\nben,guest\n'],
    ['list_column_twice', 'name,role,Role\nanna,guest,guest\n'],
    ['list_column_missing', 'role\nguest\n'],
    ['list_not_utf8', Buffer.from('name\nJos\xe9\n', 'latin1')],
    ['list_not_utf8', Buffer.from('\ufeffname\nanna\n', 'utf16le')],
  ])('%s: %j', async (reason, content) => {
    await expect(read(content)).rejects.toMatchObject({ reason });
  });

  test('a file that is not there, and a folder', async () => {
    await expect(readPeople(join(folder, 'none'))).rejects.toMatchObject({ reason: 'file_missing' });
    await expect(readPeople(folder)).rejects.toMatchObject({ reason: 'not_a_file' });
  });
});
