import type { Platform } from '../../ports/platform.ts';
import type { ClientId, ConversationId } from '../../protocol/ids.ts';
import type { Dispatching } from './dispatching.ts';
import type { Lanes } from './lanes.ts';

/**
 * Removes a message for everybody by the instance's authority, whoever is in the conversation: the entry has no sender, so
 * that nobody there learns which of the moderators it was. False: it was removed before, or is none. Twice does no harm.
 */
export type RemoveByAuthority = (place: {
  readonly conversationId: ConversationId;
  readonly seq: number;
}) => Promise<boolean>;

export function makeRemoveByAuthority({
  clock,
  messages,
  random,
  lanes,
  dispatching,
}: Pick<Platform, 'clock' | 'messages' | 'random'> & {
  lanes: Lanes;
  dispatching: Dispatching;
}): RemoveByAuthority {
  return ({ conversationId, seq }) =>
    // The message is emptied only when its removal is dispatched: who comes next has to wait for that to see it.
    lanes.alone(conversationId, async () => {
      const entry = await messages.entry(conversationId, seq);
      if (entry === null || entry.emptied) return false;
      const stored = await messages.append({
        conversationId,
        senderId: null,
        clientId: random.id() as ClientId,
        kind: 'removal',
        body: {},
        target: seq,
        time: clock.now(),
        rulesSeq: null,
      });
      if (stored.outcome === 'appended') await dispatching.dispatch(stored.entry);
      return stored.outcome === 'appended';
    });
}
