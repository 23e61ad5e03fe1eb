import { type AnyBulkWriteOperation, MongoBulkWriteError, ObjectId, type UUID } from 'mongodb';
import type { MessageLog } from '../../ports/message-log.ts';
import type { ConversationId, NodeId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { counts, kindOf } from '../message-log/rows.ts';
import {
  type AuthorDocument,
  type Collections,
  type EntryDocument,
  type HeadDocument,
  idOf,
  readEntry,
  senderOf,
} from './collections.ts';
import { isDuplicate, telling } from './connection.ts';

interface Mark {
  readonly conversationId: ConversationId;
  readonly seq: number;
}

/** What this process stored in a conversation since its `OwedDocument` was made. */
interface Work {
  readonly id: ObjectId;
  /** Resolves once that document is stored. */
  readonly noted: Promise<unknown>;
  /** The last entry stored; null: none yet. */
  last: EntryDocument | null;
  /** Senders since heads and authors were last written, with their last seq. */
  authors: Map<string, { readonly sender: UUID; readonly seq: number }>;
  /** Appends under way. */
  appending: number;
}

export interface Owed {
  /** Before entries are stored in these conversations, whose heads are given. `done` says what came of it. */
  begin(heads: readonly Mark[]): Promise<{ done(stored: readonly EntryDocument[]): void }>;
  mark(node: NodeId, marks: readonly Mark[]): Promise<void>;
  undispatched(node: NodeId, limit: number): Promise<readonly Entry[]>;
  origin: MessageLog['origin'];
  /** Removes what an earlier process of this name began and stored nothing for. */
  tidy(): Promise<void>;
}

/**
 * One document per conversation that a node works in, made before its first entry and gone with the mark that reaches its
 * last one; heads and authors are written in between. So no append writes more than its entry, and after a crash these
 * documents say where to look.
 */
export function makeOwed(collections: Collections, node: NodeId): Owed {
  const { entries, heads, authors, owed } = collections;
  const under = new Map<ConversationId, Work>();
  /** Where documents may stand that no work here knows: writing or removing them failed. */
  const strays = new Set<ConversationId>();

  async function begin(marks: readonly Mark[]): Promise<{ done(stored: readonly EntryDocument[]): void }> {
    const fresh = marks.filter(({ conversationId }) => !under.has(conversationId));
    const documents = fresh.map(({ conversationId, seq }) => ({
      _id: new ObjectId(),
      node,
      conversation: idOf(conversationId),
      seq,
    }));
    const noted = documents.length === 0 ? Promise.resolve() : telling(() => owed.insertMany(documents));
    fresh.forEach(({ conversationId }, i) => {
      const id = documents[i]?._id as ObjectId;
      under.set(conversationId, { id, noted, last: null, authors: new Map(), appending: 0 });
    });
    const works = marks.map(({ conversationId }) => under.get(conversationId) as Work);
    for (const work of works) work.appending += 1;
    const end = () => {
      for (const work of works) work.appending -= 1;
    };
    try {
      await Promise.all(works.map((work) => work.noted));
    } catch (error) {
      end();
      marks.forEach(({ conversationId }, i) => {
        if (under.get(conversationId) !== works[i] || works[i]?.last !== null) return;
        under.delete(conversationId);
        strays.add(conversationId);
      });
      throw error;
    }
    const by = new Map(marks.map(({ conversationId }, i) => [conversationId as string, works[i] as Work]));
    return {
      done(stored) {
        for (const entry of stored) noteStored(by.get(entry.conversation.toString()) as Work, entry);
        end();
      },
    };
  }

  function noteStored(work: Work, entry: EntryDocument): void {
    if (work.last === null || work.last.seq < entry.seq) work.last = entry;
    if (!isAuthored(entry)) return;
    const { sender } = entry._id;
    work.authors.set(sender.toString(), { sender, seq: entry.seq });
  }

  async function mark(marking: NodeId, marks: readonly Mark[]): Promise<void> {
    const own = marking === node ? marks.filter(({ conversationId }) => under.has(conversationId)) : [];
    const known = new Set(own.map(({ conversationId }) => conversationId));
    await markOwn(own);
    await markLeft(
      marking,
      marks.filter(({ conversationId }) => !known.has(conversationId) || strays.has(conversationId)),
    );
  }

  /** What this process stored itself, and remembers. */
  async function markOwn(marks: readonly Mark[]): Promise<void> {
    if (marks.length === 0) return;
    const works = marks.map(({ conversationId, seq }) => ({
      conversationId,
      seq,
      work: under.get(conversationId) as Work,
    }));
    const over = works.filter(({ seq, work }) => work.appending === 0 && (work.last?.seq ?? 0) <= seq);
    // From here on an append begins anew, with a document of its own.
    for (const { conversationId } of over) under.delete(conversationId);
    const written = works.map(({ work }) => {
      const { last, authors } = work;
      work.authors = new Map();
      return { work, last, authors };
    });
    try {
      await write(
        written.flatMap(({ last }) => (last === null ? [] : [last])),
        written.flatMap(({ last, authors }) =>
          [...authors.values()].map(({ sender, seq }) => ({
            conversation: (last as EntryDocument).conversation,
            sender,
            seq,
          })),
        ),
      );
      const ended = new Set(over.map(({ work }) => work));
      const moved = works.filter(({ work }) => !ended.has(work));
      if (moved.length > 0) {
        await owed.bulkWrite(
          moved.map(({ work, seq }) => ({ updateOne: { filter: { _id: work.id }, update: { $max: { seq } } } })),
          { ordered: false },
        );
      }
      if (over.length > 0) await owed.deleteMany({ _id: { $in: over.map(({ work }) => work.id) } });
    } catch (error) {
      for (const { work, authors } of written) work.authors = new Map([...authors, ...work.authors]);
      for (const { conversationId } of over) strays.add(conversationId);
      throw error;
    }
  }

  /** What an earlier process of this name stored, or another node, or strays. */
  async function markLeft(marking: NodeId, marks: readonly Mark[]): Promise<void> {
    for (const { conversationId, seq } of marks) {
      const conversation = idOf(conversationId);
      const work = marking === node ? under.get(conversationId) : undefined;
      const left = (await owed.find({ node: marking, conversation }).toArray()).filter(
        ({ _id }) => work === undefined || !_id.equals(work.id),
      );
      if (marking === node) strays.delete(conversationId);
      if (left.length === 0) continue;
      const from = Math.min(...left.map((each) => each.seq));
      const stored = await entries
        .find({ conversation, node: marking, seq: { $gt: from } }, { sort: { seq: 1 }, projection: { body: 0 } })
        .toArray();
      const reached = stored.filter((entry) => entry.seq <= seq);
      const last = reached.at(-1);
      await write(
        last === undefined ? [] : [last],
        reached.filter(isAuthored).map(({ _id, seq }) => ({ conversation, sender: _id.sender, seq })),
      );
      const filter = { _id: { $in: left.map(({ _id }) => _id) } };
      // Another node's stay: it may only have paused, and still rely on them.
      if (marking === node && (work !== undefined || reached.length === stored.length)) await owed.deleteMany(filter);
      else await owed.updateMany(filter, { $max: { seq } });
    }
  }

  /** Raises heads and authors; a later one that stands there already stays. */
  async function write(
    lasts: readonly EntryDocument[],
    wrote: readonly { readonly conversation: UUID; readonly sender: UUID; readonly seq: number }[],
  ): Promise<void> {
    const movedHeads: AnyBulkWriteOperation<HeadDocument>[] = lasts.map(
      ({ conversation, seq, time, rulesSeq, storedAt }) => ({
        updateOne: {
          filter: { _id: conversation, seq: { $lt: seq } },
          update: { $set: { seq, time, rulesSeq, storedAt }, $setOnInsert: { firstSeq: 1 } },
          upsert: true,
        },
      }),
    );
    const movedAuthors: AnyBulkWriteOperation<AuthorDocument>[] = wrote.map(({ conversation, sender, seq }) => ({
      updateOne: { filter: { _id: { conversation, sender } }, update: { $max: { seq } }, upsert: true },
    }));
    if (movedAuthors.length > 0) await authors.bulkWrite(movedAuthors, { ordered: false });
    if (movedHeads.length > 0) await heads.bulkWrite(movedHeads, { ordered: false }).catch(exceptLater);
  }

  async function undispatched(of: NodeId, limit: number): Promise<readonly Entry[]> {
    const from = new Map<string, { readonly conversation: UUID; seq: number }>();
    for (const { conversation, seq } of await owed.find({ node: of }, { sort: { conversation: 1 } }).toArray()) {
      const at = conversation.toString();
      from.set(at, { conversation, seq: Math.min(seq, from.get(at)?.seq ?? seq) });
    }
    const found: Entry[] = [];
    for (const { conversation, seq } of from.values()) {
      if (found.length >= limit) break;
      const filter = { conversation, node: of, seq: { $gt: seq } };
      const page = await entries.find(filter, { sort: { seq: 1 }, limit: limit - found.length }).toArray();
      found.push(...page.map(readEntry));
    }
    return found;
  }

  async function origin(conversationId: ConversationId, seq: number): ReturnType<MessageLog['origin']> {
    const place = { conversation: idOf(conversationId), seq };
    const entry = await entries.findOne(place, { projection: { node: 1 } });
    if (entry === null) return null;
    const owing = await owed.findOne({ ...place, node: entry.node, seq: { $lt: seq } }, { projection: { _id: 1 } });
    return { node: entry.node, dispatched: owing === null };
  }

  async function tidy(): Promise<void> {
    for (const { _id, conversation, seq } of await owed.find({ node }).toArray()) {
      const behind = await entries.findOne({ conversation, node, seq: { $gt: seq } }, { projection: { seq: 1 } });
      if (behind === null) await owed.deleteOne({ _id });
    }
  }

  return { begin, mark, undispatched, origin, tidy };
}

/** What people read up to by writing it: reacting, voting and editing they do anywhere. */
function isAuthored({ _id, kind }: Pick<EntryDocument, '_id' | 'kind'>): boolean {
  return senderOf(_id) !== null && counts(kindOf(kind));
}

/** A head that is further already makes an upsert collide with it. */
function exceptLater(error: unknown): void {
  if (error instanceof MongoBulkWriteError && [error.writeErrors].flat().every(({ code }) => isDuplicate(code))) return;
  throw error;
}
