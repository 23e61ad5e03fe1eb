import type { Discretion } from '../../ports/privacy-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import { type Marks, openPrivacy, type Privacy } from '../../protocol/models.ts';
import type { Rules } from './rules.ts';

/** Whether one of them blocks the other: then neither hears of the other's coming, typing and reading. */
export function isApart({ blocks }: Discretion, one: UserId, other: UserId): boolean {
  return blocks.size > 0 && (doesBlock(blocks, one, other) || doesBlock(blocks, other, one));
}

function doesBlock(blocks: Discretion['blocks'], by: UserId, whom: UserId): boolean {
  return blocks.get(by)?.has(whom) === true;
}

export function privacyOf({ privacy }: Discretion, userId: UserId): Privacy {
  return privacy.get(userId) ?? openPrivacy;
}

/** Marks as somebody may see them: as far as others can tell, who hides how far they read has read nothing. */
export function marksSeenBy<M extends Marks>(viewer: UserId, marks: readonly M[], discretion: Discretion): M[] {
  if (isPlain(discretion)) return [...marks];
  return marks.flatMap((mark) => {
    if (isApart(discretion, viewer, mark.userId)) return [];
    return [seesReadingOf(viewer, mark.userId, discretion) ? mark : { ...mark, readSeq: 0 }];
  });
}

/** Whether how far somebody read is for the viewer to see. One's own always is. */
export function seesReadingOf(viewer: UserId, userId: UserId, discretion: Discretion): boolean {
  if (viewer === userId) return true;
  return privacyOf(discretion, viewer).readReceipts && privacyOf(discretion, userId).readReceipts;
}

/** Nobody decided anything: everybody sees the same. */
export function isPlain({ blocks, privacy }: Discretion): boolean {
  return blocks.size === 0 && privacy.size === 0;
}

/**
 * Throws `forbidden`: in a direct conversation they may not reach the other person. Who is blocked hears `may_not_write`, as
 * anybody would who may not, and who blocks `person_blocked`.
 */
export function mustReach({ conversation, members, discretion }: Rules, userId: UserId): void {
  if (discretion.blocks.size === 0 || conversation.kind === 'group') return;
  for (const other of members.keys()) {
    if (other === userId) continue;
    mustBeWelcome(userId, [other], discretion);
    mustNotBlock(userId, other, discretion);
  }
}

/** Throws `forbidden may_not_write`: one of them blocks the person. */
export function mustBeWelcome(userId: UserId, others: readonly UserId[], { blocks }: Discretion): void {
  if (others.some((other) => doesBlock(blocks, other, userId))) throw new AppError('forbidden', 'may_not_write');
}

/** Throws `forbidden person_blocked`: the person blocks the other. */
export function mustNotBlock(userId: UserId, other: UserId, { blocks }: Discretion): void {
  if (doesBlock(blocks, userId, other)) throw new AppError('forbidden', 'person_blocked');
}
