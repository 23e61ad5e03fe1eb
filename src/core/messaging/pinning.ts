import type { Change, MemberRecord } from '../../ports/conversation-store.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { type Handlers, person } from '../call.ts';
import { mustReach } from './discretion.ts';
import type { Membership } from './membership.ts';
import { mustBeSaid } from './message-looks.ts';
import { covers, memberOf, type Rules } from './rules.ts';

/** Pins. A removal takes a pin down by itself (`dispatching`), so that nobody has to be asked what is removed. */
export function makePinning({
  messages,
  membership,
}: Pick<Platform, 'messages'> & { membership: Membership }): Pick<Handlers, 'message.pin'> {
  async function judge(rules: Rules, mine: MemberRecord, seq: number, on: boolean): Promise<Change | null> {
    const { conversationId, kind, pins } = rules.conversation;
    mustReach(rules, mine.userId);
    if (kind === 'group' && mine.role === 'member') throw new AppError('forbidden', 'not_an_admin');
    const isPinned = pins.includes(seq) && covers(mine.spans, seq);
    if (isPinned === on) return null;
    if (!on) return { type: 'pin', seq, on };
    const { emptied } = await mustBeSaid(messages, { conversationId, seq }, mine.spans);
    if (emptied) throw new AppError('not_found', 'no_such_message');
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
