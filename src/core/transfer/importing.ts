import type { ImportRecord } from '../../ports/import-store.ts';
import type { Draft } from '../../ports/message-log.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import type { Input } from '../../protocol/operations.ts';
import type { Audit } from '../auth/audit.ts';
import type { Handlers } from '../call.ts';
import type { Indexing } from '../messaging/indexing.ts';
import type { RulesCache } from '../messaging/rules.ts';

type GivenEntry = Input<'import.entries'>['entries'][number];

/**
 * Conversations from elsewhere come in: entries first, under their own times, then the conversation, then its members, who
 * see it from then on. It may end at any point, and goes on there; what did not come by an import is never touched. Nobody
 * is notified of what comes.
 */
export function makeImporting({
  node,
  avatars,
  bus,
  conversations,
  messages,
  imports,
  rules,
  indexing,
  audit,
}: Pick<Platform, 'node' | 'avatars' | 'bus' | 'conversations' | 'messages' | 'imports'> & {
  readonly rules: Pick<RulesCache, 'forget'>;
  readonly indexing: Pick<Indexing, 'heard'>;
  readonly audit: Audit;
}): Pick<Handlers, 'import.begin' | 'import.entries' | 'import.conversation' | 'import.members' | 'import.finish'> {
  const headOf = async (conversationId: ConversationId) => (await messages.heads([conversationId]))[0]?.seq ?? 0;

  /** Throws where nothing was begun, and where it is complete. */
  async function begun(conversationId: ConversationId): Promise<ImportRecord> {
    const record = await imports.find(conversationId);
    if (record === null) throw new AppError('not_found', 'no_such_import');
    if (record.finishedAt !== null) throw new AppError('conflict', 'import_finished');
    return record;
  }

  async function kindFor(pair: readonly [UserId, UserId] | null): Promise<'direct' | 'group'> {
    return pair !== null && (await conversations.findDirect(...pair)) === null ? 'direct' : 'group';
  }

  /** The caller goes on with what is not there: what was killed in between is done again. */
  async function append(conversationId: ConversationId, given: readonly GivenEntry[], after: number): Promise<number> {
    const head = await headOf(conversationId);
    if (after > head) throw new AppError('conflict', 'import_gap');
    const fresh = given.slice(head - after);
    // In one turn of the event loop, so that they share commits and keep their order.
    const stored = await Promise.all(fresh.map((entry) => messages.append(draftOf(conversationId, entry))));
    stored.forEach((each, at) => {
      const isInPlace = 'entry' in each && each.entry.seq === after + given.length - fresh.length + at + 1;
      if (!isInPlace) throw new AppError('conflict', 'import_conflict');
    });
    for (const [at, entry] of given.entries()) {
      if (entry.kind === 'emptied') await messages.erase(conversationId, after + at + 1);
    }
    // It owes nobody anything.
    await messages.markDispatched(node, [{ conversationId, seq: after + given.length }]);
    return fresh.length;
  }

  return {
    async 'import.begin'({ source, key, conversationId, pair, dryRun }, call) {
      const known = await imports.findByKey(source, key);
      if (known !== null) {
        const outcome = known.finishedAt === null ? 'begun' : 'finished';
        const seq = await headOf(known.conversationId);
        return { conversationId: known.conversationId, outcome, kind: known.kind, seq };
      }
      const there = await conversations.find(conversationId);
      if (there !== null)
        return { conversationId, outcome: 'here', kind: there.kind, seq: await headOf(conversationId) };
      const kind = await kindFor(pair);
      if (!dryRun) {
        await imports.begin({ source, key, conversationId, kind });
        await audit(call, { action: 'conversation.imported', subjectId: conversationId, details: { source } });
      }
      return { conversationId, outcome: 'new', kind, seq: 0 };
    },

    async 'import.entries'({ conversationId, after, entries }) {
      await begun(conversationId);
      const appended = await append(conversationId, entries, after);
      return { appended, seq: await headOf(conversationId) };
    },

    async 'import.conversation'({ conversationId, firstSeq, ...wanted }) {
      const { kind } = await begun(conversationId);
      if (firstSeq > 1) await messages.retire(conversationId, firstSeq - 1);
      const { avatar } = wanted.settings;
      const isThere = avatar !== null && (await avatars.find(avatar)) !== null;
      const settings = { ...wanted.settings, avatar: isThere ? avatar : null };
      const conversation = { ...wanted, settings, conversationId };
      const pair = kind === 'direct' ? wanted.pair : null;
      const outcome = await imports.addConversation({ ...conversation, pair, ...(pair === null ? {} : { title: '' }) });
      // The two began to write each other in the meantime.
      if (outcome === 'pair_taken') await imports.addConversation({ ...conversation, pair: null });
      return { kind: (await conversations.find(conversationId))?.kind ?? kind };
    },

    async 'import.members'({ conversationId, members }) {
      await begun(conversationId);
      if ((await conversations.find(conversationId)) === null) throw new AppError('conflict', 'import_gap');
      await imports.addMembers(conversationId, members);
      return {};
    },

    async 'import.finish'({ conversationId }) {
      const record = await imports.find(conversationId);
      if (record === null) throw new AppError('not_found', 'no_such_import');
      await imports.finish(conversationId);
      rules.forget(conversationId);
      const loaded = await conversations.load(conversationId);
      for (const { userId } of loaded?.members ?? []) bus.publish(`user:${userId}`, { type: 'changed', userId });
      const last = await messages.entry(conversationId, await headOf(conversationId));
      if (last !== null) indexing.heard(last);
      return {};
    },
  };
}

function draftOf(conversationId: ConversationId, entry: GivenEntry): Draft {
  const { time, senderId, clientId, target } = entry as GivenEntry & Pick<Entry, 'target'>;
  const place = { conversationId, time, senderId, clientId, rulesSeq: null };
  const targeting = target === undefined ? {} : { target };
  if (entry.kind === 'emptied') return { ...place, ...targeting, kind: entry.was, body: {} } as Draft;
  const expiring = entry.expiresAt === undefined ? {} : { expiresAt: entry.expiresAt };
  return { ...place, ...targeting, ...expiring, kind: entry.kind, body: entry.body } as Draft;
}
