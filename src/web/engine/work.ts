import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import type { Bodies, Entry, Keeping } from '../../protocol/models.ts';

/** What a person did here that the server has still to take. */
export type Work =
  | { readonly op: 'message.send'; readonly text: string; readonly replyTo?: number; readonly preview?: false }
  | {
      readonly op: 'message.forward';
      readonly from: { readonly conversationId: ConversationId; readonly seq: number };
      /** What it says, to be shown until its entry is here. */
      readonly shown: Pick<Bodies['message'], 'text' | 'forwarded'>;
    }
  | {
      readonly op: 'poll.create';
      readonly question: string;
      readonly options: readonly string[];
      readonly several: boolean;
    }
  | { readonly op: 'message.edit'; readonly seq: number; readonly text: string }
  | { readonly op: 'message.remove'; readonly seq: number }
  | { readonly op: 'message.react'; readonly seq: number; readonly emoji: string; readonly on: boolean }
  | { readonly op: 'poll.vote'; readonly seq: number; readonly options: readonly number[] }
  | { readonly op: 'message.hide'; readonly seqs: readonly number[] }
  | { readonly op: 'conversation.setMine'; readonly change: Partial<Keeping> };

export type WorkOf<Op extends Work['op']> = Extract<Work, { op: Op }>;
type Message = WorkOf<'message.send' | 'message.forward' | 'poll.create'>;
type Keyed = Message | WorkOf<'message.edit' | 'message.remove'>;

/** It becomes a message of its own. */
export const isMessage = (work: Work): work is Message =>
  work.op === 'message.send' || work.op === 'message.forward' || work.op === 'poll.create';

/** It goes under a clientId. The others are states: twice does no harm, and the last one counts. */
export const isKeyed = (work: Work): work is Keyed =>
  isMessage(work) || work.op === 'message.edit' || work.op === 'message.remove';

/** Work of one lane is done one after the other. What is written waits for nobody's reaction. */
export function laneOf(work: Work): string {
  if (isKeyed(work)) return 'log';
  return 'seq' in work ? `seq ${work.seq}` : work.op;
}

/** Whether the later one makes the earlier one needless. */
export function replaces(later: Work, earlier: Work): boolean {
  if (later.op === 'message.react')
    return earlier.op === later.op && earlier.seq === later.seq && earlier.emoji === later.emoji;
  return later.op === 'poll.vote' && earlier.op === later.op && earlier.seq === later.seq;
}

/** As the operation takes it. */
export function inputOf(conversationId: ConversationId, clientId: ClientId, work: Work): object {
  const { op: _, ...rest } = work;
  if (work.op === 'message.forward') return { conversationId, clientId, from: work.from };
  return isKeyed(work) ? { conversationId, clientId, ...rest } : { conversationId, ...rest };
}

/** What a message in the outbox says. */
export function bodyOf(
  work: Message,
):
  | { readonly kind: 'message'; readonly body: Bodies['message'] }
  | { readonly kind: 'poll'; readonly body: Bodies['poll'] } {
  switch (work.op) {
    case 'message.send': {
      const { op: _, ...body } = work;
      return { kind: 'message', body };
    }
    case 'message.forward':
      return { kind: 'message', body: work.shown };
    case 'poll.create': {
      const { question, options, several } = work;
      return { kind: 'poll', body: { question, options: [...options], several } };
    }
  }
}

interface Sent {
  readonly conversationId: ConversationId;
  readonly clientId: ClientId;
  readonly senderId: UserId;
  readonly seq: number;
  readonly time: number;
}

/** The entry that the server made of it; null where only the server knows all of it: whom it mentions, who wrote it first. */
export function entryOf(work: Work, sent: Sent): Entry | null {
  if (!isKeyed(work) || work.op === 'message.forward') return null;
  if (work.op === 'message.send' && work.text.includes('@')) return null;
  if (work.op === 'message.edit') return { ...sent, kind: 'edit', body: { text: work.text }, target: work.seq };
  if (work.op === 'message.remove') return { ...sent, kind: 'removal', body: {}, target: work.seq };
  return { ...sent, ...bodyOf(work) };
}

/** Whether an entry carries what was asked for, so that nothing of it has to be shown in advance any more. */
export function isCarriedBy(work: Work, entry: Entry, me: UserId): boolean {
  if (entry.emptied || !('seq' in work) || entry.target !== work.seq) return false;
  if (work.op === 'message.react' && entry.kind === 'reaction')
    return entry.body.changes.some(({ userId, emoji, on }) => userId === me && emoji === work.emoji && on === work.on);
  if (work.op === 'poll.vote' && entry.kind === 'vote')
    return entry.body.votes.some(({ userId, options }) => userId === me && options.join() === [...work.options].join());
  return false;
}
