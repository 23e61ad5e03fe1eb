import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeAccessTokens } from '../../src/adapters/system/access-tokens.ts';
import { makePasswords } from '../../src/adapters/system/passwords.ts';
import type { SessionId, UserId } from '../../src/protocol/ids.ts';
import { makeHome, startInstance } from '../support/instance.ts';
import { addSignedInPeople, addSignedInPerson, withPlatform } from '../support/signed-in-people.ts';
import type { SignInOrder, SignInOutcome } from './sign-in-load.ts';

const password = 'gooseberry fool 42';
/** The least that an instance may be set to, and what it is set to unless its owner says otherwise. */
const cost = { memoryMiB: 19, passes: 2 };

/**
 * Sign-ins while people write: 50 a second are offered. The server has the whole machine and the load shares it, since it
 * is the spare core that hashing is to use.
 */
export async function measureSignIns(seconds: number): Promise<SignInOutcome> {
  const home = await makeHome({
    address: 'http://127.0.0.1',
    host: '127.0.0.1',
    trustedProxies: ['127.0.0.1'],
    log: { level: 'warn' },
  });
  const people = await addSignedInPeople(home, 40);
  const names = await addPeopleWithPassword(home, 200);
  const instance = await startInstance(home);
  try {
    const order = { people, names, password, signInsPerSecond: 50, messagesPerSecond: 400, seconds };
    return await runLoad({ ...order, port: instance.port });
  } finally {
    await instance.remove();
  }
}

function addPeopleWithPassword(home: string, count: number): Promise<readonly string[]> {
  return withPlatform(home, async (platform) => {
    const passwordHash = await makePasswords(cost).hash(password);
    const names = Array.from({ length: count }, (_, i) => `signer-${i + 1}`);
    for (const name of names) await addSignedInPerson(platform, name, { passwordHash });
    return names;
  });
}

async function runLoad(order: SignInOrder): Promise<SignInOutcome> {
  const program = fileURLToPath(new URL('sign-in-load.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(order));
  const said = await text(child.stdout);
  if (said === '') throw new Error('the load ended without a figure');
  return JSON.parse(said) as SignInOutcome;
}

/** Microseconds that an access token takes to verify the first time, and again; the middle of many. */
export async function measureTokens(): Promise<{ readonly first: number; readonly again: number }> {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const key = { kid: 'bench', kty: 'OKP', crv: 'Ed25519', x, d, signsFrom: 0 } as const;
  const clock = { now: Date.now, after: () => () => {} };
  const accessTokens = makeAccessTokens({ keys: [key], issuer: 'bench', clock });
  const issuedAt = Date.now();
  const claims = { generation: 1, role: 'member', issuedAt, expiresAt: issuedAt + 600_000 } as const;
  const tokens = await Promise.all(
    Array.from({ length: 2_000 }, () =>
      accessTokens.sign({ ...claims, userId: randomUUID() as UserId, sessionId: randomUUID() as SessionId }),
    ),
  );
  const verifying = () =>
    middle(
      tokens.map((token) => {
        const start = performance.now();
        if (accessTokens.verify(token) === null) throw new Error('a good token was refused');
        return (performance.now() - start) * 1_000;
      }),
    );
  return { first: verifying(), again: verifying() };
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
