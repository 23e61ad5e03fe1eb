import type { Draft, MessageLog } from '../../ports/message-log.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Entry } from '../../protocol/models.ts';
import { type Call, type Handlers, person } from '../call.ts';
import type { Dispatching } from './dispatching.ts';
import type { Lanes, Stored } from './lanes.ts';
import type { Receipts } from './receipts.ts';
import { covers, memberOf, type Rules } from './rules.ts';

type Sent = { seq: number; time: number };

/** Texts, edits and removals: judged, appended, dispatched, acknowledged after the commit. */
export function makeSending({
  clock,
  messages,
  lanes,
  dispatching,
  receipts,
}: Pick<Platform, 'clock' | 'messages'> & {
  lanes: Lanes;
  dispatching: Dispatching;
  receipts: Receipts;
}): Pick<Handlers, 'message.send' | 'message.edit' | 'message.remove'> {
  const answer = (stored: Stored): Sent | Promise<Sent> => {
    if (stored.outcome === 'conflict') throw new AppError('conflict', 'client_id_used');
    const { entry } = stored;
    const sent = { seq: entry.seq, time: entry.time };
    if (stored.outcome === 'repeated') return sent;
    if (entry.senderId) receipts.wrote(entry.conversationId, entry.senderId, entry.seq);
    const erased = dispatching.dispatch(entry);
    return erased instanceof Promise ? erased.then(() => sent) : sent;
  };

  return {
    'message.send': (input, call) => {
      const { userId } = person(call);
      const { conversationId, clientId } = input;
      const draft = (rules: Rules): Draft => {
        memberOf(rules, userId);
        return {
          conversationId,
          senderId: userId,
          clientId,
          kind: 'message',
          body: { text: input.text },
          time: clock.now(),
          rulesSeq: rules.rulesSeq,
        };
      };
      return lanes
        .append(conversationId, draft)
        .then(answer, (error: unknown) =>
          unlessKnown(
            error,
            messages,
            call,
            input,
            (entry) => entry.kind === 'message' && entry.body.text === input.text,
          ),
        );
    },

    'message.edit': (input, call) => {
      const { userId } = person(call);
      const { conversationId, clientId, seq } = input;
      return lanes
        .appendSlowly(conversationId, async (rules) => {
          const target = await targetOf(messages, rules, userId, conversationId, seq);
          if (target.senderId !== userId) throw new AppError('forbidden', 'not_your_message');
          return {
            conversationId,
            senderId: userId,
            clientId,
            kind: 'edit',
            body: { text: input.text },
            target: seq,
            time: clock.now(),
            rulesSeq: rules.rulesSeq,
          };
        })
        .then(answer, (error: unknown) =>
          unlessKnown(
            error,
            messages,
            call,
            input,
            (entry) => entry.kind === 'edit' && entry.target === seq && entry.body.text === input.text,
          ),
        );
    },

    'message.remove': (input, call) => {
      const { userId } = person(call);
      const { conversationId, clientId, seq } = input;
      return lanes
        .appendSlowly(conversationId, async (rules) => {
          const target = await targetOf(messages, rules, userId, conversationId, seq);
          const moderates = rules.conversation.kind === 'group' && memberOf(rules, userId).role !== 'member';
          if (target.senderId !== userId && !moderates) throw new AppError('forbidden', 'not_your_message');
          return {
            conversationId,
            senderId: userId,
            clientId,
            kind: 'removal',
            body: {},
            target: seq,
            time: clock.now(),
            rulesSeq: rules.rulesSeq,
          };
        })
        .then(answer, (error: unknown) =>
          unlessKnown(error, messages, call, input, (entry) => entry.kind === 'removal' && entry.target === seq),
        );
    },
  };
}

/** The message an edit or removal is about. Throws `not_found` or `conflict message_removed`. */
async function targetOf(
  messages: MessageLog,
  rules: Rules,
  userId: Parameters<typeof memberOf>[1],
  conversationId: Entry['conversationId'],
  seq: number,
): Promise<Entry> {
  const { spans } = memberOf(rules, userId);
  const target = covers(spans, seq) ? await messages.entry(conversationId, seq) : null;
  if (target?.kind !== 'message') throw new AppError('not_found', 'no_such_message');
  if (target.emptied) throw new AppError('conflict', 'message_removed');
  return target;
}

/**
 * A request that is refused now may have been stored before: its key answers the first entry, whatever the sender may do
 * by now.
 */
async function unlessKnown(
  error: unknown,
  messages: MessageLog,
  call: Call,
  key: Pick<Entry, 'conversationId' | 'clientId'>,
  same: (entry: Entry) => boolean,
): Promise<Sent> {
  if (!(error instanceof AppError) || error.code === 'unavailable' || error.reason === 'client_id_used') throw error;
  const known = await messages.find(key.conversationId, person(call).userId, key.clientId);
  if (!known) throw error;
  if (!known.emptied && !same(known)) throw new AppError('conflict', 'client_id_used', { cause: error });
  return { seq: known.seq, time: known.time };
}
