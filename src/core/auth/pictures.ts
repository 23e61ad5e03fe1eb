import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Output } from '../../protocol/operations.ts';
import { type Call, type Handlers, person } from '../call.ts';
import { readPicture } from '../picture.ts';
import { describeAccount } from './account.ts';
import type { Audit } from './audit.ts';
import type { TellProfile } from './profile-news.ts';
import { bounds, charge } from './throttling.ts';

/** What people look like. */
export function makePictures(
  { users, avatars, limiter }: Platform,
  parts: { readonly tellProfile: TellProfile; readonly audit: Audit },
): Pick<Handlers, 'avatar.set' | 'avatar.clear'> {
  async function show(hash: string | null, call: Call): Promise<Output<'avatar.set'>> {
    const { userId } = person(call);
    await users.setAvatar(userId, hash);
    await parts.tellProfile(userId);
    await parts.audit(call, { action: 'user.updated', subjectId: userId });
    const user = await users.find(userId);
    if (user === null) throw new AppError('not_found', 'no_such_user');
    return { me: describeAccount(user) };
  }

  return {
    async 'avatar.set'({ picture }, call) {
      const read = readPicture(picture);
      await charge(limiter, [bounds.picturesBy(person(call).userId)]);
      return show(await avatars.put(read), call);
    },
    'avatar.clear': (_input, call) => show(null, call),
  };
}
