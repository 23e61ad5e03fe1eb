import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Log } from '../../ports/log.ts';
import type { Appended, Draft } from '../../ports/message-log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { makeRecent } from '../message-log/recent.ts';
import { countingCodes, counts, kindCode, mentionedBy, movesRules, placed, repeats } from '../message-log/rows.ts';
import { type EntryRow, entryColumns, readRow } from './postgres-message-log-reader.ts';
import { nobody } from './postgres-message-log-schema.ts';
import { isCollision } from './store-error.ts';

interface Pending {
  readonly draft: Draft;
  readonly sender: string;
  readonly body: string;
  /** Tried until then, by `performance.now`. */
  readonly until: number;
  readonly resolve: (answer: Appended) => void;
  readonly reject: (error: unknown) => void;
  /** An earlier try wrote it, and its commit may have succeeded unheard. */
  written: boolean;
}

interface Head {
  conversation: string;
  seq: number;
  time: number;
  rules_seq: number;
  counted: number;
}

/** What one transaction adds. */
interface Additions {
  readonly entries: {
    readonly pending: Pending;
    readonly seq: number;
    readonly time: number;
    readonly counted: number;
  }[];
  readonly heads: Set<Head>;
}

const retryAfter = 100;
/** What one transaction carries at most. */
const batchSize = 1_000;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * All that was asked for while a transaction ran goes into the next one, so there is one at a time and its few statements
 * carry any number of drafts. The heads are locked first, in the order of their ids; what comes behind sees all that other
 * processes committed to these conversations.
 */
export function makePostgresAppender(pool: PostgresPool, node: number, log: Log, patienceMs: number) {
  const known = makeRecent<string, true>(20_000);
  const waiting: Pending[] = [];
  let running: Promise<void> | null = null;

  function append(draft: Draft): Promise<Appended> {
    return new Promise((resolve, reject) => {
      checkIds(draft);
      const sender = draft.senderId ?? nobody;
      const until = performance.now() + patienceMs;
      const body = JSON.stringify(draft.body);
      waiting.push({ draft, sender, body, until, resolve, reject, written: false });
      running ??= run();
    });
  }

  async function run(): Promise<void> {
    // Whatever else this turn of the event loop asks for comes along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await settle(waiting.splice(0, batchSize));
    running = null;
  }

  /** Answers all of them. */
  async function settle(batch: readonly Pending[]): Promise<void> {
    let rest = batch;
    while (rest.length > 0) {
      try {
        const answers = await transact(rest);
        for (const [i, pending] of rest.entries()) pending.resolve(answers[i] as Appended);
        return;
      } catch (error) {
        if (isPassing(error)) rest = await patient(rest, error);
        else if (rest.length === 1 || error instanceof AppError) return rejectAll(rest, error);
        // One of them is at fault: each for itself, and only that one fails.
        else return void (await eachAlone(rest));
      }
    }
  }

  async function eachAlone(batch: readonly Pending[]): Promise<void> {
    for (const pending of batch) await settle([pending]);
  }

  function rejectAll(batch: readonly Pending[], error: unknown): void {
    for (const pending of batch) pending.reject(error);
  }

  /** Those that may be tried again, a moment later. */
  async function patient(batch: readonly Pending[], error: unknown): Promise<readonly Pending[]> {
    if (isCollision(error)) return batch;
    log.warn({ err: error, drafts: batch.length }, 'appending again');
    await new Promise((resolve) => setTimeout(resolve, retryAfter));
    const now = performance.now();
    rejectAll(
      batch.filter((pending) => pending.until <= now),
      error,
    );
    return batch.filter((pending) => pending.until > now);
  }

  async function transact(batch: readonly Pending[]): Promise<readonly Appended[]> {
    const client = await pool.connect();
    let whole = false;
    try {
      await client.query('begin', []);
      const heads = await lockHeads(client, batch);
      const held = await lookUp(client, batch);
      const { answers, additions } = number(batch, heads, held);
      if (additions.entries.length > 0) {
        await store(client, additions);
        for (const { pending } of additions.entries) pending.written = true;
      }
      await client.query('commit', []);
      whole = true;
      return answers;
    } catch (error) {
      whole = await client.query('rollback', []).then(
        () => true,
        () => false,
      );
      throw error;
    } finally {
      client.release(!whole);
    }
  }

  async function lockHeads(client: PostgresPoolClient, batch: readonly Pending[]): Promise<Map<string, Head>> {
    const ids = [...new Set(batch.map(({ draft }) => draft.conversationId as string))].sort();
    const unknown = ids.filter((id) => known.get(id) === undefined);
    if (unknown.length > 0) {
      const insert =
        'insert into messages.conversations (conversation) select unnest($1::uuid[]) on conflict do nothing';
      await client.query(insert, [unknown]);
    }
    const { rows } = await client.query<Head>(
      `select conversation, seq, time, rules_seq, counted from messages.conversations
       where conversation = any($1::uuid[]) order by conversation for update`,
      [ids],
    );
    for (const id of unknown) known.set(id, true);
    return new Map(rows.map((row) => [row.conversation, row]));
  }

  /** The entries that the drafts' keys hold, by their place in the batch. */
  async function lookUp(client: PostgresPoolClient, batch: readonly Pending[]): Promise<Map<number, Entry>> {
    const { rows } = await client.query<EntryRow & { place: number; conversation: ConversationId }>(
      `select k.place::integer as place, e.conversation, ${entryColumns}
       from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as k (conversation, sender, client, place)
       join messages.entries e on (e.client, e.sender, e.conversation) = (k.client, k.sender, k.conversation)`,
      [
        batch.map(({ draft }) => draft.conversationId),
        batch.map(({ sender }) => sender),
        batch.map(({ draft }) => draft.clientId),
      ],
    );
    return new Map(rows.map((row) => [row.place - 1, readRow(row.conversation, row)]));
  }

  async function store(client: PostgresPoolClient, { entries, heads }: Additions): Promise<void> {
    const column = <T>(of: (entry: Additions['entries'][number]) => T) => entries.map(of);
    const headColumn = <T>(of: (head: Head) => T) => [...heads].map(of);
    const mentions = entries.flatMap(({ pending: { draft }, seq }) =>
      mentionedBy(draft).map((person) => ({ conversationId: draft.conversationId, person, seq })),
    );
    await client.query(
      `with entry as (
         insert into messages.entries (conversation, seq, sender, client, kind, time, node, counted, target, body, expires)
         select conversation, seq, sender, client, kind, time, ${node}, counted, target, body, expires
         from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::uuid[], $5::smallint[], $6::bigint[], $7::integer[],
                     $8::integer[], $9::text[], $18::bigint[])
              as d (conversation, seq, sender, client, kind, time, counted, target, body, expires)
         returning conversation, sender, seq, kind
       ), head as (
         update messages.conversations h
         set seq = d.seq, time = d.time, rules_seq = d.rules_seq, counted = d.counted,
             changed_at = extract(epoch from clock_timestamp()) * 1000
         from unnest($10::uuid[], $11::integer[], $12::bigint[], $13::integer[], $14::integer[])
              as d (conversation, seq, time, rules_seq, counted)
         where h.conversation = d.conversation
       ), mention as (
         insert into messages.mentions (conversation, person, seq)
         select * from unnest($15::uuid[], $16::uuid[], $17::integer[])
       ), author as (
         insert into messages.authors (conversation, sender, seq)
         select conversation, sender, max(seq) from entry
         where sender <> '${nobody}' and kind in (${countingCodes}) group by conversation, sender
         on conflict (conversation, sender) do update set seq = excluded.seq
       )
       insert into messages.dispatched (node, conversation, stored)
       select ${node}, conversation, max(seq) from entry group by conversation
       on conflict (node, conversation) do update set stored = excluded.stored`,
      [
        column(({ pending }) => pending.draft.conversationId),
        column(({ seq }) => seq),
        column(({ pending }) => pending.sender),
        column(({ pending }) => pending.draft.clientId),
        column(({ pending }) => kindCode(pending.draft.kind)),
        column(({ time }) => time),
        column(({ counted }) => counted),
        column(({ pending }) => pending.draft.target ?? null),
        column(({ pending }) => pending.body),
        headColumn((head) => head.conversation),
        headColumn((head) => head.seq),
        headColumn((head) => head.time),
        headColumn((head) => head.rules_seq),
        headColumn((head) => head.counted),
        mentions.map(({ conversationId }) => conversationId),
        mentions.map(({ person }) => person ?? nobody),
        mentions.map(({ seq }) => seq),
        column(({ pending }) => pending.draft.expiresAt ?? null),
      ],
    );
  }

  return {
    append,
    /** Once everything asked for so far is answered. */
    async idle() {
      await running;
    },
  };
}

/** The outcome of each draft in turn, and what that adds. Moves the heads. */
function number(batch: readonly Pending[], heads: ReadonlyMap<string, Head>, held: ReadonlyMap<number, Entry>) {
  const answers: Appended[] = [];
  const additions: Additions = { entries: [], heads: new Set() };
  const added = new Map<string, Entry>();
  batch.forEach((pending, i) => {
    const { draft } = pending;
    const head = heads.get(draft.conversationId) as Head;
    const key = `${draft.clientId} ${pending.sender} ${draft.conversationId}`;
    const holder = held.get(i) ?? added.get(key);
    if (holder !== undefined) {
      if (!repeats(draft, holder)) answers.push({ outcome: 'conflict' });
      else answers.push({ outcome: pending.written ? 'appended' : 'repeated', entry: holder });
      return;
    }
    if (draft.rulesSeq !== null && draft.rulesSeq < head.rules_seq) {
      answers.push({ outcome: 'outdated' });
      return;
    }
    head.seq += 1;
    head.time = Math.max(head.time, draft.time);
    if (counts(draft.kind)) head.counted += 1;
    if (movesRules(draft.kind)) head.rules_seq = head.seq;
    const entry = placed(draft, head.seq, head.time);
    added.set(key, entry);
    additions.heads.add(head);
    additions.entries.push({ pending, seq: head.seq, time: head.time, counted: head.counted });
    answers.push({ outcome: 'appended', entry });
  });
  return { answers, additions };
}

/** Waiting may help. */
function isPassing(error: unknown): boolean {
  return error instanceof AppError && error.reason === 'store_unreachable';
}

/** One malformed id would fail the whole statement. */
function checkIds({ conversationId, senderId, clientId }: Draft): void {
  for (const id of [conversationId, senderId ?? nobody, clientId]) {
    if (!uuid.test(id)) throw new TypeError(`not an id: ${id}`);
  }
}
