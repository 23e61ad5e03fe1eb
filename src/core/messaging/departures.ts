import type { Platform } from '../../ports/platform.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Entry, kinds } from '../../protocol/models.ts';
import type { ConversationsOfPeople } from '../auth/conversations-of-people.ts';
import type { Blocking } from './blocking.ts';
import type { Dispatching } from './dispatching.ts';
import type { ChooseHeir } from './heirs.ts';
import type { Lanes } from './lanes.ts';
import type { Membership } from './membership.ts';

const rowsPage = 200;
const wholeLog = [{ from: 1, to: null }];

/** What becomes of groups and messages when an account is deleted. */
export function makeDepartures({
  conversations,
  messages,
  scheduled,
  random,
  clock,
  lanes,
  dispatching,
  membership,
  blocking,
  chooseHeir,
}: Pick<Platform, 'conversations' | 'messages' | 'scheduled' | 'random' | 'clock'> & {
  lanes: Lanes;
  dispatching: Dispatching;
  membership: Membership;
  blocking: Blocking;
  chooseHeir: ChooseHeir;
}): Pick<ConversationsOfPeople, 'depart' | 'removeMessages'> {
  async function leave(conversationId: ConversationId, userId: UserId): Promise<void> {
    await membership.change(conversationId, userId, async (present) => {
      const mine = present.members.get(userId);
      if (!mine?.member) return null;
      return { type: 'leave', userId, heir: mine.role === 'owner' ? await chooseHeir(present, userId) : null };
    });
    // An earlier run may have ended between the change and its entry.
    await membership.settle(conversationId);
  }

  /** They may be out by now: what they wrote is theirs all the same. */
  async function remove({ conversationId, seq: target }: Entry, userId: UserId): Promise<void> {
    const clientId = random.id() as ClientId;
    const stored = await lanes.append(conversationId, () => ({
      conversationId,
      senderId: userId,
      clientId,
      kind: 'removal',
      body: {},
      target,
      time: clock.now(),
      rulesSeq: null,
    }));
    if (stored.outcome === 'appended') await dispatching.dispatch(stored.entry);
  }

  return {
    async depart(userId) {
      await blocking.unblockAll(userId);
      await scheduled.forget(userId);
      for (let after: ConversationId | null = null; ; ) {
        const rows = await conversations.rows(userId, after, rowsPage);
        for (const { conversationId, conversation, member, spans, draft } of rows) {
          if (draft !== null) await conversations.setDraft(conversationId, userId, null);
          const isIn = member || spans.at(-1)?.to === null;
          if (isIn && conversation.kind === 'group') await leave(conversationId, userId);
        }
        const last = rows.at(-1);
        if (last === undefined || rows.length < rowsPage) return;
        after = last.conversationId;
      }
    },

    async removeMessages(userId, cursor) {
      const place = read(cursor);
      const [row] = await conversations.rows(userId, place.after, 1);
      if (row === undefined) return null;
      const { conversationId } = row;
      const { entries, more } = await messages.entries({
        conversationId,
        after: place.seq,
        spans: wholeLog,
        limit: limits.pageItems,
        maxBytes: limits.pageBytes,
      });
      const theirs = entries.filter((entry) => isMessageOf(userId, entry));
      await Promise.all(theirs.map((entry) => remove(entry, userId)));
      const last = entries.at(-1);
      return more && last !== undefined
        ? write({ after: place.after, seq: last.seq })
        : write({ after: conversationId, seq: 0 });
    },
  };
}

function isMessageOf(userId: UserId, { kind, senderId, emptied }: Entry): boolean {
  return kinds[kind].counts && senderId === userId && emptied !== true;
}

/** In the conversation that follows `after`, behind `seq`. */
interface Place {
  readonly after: ConversationId | null;
  readonly seq: number;
}

function write({ after, seq }: Place): string {
  return `${seq}~${after ?? ''}`;
}

function read(cursor: string | null): Place {
  const [seq = '0', after = ''] = (cursor ?? '').split('~');
  return { after: after === '' ? null : (after as ConversationId), seq: Number(seq) };
}
