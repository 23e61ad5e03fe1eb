import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openMailer } from '../adapters/mail/mailer.ts';
import { makeMemoryBus } from '../adapters/memory/bus.ts';
import { makeMemoryLimiter } from '../adapters/memory/limiter.ts';
import { makeMemoryPresence } from '../adapters/memory/presence.ts';
import { noPush } from '../adapters/push/no-push.ts';
import { type Database, openDatabase } from '../adapters/sql/database.ts';
import { migrate } from '../adapters/sql/migration.ts';
import { openSqlStores } from '../adapters/sql/sql-stores.ts';
import { openSqliteMessageLog } from '../adapters/sql/sqlite-message-log.ts';
import { openSqliteSearchIndex } from '../adapters/sql/sqlite-search-index.ts';
import { makeAccessTokens } from '../adapters/system/access-tokens.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { makeDigests } from '../adapters/system/digests.ts';
import { makeHost } from '../adapters/system/host.ts';
import { makeLinkReader } from '../adapters/system/link-reader.ts';
import { makePasskeyVerifier } from '../adapters/system/passkeys.ts';
import { makePasswords } from '../adapters/system/passwords.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { makeSeals } from '../adapters/system/seals.ts';
import { makeTotp } from '../adapters/system/totp.ts';
import { makeWebhookSender } from '../adapters/system/webhook-sender.ts';
import { makeStemmer } from '../adapters/text/stemmer.ts';
import type { Home } from '../config/home.ts';
import type { Config, Secrets } from '../config/schema.ts';
import { accessTokenMs } from '../config/secrets.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { MessageLog } from '../ports/message-log.ts';
import type { Platform } from '../ports/platform.ts';
import type { SearchIndex } from '../ports/search-index.ts';
import { AppError } from '../protocol/errors.ts';
import type { NodeId } from '../protocol/ids.ts';
import { lanAddresses } from '../server/addresses.ts';
import type { Part } from '../server/health.ts';
import { type KeyWatch, makeKeyWatch } from './key-watch.ts';
import { version } from './package.ts';

const day = 24 * 3_600_000;
/** All nodes name the same one, and a new address of the instance signs nobody out. Its keys tell instances apart. */
const issuer = 'messenger';

/** An instance's stores and everything else core sees, opened; nothing runs yet. */
export interface Composition {
  readonly config: Config;
  readonly platform: Platform;
  readonly profile: 'embedded' | 'stack';
  /** What can be well or not. */
  readonly parts: readonly Part[];
  /** Takes new signing keys while it runs. */
  readonly keyWatch: KeyWatch;
  /** Bytes that the instance's own files take. */
  dataBytes(): Promise<number>;
  close(): Promise<void>;
}

type Closing = () => void | Promise<void>;

/**
 * Turns the configuration into a platform: the only place that chooses between embedded and stack. Databases are brought
 * to this version. Throws AppError as the stores do; what was opened is closed again.
 */
export async function composePlatform({
  config,
  secrets,
  home,
  log,
}: {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly home: Home;
  readonly log: Log;
}): Promise<Composition> {
  const closings: Closing[] = [];
  const close = async () => {
    for (const closing of closings.splice(0).reverse()) await closing();
  };
  try {
    const clock = systemClock(log);
    const database = await openDatabase(
      config.database.store === 'sqlite'
        ? { store: 'sqlite', file: home.database }
        : { store: 'postgres', url: urlOf(config, 'database') },
      clock,
    );
    closings.push(() => database.close());
    const steps = await migrate(database);
    if (steps.length > 0) log.info({ steps }, 'database migrated');

    const where = { node: config.node, clock, log };
    const messages = await openMessages(config, home, where);
    closings.push(() => messages.close());
    const search = await openSearch(config, home, { database, clock });
    closings.push(() => search.close());
    const between = await openBetween(config, where);
    closings.push(() => between.close());

    const mailer = openMailer({ ...config.mail, password: secrets.mailPassword, instanceName: config.name });
    closings.push(() => mailer.close());
    const accessTokens = makeAccessTokens({ keys: secrets.signingKeys, issuer, clock });
    const settings = settingsOf(config);
    const platform: Platform = {
      node: config.node,
      settings,
      clock,
      random: systemRandom(),
      log,
      passwords: makePasswords({ memoryMiB: config.auth.argon2MemoryMiB, passes: config.auth.argon2Passes }),
      accessTokens,
      digests: makeDigests(secrets.macKey),
      seals: makeSeals(secrets.macKey),
      totp: makeTotp(),
      passkeyVerifier: makePasskeyVerifier(),
      mailer,
      webhookSender: makeWebhookSender({ clock, privateNetworks: config.webhooks.privateNetworks, version }),
      host: makeHost({ folder: home.data, clock }),
      ...openSqlStores(database),
      messages,
      search,
      stemmer: makeStemmer(),
      links: makeLinkReader({ clock, log, version }),
      bus: between.bus,
      presence: between.presence,
      push: noPush,
      limiter: between.limiter,
    };
    return {
      config,
      platform,
      profile: isEmbedded(config) ? 'embedded' : 'stack',
      parts: [
        { name: 'database', check: () => database.health() },
        { name: 'messages', check: () => messages.health() },
        { name: 'bus', check: () => between.bus.health() },
      ],
      keyWatch: makeKeyWatch({
        home,
        clock,
        log,
        useKeys: accessTokens.useKeys,
        onChanged: (kids) => noteKeys(platform, kids),
      }),
      dataBytes: () => bytesIn(home.data),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whoever changed the file is nobody the instance knows: the owner of the host. */
function noteKeys({ audit, log, node }: Platform, kids: readonly string[]): void {
  const details = { via: 'local', node, newest: kids.at(-1) ?? '', keys: kids.length };
  log.info(details, 'signing keys changed');
  audit
    .add({ action: 'signing_keys.changed', actorId: null, subjectId: null, address: null, details })
    .catch((error: unknown) => log.error({ err: error }, 'audit event not stored'));
}

interface Where {
  readonly node: NodeId;
  readonly clock: Clock;
  readonly log: Log;
}

async function openMessages(config: Config, home: Home, where: Where): Promise<MessageLog> {
  if (config.messages.store === 'sqlite') return openSqliteMessageLog({ file: home.messages, ...where });
  if (config.messages.store === 'mongodb') {
    const { openMongoMessageLog } = await import('../adapters/mongo/message-log.ts');
    return openMongoMessageLog({ url: urlOf(config, 'messages'), ...where });
  }
  const { openPostgresMessageLog } = await import('../adapters/sql/postgres-message-log.ts');
  return openPostgresMessageLog({ url: urlOf(config, 'messages'), ...where });
}

/** Where the database is, wherever messages lie. */
async function openSearch(
  config: Config,
  home: Home,
  { database, clock }: { readonly database: Database; readonly clock: Clock },
): Promise<SearchIndex> {
  if (config.database.store === 'sqlite') return openSqliteSearchIndex({ file: home.search, clock });
  const { openPostgresSearchIndex } = await import('../adapters/sql/postgres-search-index.ts');
  return openPostgresSearchIndex(database);
}

/** What is between nodes. A driver that is not needed is not loaded. */
type Between = Pick<Platform, 'bus' | 'presence' | 'limiter'> & { close(): Promise<void> };

async function openBetween(config: Config, where: Where): Promise<Between> {
  if (config.bus.store === 'redis') {
    const { openRedis } = await import('../adapters/redis/redis.ts');
    return openRedis({ url: urlOf(config, 'bus'), ...where });
  }
  const bus = makeMemoryBus();
  return { bus, presence: makeMemoryPresence(where), limiter: makeMemoryLimiter(where), close: () => bus.close() };
}

function isEmbedded({ database, messages, bus }: Config): boolean {
  return database.store === 'sqlite' && messages.store === 'sqlite' && bus.store === 'memory';
}

function urlOf(config: Config, part: 'database' | 'messages' | 'bus'): string {
  const { store, url } = config[part];
  if (url !== null) return url;
  const fields = [{ path: `${part}.url`, message: `says where ${store} is` }];
  throw new AppError('invalid', 'url_missing', { fields });
}

function settingsOf(config: Config): Platform['settings'] {
  return {
    instanceName: config.name,
    version,
    registration: config.registration,
    accent: config.accent,
    address: config.address ?? ownAddress(config),
    accessTokenMs,
    sessionIdleMs: config.auth.sessionIdleDays * day,
    twoFactor: config.auth.twoFactor,
    trustedDeviceMs: config.auth.trustedDeviceDays * day,
    auditMs: config.auth.auditDays * day,
    keepMs: config.messages.keepDays === null ? null : config.messages.keepDays * day,
    language: config.language,
    linkPreviews: config.messages.linkPreviews,
  };
}

/** Where others in the local network reach this host; itself alone where there is no network or none is listened to. */
function ownAddress({ host, port }: Config): string {
  const name = isLoopback(host) ? 'localhost' : (lanAddresses()[0] ?? 'localhost');
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => null);
      return found?.isFile() === true ? found.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
