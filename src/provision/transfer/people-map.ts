import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { Problem } from '../../config/problem.ts';
import { asProblem } from '../../config/whole-file.ts';

const columns = ['source', 'name'] as const;

/**
 * A list of who people are here: CSV with the columns `source` and `name`, as spreadsheets write it. Rows without a name
 * say nothing. Throws Problem as lists of people do.
 */
export async function readPeopleMap(path: string): Promise<ReadonlyMap<string, string>> {
  const text = await readText(path);
  const [head = [], ...rows] = parseRows(path, text);
  const places = columns.map((column) => {
    const at = head.findIndex((name) => name.trim().toLowerCase() === column);
    if (at < 0) throw new Problem('list_column_missing', { path, column, found: head });
    return at;
  });
  const [source = 0, name = 1] = places;
  const pairs = rows.map((row) => [row[source]?.trim() ?? '', row[name]?.trim() ?? ''] as const);
  return new Map(pairs.filter(([key, value]) => key !== '' && value !== ''));
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Problem('file_missing', { path }, error);
    if (code === 'EISDIR') throw new Problem('not_a_file', { path }, error);
    throw asProblem(error, path);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Problem('list_not_utf8', { path }, error);
  }
}

function parseRows(path: string, text: string): string[][] {
  const [first = ''] = text.trimStart().split(/[\r\n]/);
  const delimiter = [';', '\t'].find((separator) => first.includes(separator)) ?? ',';
  try {
    return parse(text, { delimiter, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Problem('list_broken', { path, line: Number(error.lines), says: error.message }, error);
  }
}
