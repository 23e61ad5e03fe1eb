import { type MongoClient, MongoError } from 'mongodb';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { MessageLog } from '../../ports/message-log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { NodeId } from '../../protocol/ids.ts';
import { wordingCodes } from '../message-log/rows.ts';
import { makeAppender } from './appender.ts';
import { type Collections, collectionsOf, conversationOf, idOf, migrateMongo } from './collections.ts';
import { makeMongoClient, mongoError, telling } from './connection.ts';
import { makeHeads } from './heads.ts';
import { makeOwed } from './owed.ts';
import { makeReader } from './reader.ts';

export interface MongoMessageLogOptions {
  /** With the database's name behind the slash; `messenger` where there is none. */
  readonly url: string;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly log: Log;
  /** While MongoDB is away, appends wait for it so long. */
  readonly patienceMs?: number;
}

/**
 * The log in a MongoDB database, which other nodes write too: a single server or a replica set. Throws AppError
 * `unavailable` when it is out of reach, with the reason `database_newer` when a newer version wrote it.
 */
export async function openMongoMessageLog(options: MongoMessageLogOptions): Promise<MessageLog> {
  const client = makeMongoClient(options.url);
  const name = new URL(options.url).pathname.slice(1);
  const collections = collectionsOf(client.db(name === '' ? 'messenger' : name));
  try {
    await client.connect();
    await migrateMongo(collections);
    await collections.nodes.updateOne({ _id: options.node }, { $setOnInsert: { _id: options.node } }, { upsert: true });
    return await compose(client, collections, options);
  } catch (error) {
    await client.close();
    const told = mongoError(error);
    // Certificates, sign-in, a wrong address: whatever keeps it from connecting, the store is out of reach.
    throw told instanceof MongoError ? new AppError('unavailable', 'store_unreachable', { cause: told }) : told;
  }
}

async function compose(
  client: MongoClient,
  collections: Collections,
  { node, clock, log, patienceMs = 10_000 }: MongoMessageLogOptions,
): Promise<MessageLog> {
  const heads = makeHeads(collections);
  const owed = makeOwed(collections, node);
  await owed.tidy();
  const ahead = await serverAhead(client, clock);
  const storeNow = () => clock.now() + ahead;
  const appender = makeAppender({ collections, heads, owed, node, log, storeNow }, patienceMs);
  const reader = makeReader(collections, heads);

  return {
    epoch: () =>
      telling(async () => {
        const fact = await collections.facts.findOne({ _id: 'epoch' });
        return String(fact?.value);
      }),
    append: appender.append,
    find: (...key) => telling(() => reader.find(...key)),
    entry: (...place) => telling(() => reader.entry(...place)),
    entries: (ask) => telling(() => reader.entries(ask)),
    history: (ask) => telling(() => reader.history(ask)),
    summaries: (asks, now) => telling(() => reader.summaries(asks, now)),
    targeting: (ask) => telling(() => reader.targeting(ask)),
    heads: (conversationIds) =>
      telling(async () => {
        const found = await heads.find(conversationIds);
        return conversationIds.flatMap((id) => found.get(id)?.head ?? []);
      }),
    erase: (conversationId, seq) =>
      telling(async () => {
        await collections.entries.updateMany(
          { conversation: idOf(conversationId), $or: [{ seq }, { target: seq, kind: { $in: wordingCodes } }] },
          emptying,
        );
      }),
    expired: (now, limit) =>
      telling(async () => {
        const found = await collections.entries
          .find({ expiring: { $lte: now } }, { sort: { expiring: 1 }, limit, projection: { conversation: 1, seq: 1 } })
          .toArray();
        return found.map(({ conversation, seq }) => ({ conversationId: conversationOf(conversation), seq }));
      }),
    retire: (conversationId, seq) =>
      telling(async () => {
        const head = (await heads.find([conversationId])).get(conversationId)?.head;
        const last = Math.min(seq, head?.seq ?? 0);
        if (head === undefined || last < head.firstSeq) return;
        // The bodies first: after a crash in between the same is asked for again.
        await collections.entries.updateMany(
          { conversation: idOf(conversationId), seq: { $gte: head.firstSeq, $lte: last } },
          emptying,
        );
        await collections.heads.updateOne(
          { _id: idOf(conversationId) },
          {
            $max: { firstSeq: last + 1, retiredAt: storeNow() },
            $setOnInsert: { seq: 0, time: 0, rulesSeq: 0, storedAt: 0 },
          },
          { upsert: true },
        );
      }),
    count: () => telling(heads.count),
    markDispatched: (marking, marks) => telling(() => owed.mark(marking, marks)),
    undispatched: (of, limit) => telling(() => owed.undispatched(of, limit)),
    origin: (...place) => telling(() => owed.origin(...place)),
    nodes: () => telling(async () => (await collections.nodes.find().toArray()).map(({ _id }) => _id)),
    async health() {
      try {
        await telling(() => collections.facts.findOne({ _id: 'version' }));
        return { ok: true, says: 'MongoDB answers' };
      } catch (error) {
        return { ok: false, says: error instanceof AppError ? error.reason : String(error) };
      }
    },
    async close() {
      await appender.idle();
      await client.close();
    },
  };
}

const emptying = { $set: { body: null, emptied: true }, $unset: { expiring: true } } as const;

/** How far its clock is ahead of ours, ms: what is stamped here is stamped by the store's clock. */
async function serverAhead(client: MongoClient, clock: Clock): Promise<number> {
  const asked = clock.now();
  const { localTime } = await client.db('admin').command({ hello: 1 });
  const answered = clock.now();
  return localTime instanceof Date ? Math.round(localTime.getTime() - (asked + answered) / 2) : 0;
}
