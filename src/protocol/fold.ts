import { limits } from './limits.ts';
import type { Ballot, Entry, LinkPreview, Message, Reaction } from './models.ts';

/**
 * The message with one more entry that targets it, which the caller knows to be later. The stores and the client share it,
 * so that history and what was heard live come to the same. Free of zod, so that the client may import the value.
 */
export function foldMessage(message: Message, entry: Entry): Message {
  if (message.emptied) return message;
  switch (entry.kind) {
    case 'removal':
      return withoutContent(message);
    case 'edit':
      if (entry.emptied) return withoutContent(message);
      return message.kind === 'message'
        ? withPreview(
            { ...message, body: { ...message.body, text: entry.body.text }, editedAt: entry.time },
            message.preview,
          )
        : message;
    case 'reaction':
      return entry.emptied
        ? message
        : withReactions(message, entry.body.changes.reduce(react, message.reactions ?? []));
    case 'vote':
      // A vote may be stored in the very moment the poll is closed: behind the closing it does not count.
      return entry.emptied || message.closed === true
        ? message
        : { ...message, ballots: entry.body.votes.reduce(vote, message.ballots ?? []) };
    case 'poll_closed':
      return { ...message, closed: true };
    case 'preview':
      return entry.emptied ? message : withPreview(message, entry.body);
    default:
      return message;
  }
}

/** Nothing is left of it but its place. */
export function withoutContent(message: Message): Message {
  const {
    editedAt: _editedAt,
    reactions: _reactions,
    ballots: _ballots,
    closed: _closed,
    preview: _preview,
    ...entry
  } = message;
  return { ...entry, body: {}, emptied: true } as Message;
}

/** Of a link that the text still holds; an edit may have taken it out, before it was looked up or since. */
function withPreview(message: Message, preview: LinkPreview | undefined): Message {
  const { preview: _, ...rest } = message;
  const holds = preview !== undefined && message.kind === 'message' && message.body.text.includes(preview.url);
  return holds ? { ...message, preview } : (rest as Message);
}

function withReactions(message: Message, reactions: readonly Reaction[]): Message {
  const { reactions: _, ...rest } = message;
  return reactions.length === 0 ? (rest as Message) : { ...message, reactions };
}

type ReactionChange = Extract<Entry, { kind: 'reaction' }>['body']['changes'][number];

function react(reactions: readonly Reaction[], { userId, emoji, on }: ReactionChange): readonly Reaction[] {
  const there = reactions.find((each) => each.emoji === emoji);
  if (there === undefined) return on ? [...reactions, { emoji, count: 1, userIds: [userId] }] : reactions;
  const named = there.userIds.includes(userId);
  // Of those who are only counted, nobody knows who they are: each change is one more or one less.
  if (on && named) return reactions;
  const count = there.count + (on ? 1 : -1);
  if (count <= 0) return reactions.filter((each) => each !== there);
  const without = there.userIds.filter((id) => id !== userId);
  const userIds = on && there.userIds.length < limits.namedReactors ? [...there.userIds, userId] : without;
  return reactions.map((each) => (each === there ? { emoji, count, userIds } : each));
}

function vote(ballots: readonly Ballot[], { userId, options }: Ballot): readonly Ballot[] {
  const others = ballots.filter((each) => each.userId !== userId);
  return options.length === 0 ? others : [...others, { userId, options }];
}
