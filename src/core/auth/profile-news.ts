import type { Platform } from '../../ports/platform.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';

/** A person's own devices, and everybody they share or shared a conversation with, hear that their profile changed. */
export type TellProfile = (userId: UserId) => Promise<void>;

const rowsPage = 1_000;

export function makeTellProfile({ users, conversations, bus }: Platform): TellProfile {
  return async (userId) => {
    bus.publish(`user:${userId}`, { type: 'changed', userId });
    for (let after: ConversationId | null = null; ; ) {
      const rows = await conversations.rows(userId, after, rowsPage);
      // Read last and told at once: of two changes the later is heard last.
      const profiles = await users.profiles([userId]);
      for (const { conversationId } of rows) {
        bus.publish(`conversation:${conversationId}`, { type: 'profiles', profiles });
      }
      after = rows.at(-1)?.conversationId ?? null;
      if (rows.length < rowsPage) return;
    }
  };
}
