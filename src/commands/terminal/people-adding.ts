import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from '../../app/instance.ts';
import { AppError } from '../../protocol/errors.ts';
import { type Input, type Output, operations } from '../../protocol/operations.ts';
import type { Role } from '../../protocol/roles.ts';
import type { PeopleColumn, PersonRow } from '../../provision/people-file.ts';
import type { Typed, Words } from '../../provision/words/words.ts';
import { explain } from './explain.ts';
import { makePassword } from './passwords.ts';

/** What came, or would come, of one row of a list of people. */
export interface RowOutcome {
  readonly line: number;
  readonly name: string;
  readonly role: string;
  readonly outcome: 'added' | 'would_add' | 'exists' | 'failed';
  readonly userId: string | null;
  /** One that was made here, and that nobody was told yet. */
  readonly password: string | null;
  readonly error: RowError | null;
}

export interface RowError {
  readonly reason: string;
  /** Where it stands; null: the row as a whole. */
  readonly column: PeopleColumn | null;
  readonly message: string;
}

/** A busy server is asked again so often. */
const patience = 20;

/** Takes rows one by one; what stops one stops no other. Never rejects. */
export async function* addPeople(
  connection: Connection,
  rows: readonly PersonRow[],
  how: { readonly dryRun: boolean; readonly role: Role; readonly words: Words; readonly typed: Typed },
): AsyncGenerator<RowOutcome> {
  const seen = makeSeen();
  for (const row of rows) {
    const told = {
      line: row.line,
      name: row.cells.name ?? '',
      role: row.cells.role ?? how.role,
      userId: null,
      password: null,
      error: null,
    };
    const read = readRow(row, how);
    const mistake = 'reason' in read ? read : seen(read, row.line, how.words);
    if ('reason' in read || mistake !== null) {
      yield { ...told, outcome: 'failed', error: mistake };
      continue;
    }
    try {
      const { user } = await add(connection, read);
      const password = row.cells.password === undefined && user !== null ? read.password : null;
      yield {
        ...told,
        name: read.name,
        outcome: how.dryRun ? 'would_add' : 'added',
        userId: user?.userId ?? null,
        password,
      };
    } catch (error) {
      const exists = error instanceof AppError && error.reason === 'name_taken';
      yield exists ? { ...told, outcome: 'exists' } : { ...told, outcome: 'failed', error: rowError(error, how) };
    }
  }
}

type NewPerson = Input<'user.add'>;

/** What a row asks for, or what is wrong with it. */
function readRow(
  { cells, misshapen }: PersonRow,
  { dryRun, role, words }: { readonly dryRun: boolean; readonly role: Role; readonly words: Words },
): NewPerson | RowError {
  const { list } = words.printing;
  if (misshapen) return { reason: 'misshapen_row', column: null, message: list.misshapen };
  const parsed = operations['user.add'].input.safeParse({
    name: cells.name ?? '',
    displayName: cells.display_name,
    email: cells.email ?? null,
    language: cells.language?.toLowerCase() ?? null,
    role: cells.role?.toLowerCase() ?? role,
    password: cells.password ?? makePassword(),
    dryRun,
  });
  if (parsed.success) return parsed.data;
  const column = columnOf(parsed.error.issues[0]?.path[0]) ?? 'name';
  return { reason: 'invalid_input', column, message: list.columns[column] };
}

/** Finds who stands in a list twice: the store would take the second for somebody who was there before. */
function makeSeen(): (person: NewPerson, line: number, words: Words) => RowError | null {
  const names = new Map<string, number>();
  const emails = new Map<string, number>();
  return ({ name, email }, line, { printing }) => {
    const sameName = names.get(name);
    const sameEmail = email === null ? undefined : emails.get(email);
    names.set(name, sameName ?? line);
    if (email !== null) emails.set(email, sameEmail ?? line);
    const earlier = sameName ?? sameEmail;
    if (earlier === undefined) return null;
    const column = sameName === undefined ? 'email' : 'name';
    return { reason: 'twice_in_list', column, message: printing.list.nameTwice(earlier) };
  };
}

async function add(connection: Connection, person: NewPerson): Promise<Output<'user.add'>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await connection.call('user.add', person);
    } catch (error) {
      const isBusy = error instanceof AppError && error.code === 'too_many_requests' && tries < patience;
      if (!isBusy) throw error;
      await wait((error.retryAfter ?? 1) * 1000);
    }
  }
}

function rowError(error: unknown, { words, typed }: { readonly words: Words; readonly typed: Typed }): RowError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const { reason, message } = explain(cause, words, typed, '').json;
  const column = error instanceof AppError ? (columnOfReason[error.reason] ?? columnOf(error.fields?.[0]?.path)) : null;
  return { reason, column: column ?? null, message };
}

const columnOfReason: Readonly<Record<string, PeopleColumn>> = { email_taken: 'email', password_too_weak: 'password' };

function columnOf(field: unknown): PeopleColumn | null {
  return columns[String(field)] ?? null;
}

const columns: Readonly<Record<string, PeopleColumn>> = {
  name: 'name',
  displayName: 'display_name',
  email: 'email',
  role: 'role',
  language: 'language',
  password: 'password',
};
