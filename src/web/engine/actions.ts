import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Blocking } from './blocking.ts';
import type { Engine } from './engine.ts';
import { newClientId } from './ids.ts';
import { withKeeping } from './items.ts';
import { makeKeepingApart } from './keeping-apart.ts';
import type { ConversationLog } from './log.ts';
import type { Outbox } from './outbox.ts';
import type { Receipts } from './receipts.ts';
import type { Requests } from './requests.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

/** What people do beside writing. Each waits a moment for a connection and rejects with AppError. */
export function makeActions(parts: {
  readonly world: World;
  readonly state: State;
  readonly log: ConversationLog;
  readonly outbox: Pick<Outbox, 'add'>;
  readonly receipts: Pick<Receipts, 'read'>;
  readonly requests: Pick<Requests, 'ask'>;
  readonly blocking: Pick<Blocking, 'set'>;
  /** The person opened this conversation here; it is listed although nobody wrote in it yet. */
  readonly onOpened: (conversationId: ConversationId) => void;
}): Pick<Engine, 'invites' | 'people' | 'groups' | 'keeping' | 'reports' | 'links'> {
  const { world, state, log, outbox, receipts, onOpened } = parts;
  const { ask } = parts.requests;
  const { setPrivacy, reports, links } = makeKeepingApart(state, parts.requests);

  /** Once more where the connection broke before the answer: for what does no harm twice. */
  async function askAgain<T>(asking: () => Promise<T>): Promise<T> {
    try {
      return await asking();
    } catch (error) {
      if (error instanceof AppError && error.reason === 'disconnected') return asking();
      throw error;
    }
  }

  return {
    invites: {
      create: (input) => ask('invite.create', input),
      list: async () => (await ask('invite.list', {})).invites,
      async revoke(inviteId) {
        await ask('invite.revoke', { inviteId });
      },
    },
    people: {
      async find(query) {
        const { people } = await askAgain(() => ask('user.find', { query }));
        for (const profile of people) state.profiles.get(profile.userId).value ??= profile;
        return people;
      },
      block: parts.blocking.set,
      setPrivacy,
    },
    reports,
    links,
    keeping: {
      set: (conversationId, change) => outbox.add(conversationId, { op: 'conversation.setMine', change }),
      markRead(conversationId) {
        const conversation = state.rows.get(conversationId).peek()?.conversation;
        if (!conversation) return;
        log.read(conversationId, conversation.head.seq);
        receipts.read(conversationId, conversation.head.seq);
        if (withKeeping(conversation, state.outbox.get(conversationId).peek()).mine.markedUnread)
          outbox.add(conversationId, { op: 'conversation.setMine', change: { markedUnread: false } });
      },
    },
    groups: {
      async openDirect(userId) {
        const { conversation } = await askAgain(() => ask('conversation.openDirect', { userId }));
        onOpened(conversation.conversationId);
        log.learn(conversation);
        return conversation.conversationId;
      },
      async create({ title, userIds, settings = {} }) {
        const input = { clientId: newClientId(world), title, userIds: [...userIds], settings };
        const { conversation } = await askAgain(() => ask('conversation.create', input));
        log.learn(conversation);
        return conversation.conversationId;
      },
      members: (conversationId, after = '', limit = 100) =>
        askAgain(() => ask('conversation.members', { conversationId, after, limit })),
      async addMembers(conversationId, userIds) {
        await askAgain(() => ask('conversation.addMembers', { conversationId, userIds: [...userIds] }));
      },
      async removeMember(conversationId, userId) {
        await ask('conversation.removeMember', { conversationId, userId });
      },
      async setRole(conversationId, userId, role) {
        await ask('conversation.setRole', { conversationId, userId, role });
      },
      async setTitle(conversationId, title) {
        await ask('conversation.setTitle', { conversationId, title });
      },
      async setSettings(conversationId, settings) {
        await ask('conversation.setSettings', { conversationId, settings });
      },
      async leave(conversationId) {
        await ask('conversation.leave', { conversationId });
      },
    },
  };
}
