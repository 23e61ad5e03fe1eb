import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Entry, Message } from '../../protocol/models.ts';
import type { Handlers } from '../call.ts';
import { type Authoring, mustWrite } from './authoring.ts';
import { mentionedIn, type ResolveMentions } from './mentions.ts';
import { mustBeSaid } from './message-looks.ts';
import { memberOf, type Rules } from './rules.ts';

/** Texts, edits and removals. */
export function makeSending({
  messages,
  authoring,
  resolveMentions,
}: Pick<Platform, 'messages'> & {
  authoring: Authoring;
  resolveMentions: ResolveMentions;
}): Pick<Handlers, 'message.send' | 'message.edit' | 'message.remove'> {
  const mustBeThere = (rules: Rules, userId: UserId, conversationId: Entry['conversationId'], seq: number) =>
    mustBeSaid(messages, { conversationId, seq }, memberOf(rules, userId).spans);

  /** What an edit or removal is about. Throws `not_found` or `conflict message_removed`. */
  async function targetOf(...of: Parameters<typeof mustBeThere>): Promise<Message> {
    const target = await mustBeThere(...of);
    if (target.emptied) throw new AppError('conflict', 'message_removed');
    return target;
  }

  return {
    'message.send': (input, call) => {
      const { conversationId, text, replyTo, preview } = input;
      const said = { text, ...(preview === undefined ? {} : { preview }) };
      const same = (entry: Entry) =>
        entry.kind === 'message' &&
        entry.body.text === text &&
        entry.body.replyTo === replyTo &&
        entry.body.preview === preview &&
        entry.body.forwarded === undefined;
      const mentioned = mentionedIn(text);
      if (replyTo === undefined && mentioned === null) {
        const write = (rules: Rules, userId: UserId) => {
          mustWrite(rules, userId);
          return { kind: 'message', body: said } as const;
        };
        return authoring.atOnce(input, call, write, same);
      }
      const write = async (rules: Rules, userId: UserId) => {
        mustWrite(rules, userId);
        const body = { ...said, ...(mentioned === null ? {} : await resolveMentions(mentioned, rules, userId)) };
        if (replyTo === undefined) return { kind: 'message', body } as const;
        const answered = await mustBeThere(rules, userId, conversationId, replyTo);
        if (answered.emptied) throw new AppError('not_found', 'no_such_message');
        return { kind: 'message', body: { ...body, replyTo } } as const;
      };
      return authoring.slowly(input, call, write, same);
    },

    'message.edit': (input, call) => {
      const { conversationId, text, seq } = input;
      const write = async (rules: Rules, userId: UserId) => {
        mustWrite(rules, userId);
        const target = await targetOf(rules, userId, conversationId, seq);
        if (target.kind !== 'message') throw new AppError('not_found', 'no_such_message');
        if (target.senderId !== userId) throw new AppError('forbidden', 'not_your_message');
        // They are somebody else's words.
        if (target.body.forwarded !== undefined) throw new AppError('conflict', 'message_forwarded');
        const { expiresAt } = target;
        const ends = expiresAt === undefined ? {} : { expiresAt };
        return { kind: 'edit', body: { text }, target: seq, ...ends } as const;
      };
      const same = (entry: Entry) => entry.kind === 'edit' && entry.target === seq && entry.body.text === text;
      return authoring.slowly(input, call, write, same);
    },

    'message.remove': (input, call) => {
      const { conversationId, seq } = input;
      const write = async (rules: Rules, userId: UserId) => {
        const target = await targetOf(rules, userId, conversationId, seq);
        const moderates = rules.conversation.kind === 'group' && memberOf(rules, userId).role !== 'member';
        if (target.senderId !== userId && !moderates) throw new AppError('forbidden', 'not_your_message');
        return { kind: 'removal', body: {}, target: seq } as const;
      };
      return authoring.slowly(input, call, write, (entry) => entry.kind === 'removal' && entry.target === seq);
    },
  };
}
