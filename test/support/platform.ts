import { generateKeyPairSync } from 'node:crypto';
import { makeMemoryBus } from '../../src/adapters/memory/bus.ts';
import { makeMemoryLimiter } from '../../src/adapters/memory/limiter.ts';
import { makeMemoryPresence } from '../../src/adapters/memory/presence.ts';
import { noPush } from '../../src/adapters/push/no-push.ts';
import { openDatabase } from '../../src/adapters/sql/database.ts';
import { migrate } from '../../src/adapters/sql/migration.ts';
import { openSqlStores } from '../../src/adapters/sql/sql-stores.ts';
import { openSqliteMessageLog } from '../../src/adapters/sql/sqlite-message-log.ts';
import { openSqliteSearchIndex } from '../../src/adapters/sql/sqlite-search-index.ts';
import { makeAccessTokens, type SigningKey } from '../../src/adapters/system/access-tokens.ts';
import { makeDigests } from '../../src/adapters/system/digests.ts';
import { makeLog } from '../../src/adapters/system/log.ts';
import { makePasskeyVerifier } from '../../src/adapters/system/passkeys.ts';
import { makePasswords } from '../../src/adapters/system/passwords.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { makeSeals } from '../../src/adapters/system/seals.ts';
import { makeTotp } from '../../src/adapters/system/totp.ts';
import { makeStemmer } from '../../src/adapters/text/stemmer.ts';
import type { Mailer } from '../../src/ports/mailer.ts';
import type { Platform } from '../../src/ports/platform.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { type HandClock, makeHandClock } from './clock.ts';

export interface TestPlatform extends Platform {
  readonly clock: HandClock;
  /** What was logged, a parsed line each. */
  readonly logged: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

const day = 24 * 3_600_000;
const testKey = Buffer.alloc(32, 7).toString('base64url');

/** Of an instance where mail is not set up. */
const noMailer: Mailer = { on: false, send: () => Promise.reject(new AppError('conflict', 'mail_off')) };

/**
 * A whole embedded platform in memory: real stores on SQLite, real hashes (cheap ones), a clock moved by hand. `over`
 * replaces parts of it.
 */
export async function makeTestPlatform(
  over: Partial<Omit<Platform, 'clock'>> & { readonly clock?: HandClock } = {},
): Promise<TestPlatform> {
  const clock = over.clock ?? makeHandClock();
  const node = over.node ?? 'main';
  const logged: Record<string, unknown>[] = [];
  const log = makeLog({ level: 'debug', destination: { write: (line) => void logged.push(JSON.parse(line)) } });

  const database = await openDatabase({ store: 'sqlite', file: ':memory:' }, clock);
  await migrate(database);
  const messages = await openSqliteMessageLog({ file: ':memory:', node, clock, log });
  const search = await openSqliteSearchIndex({ file: ':memory:', clock });
  const bus = makeMemoryBus();

  return {
    node,
    settings: testSettings,
    random: systemRandom(),
    log,
    passwords: makePasswords({ memoryMiB: 1, passes: 1 }),
    accessTokens: makeAccessTokens({ keys: [newSigningKey('test')], issuer: testSettings.address, clock }),
    digests: makeDigests(testKey),
    seals: makeSeals(testKey),
    totp: makeTotp(),
    passkeyVerifier: makePasskeyVerifier(),
    mailer: noMailer,
    host: { room: async () => ({ ok: true }) },
    ...openSqlStores(database),
    messages,
    search,
    stemmer: makeStemmer(),
    webhookSender: { post: async () => ({ failure: 'unreachable' }) },
    links: { read: async () => null },
    bus,
    presence: makeMemoryPresence({ clock }),
    push: noPush,
    limiter: makeMemoryLimiter({ clock }),
    ...over,
    clock,
    logged,
    async close() {
      await bus.close();
      await search.close();
      await messages.close();
      await database.close();
    },
  };
}

export const testSettings: Platform['settings'] = {
  instanceName: 'Test',
  version: '0.0.0',
  registration: 'invite',
  accent: null,
  address: 'https://chat.example.org',
  accessTokenMs: 10 * 60_000,
  sessionIdleMs: 90 * day,
  twoFactor: 'optional',
  trustedDeviceMs: 30 * day,
  auditMs: 365 * day,
  keepMs: null,
  language: 'en',
  linkPreviews: true,
};

export function newSigningKey(kid: string): SigningKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { kid, kty: 'OKP', crv: 'Ed25519', x, d, signsFrom: 0 };
}
