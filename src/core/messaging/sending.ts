import type { MessageLog } from '../../ports/message-log.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { type Call, type Handlers, person } from '../call.ts';
import type { Dispatching } from './dispatching.ts';
import type { Lanes, Stored } from './lanes.ts';
import type { Receipts } from './receipts.ts';
import { covers, memberOf, type Rules } from './rules.ts';

type Sent = { seq: number; time: number };
type Key = Pick<Entry, 'conversationId' | 'clientId'>;

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

  /** What is refused now may have been stored before: then its key answers. */
  const finish = (storing: Promise<Stored>, call: Call, key: Key, same: (entry: Entry) => boolean): Promise<Sent> =>
    storing.then(answer, (error: unknown) => unlessKnown(error, messages, call, key, same));

  const drafted = ({ conversationId, clientId }: Key, senderId: UserId, { rulesSeq }: Rules) => ({
    conversationId,
    senderId,
    clientId,
    time: clock.now(),
    rulesSeq,
  });

  return {
    'message.send': (input, call) => {
      const { userId } = person(call);
      const { text } = input;
      const storing = lanes.append(input.conversationId, (rules) => {
        memberOf(rules, userId);
        return { ...drafted(input, userId, rules), kind: 'message', body: { text } };
      });
      return finish(storing, call, input, (entry) => entry.kind === 'message' && entry.body.text === text);
    },

    'message.edit': (input, call) => {
      const { userId } = person(call);
      const { text, seq } = input;
      const storing = lanes.appendSlowly(input.conversationId, async (rules) => {
        const target = await targetOf(messages, rules, userId, input.conversationId, seq);
        if (target.senderId !== userId) throw new AppError('forbidden', 'not_your_message');
        return { ...drafted(input, userId, rules), kind: 'edit', body: { text }, target: seq };
      });
      return finish(
        storing,
        call,
        input,
        (entry) => entry.kind === 'edit' && entry.target === seq && entry.body.text === text,
      );
    },

    'message.remove': (input, call) => {
      const { userId } = person(call);
      const { seq } = input;
      const storing = lanes.appendSlowly(input.conversationId, async (rules) => {
        const target = await targetOf(messages, rules, userId, input.conversationId, seq);
        const moderates = rules.conversation.kind === 'group' && memberOf(rules, userId).role !== 'member';
        if (target.senderId !== userId && !moderates) throw new AppError('forbidden', 'not_your_message');
        return { ...drafted(input, userId, rules), kind: 'removal', body: {}, target: seq };
      });
      return finish(storing, call, input, (entry) => entry.kind === 'removal' && entry.target === seq);
    },
  };
}

/** The message an edit or removal is about. Throws `not_found` or `conflict message_removed`. */
async function targetOf(
  messages: MessageLog,
  rules: Rules,
  userId: UserId,
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
  key: Key,
  same: (entry: Entry) => boolean,
): Promise<Sent> {
  if (!(error instanceof AppError) || error.code === 'unavailable' || error.reason === 'client_id_used') throw error;
  const known = await messages.find(key.conversationId, person(call).userId, key.clientId);
  if (!known) throw error;
  if (!known.emptied && !same(known)) throw new AppError('conflict', 'client_id_used', { cause: error });
  return { seq: known.seq, time: known.time };
}
