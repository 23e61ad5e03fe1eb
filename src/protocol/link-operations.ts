import * as z from 'zod';
import { conversationId, groupLinkId } from './ids.ts';
import { limits } from './limits.ts';
import { groupLink, groupSettings } from './models.ts';
import { done, operation } from './operation.ts';

const secret = z.string().min(1).max(200);

/** Links that let people who have an account here into a group. */
export const linkOperations = {
  'link.create': operation({
    summary:
      'A link by which people join a group by themselves. Its owner and admins may. The link is shown this once.',
    access: 'converse',
    person: true,
    input: z.strictObject({
      conversationId,
      expiresInHours: z
        .int()
        .min(1)
        .max(limits.linkHours)
        .nullable()
        .default(7 * 24)
        .describe('Null: it does not expire.'),
      maxUses: z.int().min(1).max(limits.members).nullable().default(null).describe('Null: no limit.'),
    }),
    output: z.object({ groupLink, secret: z.string(), link: z.string() }),
  }),
  'link.list': operation({
    summary: 'The links of a group that still count, the newest first, for its owner and admins.',
    access: 'converse',
    person: true,
    input: z.strictObject({ conversationId }),
    output: z.object({ links: z.array(groupLink) }),
  }),
  'link.revoke': operation({
    summary: 'Nobody joins by this link any more. The owner and admins of the group may. Twice does no harm.',
    access: 'converse',
    person: true,
    input: z.strictObject({ groupLinkId }),
    output: done,
  }),
  'link.look': operation({
    summary: 'Where a link leads to.',
    access: 'chat',
    person: true,
    input: z.strictObject({ secret }),
    output: z.object({
      conversationId,
      title: z.string(),
      description: z.string(),
      avatar: groupSettings.shape.avatar,
      memberCount: z.int().nonnegative(),
      /** I am in already. */
      member: z.boolean(),
    }),
  }),
  'link.join': operation({
    summary:
      'Join a group by a link. Whoever is in already joins nothing. Who was removed by an owner or admin comes back only when one adds them.',
    access: 'chat',
    person: true,
    input: z.strictObject({ secret }),
    output: z.object({ conversationId }),
  }),
} as const;
