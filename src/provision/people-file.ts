import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { Problem } from '../config/problem.ts';
import { asProblem } from '../config/whole-file.ts';

/** What a list of people may say of each. Only the name must be there. */
export const peopleColumns = ['name', 'display_name', 'email', 'role', 'language', 'password'] as const;
export type PeopleColumn = (typeof peopleColumns)[number];

export interface PersonRow {
  /** Where it ends in the file, counted from 1. */
  readonly line: number;
  /** What stands in its columns, without spaces around it; empty cells are left out. */
  readonly cells: Readonly<Partial<Record<PeopleColumn, string>>>;
  /** It has more or fewer cells than the first line names columns; then which is which is unknown. */
  readonly misshapen: boolean;
}

/**
 * A list of people as spreadsheets write it: CSV in UTF-8, with or without a byte order mark, cells separated by comma,
 * semicolon or tab, the first line naming the columns. Throws Problem: `file_missing` and others of its kind,
 * `list_not_utf8`, `list_broken`, `list_empty`, `list_column_…`.
 */
export async function readPeople(path: string): Promise<readonly PersonRow[]> {
  const [head, ...rows] = parseRows(path, await readText(path));
  if (head === undefined || rows.length === 0) throw new Problem('list_empty', { path });
  const columns = columnsOf(path, head.cells);
  return rows.map(({ line, cells }) => ({
    line,
    cells: Object.fromEntries(
      columns.map((column, at) => [column, cells[at]?.trim() ?? '']).filter(([, value]) => value !== ''),
    ),
    misshapen: cells.length !== columns.length,
  }));
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

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

function parseRows(path: string, text: string): readonly Row[] {
  // Within quotes the parser would count such an end as two lines.
  const lines = text.replaceAll('\r\n', '\n');
  const rows: Row[] = [];
  try {
    parse(lines, {
      delimiter: separatorOf(lines),
      relax_column_count: true,
      skip_empty_lines: true,
      on_record(cells: string[], { lines: line }) {
        // Spreadsheets leave rows of nothing but separators behind.
        if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Problem('list_broken', { path, line: Number(error.lines), says: error.message }, error);
  }
  return rows;
}

/** The names of columns hold none of them, so the first line tells. */
function separatorOf(text: string): string {
  const [first = ''] = text.trimStart().split(/[\r\n]/);
  return [';', '\t'].find((separator) => first.includes(separator)) ?? ',';
}

function columnsOf(path: string, names: readonly string[]): readonly PeopleColumn[] {
  const columns = names.map((name) => {
    const known = peopleColumns.find((column) => lettersOf(column) === lettersOf(name));
    if (known === undefined) throw new Problem('list_column_unknown', { path, column: name, known: peopleColumns });
    return known;
  });
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  if (twice !== undefined) throw new Problem('list_column_twice', { path, column: twice });
  if (!columns.includes('name')) throw new Problem('list_column_missing', { path, column: 'name', found: columns });
  return columns;
}

/** Spreadsheets write `Display name` and `E-mail`. */
function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}
