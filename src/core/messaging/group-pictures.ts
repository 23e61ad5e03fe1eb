import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import { bounds, charge } from '../auth/throttling.ts';
import { type Handlers, person } from '../call.ts';
import { readPicture } from '../picture.ts';
import type { Membership } from './membership.ts';
import { memberOf } from './rules.ts';

/** What groups look like: a setting of theirs. */
export function makeGroupPictures({
  avatars,
  limiter,
  membership,
}: Pick<Platform, 'avatars' | 'limiter'> & { membership: Membership }): Pick<Handlers, 'conversation.setAvatar'> {
  return {
    'conversation.setAvatar': async ({ conversationId, picture }, call) => {
      const { userId } = person(call);
      const read = picture === null ? null : readPicture(picture);
      await charge(limiter, [bounds.picturesBy(userId)]);
      await membership.change(conversationId, userId, async (present) => {
        const { kind, settings } = present.conversation;
        const { role } = memberOf(present, userId);
        if (kind === 'direct') throw new AppError('conflict', 'direct_conversation');
        if (role === 'member') throw new AppError('forbidden', 'not_an_admin');
        const avatar = read === null ? null : await avatars.put(read);
        return settings.avatar === avatar ? null : { type: 'settings', settings: { ...settings, avatar } };
      });
      return {};
    },
  };
}
