import type { Change, MemberRecord } from '../../ports/conversation-store.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { kinds } from '../../protocol/models.ts';
import { type Handlers, person } from '../call.ts';
import type { Membership } from './membership.ts';
import { covers, memberOf, type Rules } from './rules.ts';

/** Pins. A removal takes a pin down by itself (`dispatching`), so that nobody has to be asked what is removed. */
export function makePinning({
  messages,
  membership,
}: Pick<Platform, 'messages'> & { membership: Membership }): Pick<Handlers, 'message.pin'> {
  async function mustBeThere(conversationId: ConversationId, seq: number): Promise<void> {
    const target = await messages.entry(conversationId, seq);
    if (!target || !kinds[target.kind].counts || target.emptied) throw new AppError('not_found', 'no_such_message');
  }

  async function judge(rules: Rules, mine: MemberRecord, seq: number, on: boolean): Promise<Change | null> {
    const { conversationId, kind, pins } = rules.conversation;
    if (kind === 'group' && mine.role === 'member') throw new AppError('forbidden', 'not_an_admin');
    const isMineToRead = covers(mine.spans, seq);
    if (on && !isMineToRead) throw new AppError('not_found', 'no_such_message');
    const isPinned = isMineToRead && pins.includes(seq);
    if (isPinned === on) return null;
    if (!on) return { type: 'pin', seq, on };
    await mustBeThere(conversationId, seq);
    if (pins.length >= limits.pins) throw new AppError('conflict', 'too_many_pins');
    return { type: 'pin', seq, on };
  }

  return {
    'message.pin': async ({ conversationId, seq, on }, call) => {
      const { userId } = person(call);
      await membership.change(conversationId, userId, (rules) => judge(rules, memberOf(rules, userId), seq, on));
      return {};
    },
  };
}
