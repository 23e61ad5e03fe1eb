import { randomUUID } from 'node:crypto';
import { type Collection, type Db, UUID } from 'mongodb';
import type { ConversationId, NodeId, UserId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { type EntryParts, entryOf, newerMessages } from '../message-log/rows.ts';

/** What makes a repeated send harmless: at most one entry has it. */
export interface EntryKey {
  readonly client: UUID;
  readonly sender: UUID;
  readonly conversation: UUID;
}

/**
 * One entry of a log. What sums up the log so far stands in each entry, so that the last one is the conversation's head and
 * no second document has to be written with it.
 */
export interface EntryDocument {
  readonly _id: EntryKey;
  readonly conversation: UUID;
  readonly seq: number;
  readonly time: number;
  /** By number, as in the other stores. */
  readonly kind: number;
  readonly target: number | null;
  /** JSON; null: emptied. */
  readonly body: string | null;
  /** Whom it mentions; nobody in particular: everybody. Absent where it mentions none. */
  readonly mentions?: readonly UUID[];
  /** When it disappears, ms; of edits and previews, with their message. */
  readonly expiresAt?: number;
  /** As `expiresAt`, until it is emptied: for the index of those. */
  readonly expiring?: number;
  /** Set with an emptied body, for the index of those. */
  readonly emptied?: true;
  /** Who stored it. */
  readonly node: NodeId;
  /** When, by the server's clock. */
  readonly storedAt: number;
  /** Counting entries up to and with this one. */
  readonly counted: number;
  /** The last entry without a target up to and with this one; 0: none. */
  readonly lastPlace: number;
  /** The last entry that changed members, roles or settings up to and with this one; 0: none. */
  readonly rulesSeq: number;
}

/** A conversation's head as it was when nobody owed anything for it; behind it while somebody does (`OwedDocument`). */
export interface HeadDocument {
  readonly _id: UUID;
  readonly seq: number;
  readonly time: number;
  readonly firstSeq: number;
  readonly rulesSeq: number;
  readonly storedAt: number;
  /** When `firstSeq` was raised last, by the server's clock. Absent: never. */
  readonly retiredAt?: number;
}

/** The last counting entry of each sender, as far behind as the head. */
export interface AuthorDocument {
  readonly _id: { readonly conversation: UUID; readonly sender: UUID };
  readonly seq: number;
}

/**
 * A node stores entries in a conversation, or did so when it ended: there from before the first of them until all are
 * published and the head and the authors are written. Up to `seq` all of its entries are.
 */
export interface OwedDocument {
  readonly node: NodeId;
  readonly conversation: UUID;
  readonly seq: number;
}

interface FactDocument {
  readonly _id: 'epoch' | 'version';
  readonly value: string | number;
}

export interface Collections {
  readonly entries: Collection<EntryDocument>;
  readonly heads: Collection<HeadDocument>;
  readonly authors: Collection<AuthorDocument>;
  readonly owed: Collection<OwedDocument>;
  readonly nodes: Collection<{ readonly _id: NodeId }>;
  readonly facts: Collection<FactDocument>;
}

export function collectionsOf(db: Db): Collections {
  return {
    entries: db.collection('entries'),
    heads: db.collection('heads'),
    authors: db.collection('authors'),
    owed: db.collection('owed'),
    nodes: db.collection('nodes'),
    facts: db.collection('facts'),
  };
}

/** Of what this version writes. A change that older versions cannot read raises it. */
const version = 1;

/**
 * Brings the indexes to this version; twice, or by several nodes at once, does no harm. Throws as `newerMessages` says for
 * a database of a newer version.
 */
export async function migrateMongo({ entries, owed, facts }: Collections): Promise<void> {
  const found = await facts.findOne({ _id: 'version' });
  if (Number(found?.value ?? 0) > version) throw newerMessages();
  await entries.createIndex({ conversation: 1, seq: 1 }, { unique: true, name: 'place' });
  await entries.createIndex({ conversation: 1, target: 1, seq: 1 }, { name: 'target' });
  await entries.createIndex(
    { conversation: 1, seq: 1, emptied: 1 },
    { name: 'emptied', partialFilterExpression: { emptied: true } },
  );
  await entries.createIndex(
    { conversation: 1, mentions: 1, seq: 1 },
    { name: 'mentions', partialFilterExpression: { mentions: { $exists: true } } },
  );
  await entries.createIndex(
    { expiring: 1 },
    { name: 'expiring', partialFilterExpression: { expiring: { $exists: true } } },
  );
  await owed.createIndex({ conversation: 1 }, { name: 'conversation' });
  await owed.createIndex({ node: 1, conversation: 1 }, { name: 'node' });
  await facts.updateOne({ _id: 'epoch' }, { $setOnInsert: { value: randomUUID() } }, { upsert: true });
  await facts.updateOne({ _id: 'version' }, { $set: { value: version } }, { upsert: true });
}

/** Nobody in particular, where a key needs a sender. */
const nobody = '00000000-0000-0000-0000-000000000000';

export const idOf = (id: string): UUID => new UUID(id);
export const personId = (userId: UserId | null): UUID => idOf(userId ?? nobody);
export const conversationOf = (id: UUID): ConversationId => id.toString() as ConversationId;

export function keyOf(conversationId: string, senderId: UserId | null, clientId: string): EntryKey {
  return { client: idOf(clientId), sender: personId(senderId), conversation: idOf(conversationId) };
}

export const keyText = ({ client, sender, conversation }: EntryKey): string => `${client} ${sender} ${conversation}`;

export function senderOf({ sender }: EntryKey): UserId | null {
  const id = sender.toString();
  return id === nobody ? null : (id as UserId);
}

export function readEntry(document: EntryDocument): Entry {
  const { _id, seq, time, kind, target, body, expiresAt = null } = document;
  const parts: EntryParts = {
    conversationId: conversationOf(_id.conversation),
    seq,
    time,
    senderId: senderOf(_id),
    clientId: _id.client.toString(),
    kind,
    target,
    body,
    expiresAt,
  };
  return entryOf(parts);
}
