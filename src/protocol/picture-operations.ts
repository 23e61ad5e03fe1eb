import * as z from 'zod';
import { conversationId } from './ids.ts';
import { limits } from './limits.ts';
import { account } from './models.ts';
import { done, nothing, operation } from './operation.ts';

/** Room for base64 of the largest picture, and for what stands around it. */
const bodyBytes = 2 * limits.avatarBytes;

const picture = z
  .base64()
  .min(1)
  .max(Math.ceil(limits.avatarBytes / 3) * 4)
  .describe('A WebP, JPEG or PNG file that does not move, in base64.');

/** Pictures of people and groups. Each is at `/avatars/<hash>`, for whoever knows its hash. */
export const pictureOperations = {
  'avatar.set': operation({
    summary: 'Show this picture of me. What it says beside itself (where it was taken, with what) is not kept.',
    access: 'account',
    person: true,
    http: true,
    bodyBytes,
    input: z.strictObject({ picture }),
    output: z.object({ me: account }),
  }),
  'avatar.clear': operation({
    summary: 'Show no picture of me.',
    access: 'account',
    person: true,
    input: nothing,
    output: z.object({ me: account }),
  }),
  'conversation.setAvatar': operation({
    summary: 'Show this picture of a group; null: none. Owners and admins may.',
    access: 'converse',
    person: true,
    http: true,
    bodyBytes,
    input: z.strictObject({ conversationId, picture: picture.nullable() }),
    output: done,
  }),
} as const;
