import type { ConversationId, UserId } from '../protocol/ids.ts';
import type { Privacy } from '../protocol/models.ts';

/** What some people decided about each other, and each about themselves. */
export interface Discretion {
  /** Who blocks whom. */
  readonly blocks: ReadonlyMap<UserId, ReadonlySet<UserId>>;
  /** Of those who ever decided something; the others have `openPrivacy`. */
  readonly privacy: ReadonlyMap<UserId, Privacy>;
}

/** What is not named stays. */
export type PrivacyChange = { readonly [K in keyof Privacy]?: Privacy[K] | undefined };

/** Whom people block, and what they let others see of them. Every method is atomic; times are by the store's clock. */
export interface PrivacyStore {
  /** What a person decided. `blocksChangedAt` is 0 for those who never blocked anybody. */
  of(userId: UserId): Promise<{
    readonly privacy: Privacy;
    readonly blocks: readonly UserId[];
    readonly blocksChangedAt: number;
  }>;
  /** Where `readReceipts` changes, marks count as moved in everything the person is in: others see them otherwise now. */
  set(userId: UserId, change: PrivacyChange): Promise<{ readonly before: Privacy; readonly privacy: Privacy }>;
  /**
   * Both people's rows count as changed in whatever they share. `too_many`: there would be more than `most`; then nothing
   * changes.
   */
  block(
    userId: UserId,
    blockedId: UserId,
    on: boolean,
    most: number,
  ): Promise<'changed' | 'unchanged' | 'too_many' | 'no_such_user'>;
  /** Among all who are or were in a conversation. */
  among(conversationId: ConversationId): Promise<Discretion>;
  /** Between a person and each of the others, both ways; not between the others. */
  between(userId: UserId, others: readonly UserId[]): Promise<Discretion>;
}
