import * as z from 'zod';
import { sessionId, userId } from './ids.ts';
import { time } from './models.ts';
import { nothing, operation } from './operation.ts';

/** The instance itself, and a socket's first frame. */
export const instanceOperations = {
  'instance.about': operation({
    summary: 'What a person may know before they sign in.',
    access: 'anyone',
    anyEpoch: true,
    input: nothing,
    output: z.object({
      name: z.string(),
      version: z.string(),
      registration: z.enum(['open', 'invite', 'approval', 'closed']),
      /** Whether it can send mail: links for a forgotten password come by it. */
      mail: z.boolean(),
      /** The accent colour the owner chose, as CSS; null for the product's own. */
      accent: z.string().nullable(),
      /** The address people use, where the owner set one. */
      address: z.string().nullable(),
      /** Links that people send are not looked up here, whatever conversations want. */
      linkPreviews: z.literal(false).optional(),
    }),
  }),
  'instance.status': operation({
    summary: 'How the instance is doing.',
    access: 'inspect',
    anyEpoch: true,
    input: nothing,
    output: z.object({
      version: z.string(),
      node: z.string(),
      pid: z.int(),
      startedAt: time,
      addresses: z.array(z.string()),
      profile: z.enum(['embedded', 'stack']),
      users: z.int(),
      conversations: z.int(),
      entries: z.int(),
      connections: z.int(),
      memoryBytes: z.int(),
      dataBytes: z.int(),
      parts: z.array(z.object({ name: z.string(), ok: z.boolean(), says: z.string() })),
    }),
  }),

  'connection.open': operation({
    summary: "A socket's first frame: who is there, and which epoch they know. Sockets only.",
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({
      accessToken: z.string().max(4096),
      epoch: z.string().max(64).nullable().default(null),
      deflate: z
        .literal(true)
        .optional()
        .describe('Large answers may come as binary frames: their JSON, compressed as zlib does (RFC 1950).'),
    }),
    output: z.object({ userId, sessionId, epoch: z.string(), time, version: z.string() }),
  }),
} as const;
