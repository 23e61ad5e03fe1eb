import type { ConversationItem } from '../engine/engine.ts';

/** In channels only those write who look after them. */
export function mayWriteIn({ conversation, peer }: ConversationItem): boolean {
  const { mine, settings } = conversation;
  return mine.member && peer?.gone !== true && (settings.posting === 'members' || mine.role !== 'member');
}
