import { makeLog } from '../../src/adapters/system/log.ts';
import { composePlatform } from '../../src/app/compose.ts';
import { loadConfig } from '../../src/config/config.ts';
import { homeAt } from '../../src/config/home.ts';
import { loadSecrets } from '../../src/config/secrets.ts';
import type { AccessClaims } from '../../src/ports/crypto.ts';
import type { Platform } from '../../src/ports/platform.ts';
import type { SessionId, UserId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { Role } from '../../src/protocol/roles.ts';
import { somebody } from './accounts.ts';
import type { Credentials } from './client.ts';

const hour = 60 * 60_000;
const atOnce = 100;

/** Works on the stores of an instance that does not run, as the product composes them. */
export async function withPlatform<T>(home: string, work: (platform: Platform) => Promise<T>): Promise<T> {
  const composition = await composePlatform({
    config: await loadConfig(home, {}),
    secrets: await loadSecrets(home),
    home: homeAt(home),
    log: makeLog({ level: 'error', destination: { write: (line) => void process.stderr.write(line) } }),
  });
  try {
    return await work(composition.platform);
  } finally {
    await composition.close();
  }
}

/**
 * Makes people with a signed-in device each, without anybody hashing a password: thousands in seconds. Their access tokens
 * hold for an hour; with `tokens` there are several, one after the other for each person.
 */
export function addSignedInPeople(
  home: string,
  count: number,
  {
    tokens = 1,
    name = 'person',
    role = 'member',
  }: { readonly tokens?: number; readonly name?: string; readonly role?: Role } = {},
): Promise<readonly Credentials[]> {
  return withPlatform(home, async (platform) => {
    const people: Credentials[] = [];
    for (let first = 0; first < count; first += atOnce) {
      const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, i) => first + i + 1);
      const made = await Promise.all(numbers.map((number) => addPerson(platform, `${name}-${number}`, role, tokens)));
      people.push(...made.flat());
    }
    return people;
  });
}

async function addPerson(platform: Platform, name: string, role: Role, tokens: number): Promise<Credentials[]> {
  const person = await addSignedInPerson(platform, name, { role });
  const more = Array.from({ length: tokens - 1 }, async (_, i) => ({
    ...person,
    accessToken: await tokenForAnHour(platform, person, platform.clock.now() + i + 1),
  }));
  return [person, ...(await Promise.all(more))];
}

export interface SignedInPerson extends Credentials {
  readonly sessionId: SessionId;
  readonly role: Role;
}

/** One such person. Without a hash no password is right. */
export async function addSignedInPerson(
  platform: Platform,
  name: string,
  { role = 'member', passwordHash = '' }: { readonly role?: Role; readonly passwordHash?: string } = {},
): Promise<SignedInPerson> {
  const userId = platform.random.id() as UserId;
  const sessionId = platform.random.id() as SessionId;
  await platform.users.add(somebody(name, { userId, passwordHash, role }));
  await platform.sessions.open({ sessionId, userId, device: 'test', address: '127.0.0.1', most: limits.sessions });
  const person = { userId, sessionId, role };
  return { ...person, accessToken: await tokenForAnHour(platform, person, platform.clock.now()) };
}

function tokenForAnHour(
  platform: Platform,
  { userId, sessionId, role }: Omit<SignedInPerson, 'accessToken'>,
  issuedAt: number,
): Promise<string> {
  return sign(platform, { userId, sessionId, role, issuedAt, expiresAt: issuedAt + hour });
}

/** A token that was good until a minute ago. */
export function expiredToken(home: string, userId: UserId): Promise<string> {
  return withPlatform(home, (platform) => {
    const now = platform.clock.now();
    const sessionId = platform.random.id() as SessionId;
    return sign(platform, { userId, sessionId, role: 'member', issuedAt: now - hour, expiresAt: now - 60_000 });
  });
}

function sign({ accessTokens }: Platform, claims: Omit<AccessClaims, 'generation'>): Promise<string> {
  return accessTokens.sign({ ...claims, generation: 1 });
}
