import * as z from 'zod';

const url = (schemes: readonly string[]) =>
  z.string().refine((value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)), {
    error: `must begin with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });
/** A password in it would lie in a file that others may read. */
const mailUrl = url(['smtp', 'smtps']).refine((value) => {
  const { hostname, username, password, pathname, search, hash } = URL.parse(value) ?? { hostname: '' };
  return hostname !== '' && !username && !password && ['', '/'].includes(`${pathname}${search}${hash}`);
});
/** An address, alone or behind a name. */
const sender = z
  .string()
  .regex(/^(?:[^<>@\p{Cc}]*<[^<>@\s\p{Cc}]+@[^<>@\s\p{Cc}]+>|[^<>@\s\p{Cc}]+@[^<>@\s\p{Cc}]+)$/u);
const postgresUrl = url(['postgres', 'postgresql']);

const storeFields = <Kinds extends readonly [string, ...string[]]>(
  kinds: Kinds,
  what: z.ZodType<string>,
  keeps: string,
) => ({
  store: z
    .enum(kinds)
    .default(kinds[0] as Kinds[number])
    .describe(keeps),
  url: what.nullable().default(null).describe('Where it is, for a store that is a server of its own.'),
});

const store = <Kinds extends readonly [string, ...string[]]>(...fields: Parameters<typeof storeFields<Kinds>>) =>
  z.strictObject(storeFields(...fields)).prefault({});

/** Every setting, declared once: type, default, description. The file, its comments, `config` and the docs derive from it. */
export const configSchema = z.strictObject({
  name: z.string().min(1).max(60).default('Messenger').describe('What people see this instance called.'),
  address: z
    .string()
    .regex(/^https?:\/\/[^/\s]+$/)
    .nullable()
    .default(null)
    .describe('The address people use, without a slash at its end. Invites carry it. Unset: this host’s LAN address.'),
  port: z.int().min(1).max(65_535).default(8080).describe('The port it listens on.'),
  host: z.string().default('0.0.0.0').describe('The network address it listens on. 127.0.0.1: this host only.'),
  insecure: z
    .boolean()
    .default(false)
    .describe('Serve plain http to public addresses too. Passwords then travel readable; for tests only.'),
  trustedProxies: z.array(z.string()).default([]).describe('Addresses of proxies whose X-Forwarded-For is believed.'),
  registration: z
    .enum(['open', 'invite', 'approval', 'closed'])
    .default('invite')
    .describe(
      'Who may make an account: anybody, who has an invite, anybody whom an admin then approves (or who has an invite), or nobody.',
    ),
  language: z.enum(['en', 'ru']).default('en').describe('What mails are written in to people who chose no language.'),
  accent: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i)
    .nullable()
    .default(null)
    .describe('The accent colour of the client, like #3366cc.'),
  node: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/)
    .default('main')
    .describe('The name of this server process; with several, each has its own.'),
  database: store(['sqlite', 'postgres'], postgresUrl, 'What keeps them.').describe(
    'Where accounts, conversations and settings lie.',
  ),
  messages: z
    .strictObject({
      ...storeFields(
        ['sqlite', 'postgres', 'mongodb'],
        url(['postgres', 'postgresql', 'mongodb', 'mongodb+srv']),
        'What keeps them.',
      ),
      keepDays: z
        .int()
        .min(1)
        .max(3650)
        .nullable()
        .default(null)
        .describe('Messages older than so many days are erased in all conversations. Unset: they are kept.'),
      linkPreviews: z
        .boolean()
        .default(true)
        .describe(
          'Look up the links that people send, and show what they lead to. The server then visits those pages.',
        ),
    })
    .prefault({})
    .describe('Where messages lie, and what becomes of them.'),
  bus: store(
    ['memory', 'redis'],
    url(['redis', 'rediss']),
    'What carries it: memory within one process, Redis between several.',
  ).describe('How server processes hear each other. One process alone needs none.'),
  auth: z
    .strictObject({
      sessionIdleDays: z.int().min(1).max(3650).default(90).describe('A device unused for this long is signed out.'),
      twoFactor: z
        .enum(['optional', 'required', 'required-for-admins'])
        .default('optional')
        .describe('Who must have a second factor: whoever wants to, everybody, or owners and admins.'),
      trustedDeviceDays: z
        .int()
        .min(1)
        .max(365)
        .default(30)
        .describe('A device that somebody trusts is asked for no second factor for so long.'),
      auditDays: z.int().min(1).max(3650).default(365).describe('How long the audit log is kept.'),
      argon2MemoryMiB: z.int().min(19).max(1024).default(19).describe('Memory that one password hash takes.'),
      argon2Passes: z.int().min(2).max(20).default(2).describe('Passes that one password hash takes.'),
    })
    .prefault({})
    .describe('Signing in.'),
  mail: z
    .strictObject({
      url: mailUrl
        .nullable()
        .default(null)
        .describe('The mail server: smtp://mail.example.org:587, or smtps://mail.example.org. Unset: no mail is sent.'),
      user: z
        .string()
        .nullable()
        .default(null)
        .describe('Who signs in to it. Its password: `config set mail.password`.'),
      from: sender.nullable().default(null).describe('The sender: "Chat <chat@example.org>". Unset: no mail is sent.'),
    })
    .prefault({})
    .describe('Mail: links for forgotten passwords, and word of sign-ins on new devices.'),
  webhooks: z
    .strictObject({
      privateNetworks: z
        .boolean()
        .default(false)
        .describe(
          'Outgoing webhooks may lead to this host and into its networks. Whoever leads a group can then reach them.',
        ),
    })
    .prefault({})
    .describe('Webhooks.'),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is logged.'),
    })
    .prefault({})
    .describe('Logging.'),
});

export type Config = z.output<typeof configSchema>;

/** Kept apart from the configuration, in a file only its owner may read. */
export const secretsSchema = z.strictObject({
  /** 256 bits, base64url: the key of refresh tokens. */
  macKey: z.string().min(43),
  /** Ed25519 private keys as JWK. All of them verify. */
  signingKeys: z
    .array(
      z.strictObject({
        kid: z.string(),
        crv: z.literal('Ed25519'),
        kty: z.literal('OKP'),
        x: z.string(),
        d: z.string(),
        /** From when on it signs, ms UTC: the newest whose time has come does. */
        signsFrom: z.int().nonnegative().default(0),
      }),
    )
    .min(1),
  /** For the mail server. */
  mailPassword: z.string().nullable().default(null),
});
export type Secrets = z.output<typeof secretsSchema>;
