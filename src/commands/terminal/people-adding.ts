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

interface How {
  readonly dryRun: boolean;
  /** Of those whose row names none. */
  readonly role: Role;
  readonly words: Words;
  readonly typed: Typed;
}

/** Takes rows one by one; what stops one stops no other. Never rejects. */
export async function* addPeople(
  connection: Connection,
  rows: readonly PersonRow[],
  how: How,
): AsyncGenerator<RowOutcome> {
  const findTwin = makeTwins(how.words);
  for (const row of rows) {
    const read = readRow(row, how);
    const mistake = 'reason' in read ? read : findTwin(read, row.line);
    if ('reason' in read || mistake !== null) yield failed(row, how, mistake);
    else yield await addPerson(connection, row, read, how);
  }
}

async function addPerson(connection: Connection, row: PersonRow, person: NewPerson, how: How): Promise<RowOutcome> {
  const { line, cells } = row;
  const { name, role } = person;
  const done = { line, name, role, userId: null, password: null, error: null };
  try {
    const { user } = await add(connection, person);
    if (user === null) return { ...done, outcome: 'would_add' };
    const password = cells.password === undefined ? (person.password ?? null) : null;
    return { ...done, outcome: 'added', userId: user.userId, password };
  } catch (error) {
    if (error instanceof AppError && error.reason === 'name_taken') return { ...done, outcome: 'exists' };
    return failed(row, how, rowError(error, how));
  }
}

/** Names and roles as they stand in the list: they may be what is wrong. */
function failed({ line, cells }: PersonRow, { role }: How, error: RowError | null): RowOutcome {
  const { name = '' } = cells;
  return { line, name, role: cells.role ?? role, outcome: 'failed', userId: null, password: null, error };
}

type NewPerson = Input<'user.add'>;

/** What a row asks for, or what is wrong with it. */
function readRow({ cells, misshapen }: PersonRow, { dryRun, role, words }: How): NewPerson | RowError {
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
function makeTwins({ printing }: Words): (person: NewPerson, line: number) => RowError | null {
  const names = new Map<string, number>();
  const emails = new Map<string, number>();
  return ({ name, email }, line) => {
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

function rowError(error: unknown, { words, typed }: How): RowError {
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
