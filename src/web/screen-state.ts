import { computed, signal } from '@preact/signals';
import type { ConversationId, UserId } from '../protocol/ids.ts';

/** People whose presence the list shows, and those the main pane shows. */
export const peopleInList = signal<readonly UserId[]>([]);
export const peopleInMain = signal<readonly UserId[]>([]);
export const shownConversation = signal<ConversationId | null>(null);

/** The conversation that was left last, for returning to its row in the list. */
export const leftConversation = signal<ConversationId | null>(null);

/** What the engine is told to watch. */
export const onScreen = computed(() => ({
  userIds: [...new Set([...peopleInMain.value, ...peopleInList.value])],
  conversationId: shownConversation.value,
}));

/** The list shows what is archived; it stays so while one of its conversations is open. */
export const showsArchive = signal(false);

/** Whether wide windows show the info beside the conversation. */
export const infoBeside = signal(true);
/** Ctrl K was pressed. */
export const jumping = signal(false);
