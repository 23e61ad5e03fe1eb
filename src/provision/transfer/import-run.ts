import type { UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Output } from '../../protocol/operations.ts';
import type { ImportedEntry, ImportedMember } from '../../protocol/transfer-operations.ts';
import { entryHere, type Here } from './people-here.ts';
import type { Ask, ConversationEnd, DatesReport, LeftOut, Source, SourceConversation, SourcePerson } from './source.ts';

export interface PersonReport {
  /** What a list of people calls them. */
  readonly key: string;
  readonly displayName: string;
  /** Their account here; empty where it is deleted. */
  readonly name: string;
  readonly outcome: Output<'import.people'>['people'][number]['outcome'];
}

export interface ConversationReport {
  readonly title: string;
  readonly conversationId: string;
  readonly kind: 'direct' | 'group';
  readonly outcome: Output<'import.begin'>['outcome'];
  /** Entries it has in the source, and how many of them came now. */
  readonly entries: number;
  readonly appended: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

export interface ImportReport {
  readonly dryRun: boolean;
  readonly source: Source['kind'];
  readonly people: readonly PersonReport[];
  readonly conversations: readonly ConversationReport[];
  /** Entries of the source by kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly leftOut: ReturnType<LeftOut['counts']>;
  /** WhatsApp: in which order dates were read, and whether another is as likely. */
  readonly dates: DatesReport | null;
}

export interface ImportHow {
  readonly dryRun: boolean;
  /** Who people are here, by what a list calls them. */
  readonly as: ReadonlyMap<string, string>;
  /** Hears now and then how many entries were read. */
  readonly progress: (entries: number) => void;
}

/** What one request carries at most, in bytes of JSON and in entries. */
const pageBytes = 256 * 1024;
const pageEntries = 500;
const peoplePage = 100;
const membersPage = 100;

/** Brings a source into the instance, or says what that would do. Twice does no harm, and goes on where the first ended. */
export async function runImport(source: Source, ask: Ask, how: ImportHow): Promise<ImportReport> {
  source.leftOut.clear();
  if (!how.dryRun) for await (const picture of source.pictures?.() ?? []) await ask('import.picture', { picture });
  const { people, here, called } = await bringPeople(source, ask, how);
  const kinds: Record<string, number> = {};
  const conversations: ConversationReport[] = [];
  let read = 0;
  for await (const conversation of source.conversations()) {
    const note = (entry: ImportedEntry) => {
      const kind = entry.kind === 'emptied' ? 'removed_message' : entry.kind;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (++read % 1_000 === 0) how.progress(read);
    };
    conversations.push(await bringConversation(conversation, { source, ask, how, here, called, note }));
  }
  const times = conversations.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).filter((at) => at !== null);
  return {
    ...{ dryRun: how.dryRun, source: source.kind, people, conversations, kinds },
    firstAt: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
    lastAt: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
    leftOut: source.leftOut.counts(),
    dates: source.dates ?? null,
  };
}

async function bringPeople(source: Source, ask: Ask, how: ImportHow) {
  const reports: PersonReport[] = [];
  const ids = new Map<UserId, UserId>();
  const names = new Map<UserId, string>();
  const blocking: SourcePerson[] = [];
  for await (const page of pagesOf(source.people(), peoplePage)) {
    const asked = page.map(({ key, blocks: _, ...person }) => ({
      ...person,
      as: how.as.get(key) ?? person.as ?? null,
    }));
    const { people } = await ask('import.people', { people: asked, dryRun: how.dryRun });
    page.forEach((person, at) => {
      const found = people[at];
      if (found === undefined) return;
      ids.set(person.userId, found.userId);
      names.set(person.userId, person.displayName);
      if (found.emailTaken) source.leftOut.add('email_taken');
      if ((person.blocks ?? []).length > 0) blocking.push(person);
      const { key, displayName } = person;
      reports.push({ key, displayName, name: found.name, outcome: found.outcome });
    });
  }
  const here: Here = (userId) => ids.get(userId) ?? userId;
  const called = (userId: UserId) => names.get(userId) ?? '';
  if (!how.dryRun) {
    for (const { userId, blocks = [] } of blocking) {
      const blockedIds = blocks.map(here);
      await ask('import.block', { userId: here(userId), blockedIds });
    }
  }
  return { people: reports, here, called };
}

interface Bringing {
  readonly source: Source;
  readonly ask: Ask;
  readonly how: ImportHow;
  readonly here: Here;
  /** What somebody is called in the source. */
  readonly called: (userId: UserId) => string;
  readonly note: (entry: ImportedEntry) => void;
}

async function bringConversation(conversation: SourceConversation, with_: Bringing): Promise<ConversationReport> {
  const { source, ask, how, here } = with_;
  const pair = conversation.pair === null ? null : ([here(conversation.pair[0]), here(conversation.pair[1])] as const);
  const begun = await ask('import.begin', {
    source: source.kind,
    key: conversation.key,
    conversationId: conversation.conversationId,
    pair: pair === null ? null : [...pair],
    dryRun: how.dryRun,
  });
  const isOpen = !how.dryRun && (begun.outcome === 'new' || begun.outcome === 'begun');
  const { conversationId } = begun;
  let [entries, appended, firstAt, lastAt]: [number, number, number | null, number | null] = [0, 0, null, null];
  for await (const page of entryPages(conversation, with_)) {
    if (isOpen) appended += (await ask('import.entries', { conversationId, after: entries, entries: page })).appended;
    entries += page.length;
    firstAt ??= page[0]?.time ?? null;
    lastAt = page.at(-1)?.time ?? lastAt;
  }
  const title = conversation.title || (conversation.pair ?? []).map(with_.called).join(', ');
  if (isOpen) await complete(titled(conversation.end(), title), conversationId, pair, with_);
  return { title, conversationId, kind: begun.kind, outcome: begun.outcome, entries, appended, firstAt, lastAt };
}

const titled = (end: ConversationEnd, title: string): ConversationEnd => ({ ...end, title: end.title || title });

async function complete(
  { members, title, ...end }: ConversationEnd,
  conversationId: Output<'import.begin'>['conversationId'],
  pair: readonly [UserId, UserId] | null,
  { ask, here }: Bringing,
): Promise<void> {
  const about = { ...end, title: [...title].slice(0, limits.titleLength).join(''), pins: [...end.pins] };
  const { kind } = await ask('import.conversation', {
    conversationId,
    ...about,
    pair: pair === null ? null : [...pair],
  });
  // A pair that had a conversation here already gets a group, and a group has an owner.
  const isTurned = pair !== null && kind === 'group';
  const rows = members.map((member, at) => ({
    ...member,
    userId: here(member.userId as UserId),
    ...(isTurned && at === 0 ? { role: 'owner' as const } : {}),
  }));
  for await (const page of pagesOf(uniqueRows(rows), membersPage)) {
    await ask('import.members', { conversationId, members: page });
  }
  await ask('import.finish', { conversationId });
}

/** Two of the source may be one here. */
function uniqueRows(rows: readonly ImportedMember[]): readonly ImportedMember[] {
  const known = new Map<string, ImportedMember>();
  for (const row of rows) {
    const other = known.get(row.userId);
    if (other === undefined || (row.member && !other.member)) known.set(row.userId, row);
  }
  return [...known.values()];
}

async function* entryPages(
  conversation: SourceConversation,
  { here, note }: Bringing,
): AsyncGenerator<ImportedEntry[]> {
  let [page, bytes]: [ImportedEntry[], number] = [[], 0];
  for await (const given of conversation.entries()) {
    const entry = entryHere(given, here);
    const size = JSON.stringify(entry).length * 2;
    if (page.length >= pageEntries || (page.length > 0 && bytes + size > pageBytes)) {
      yield page;
      [page, bytes] = [[], 0];
    }
    page.push(entry);
    bytes += size;
    note(entry);
  }
  if (page.length > 0) yield page;
}

async function* pagesOf<T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length === size) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}
