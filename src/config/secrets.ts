import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homeAt } from './home.ts';
import { Problem } from './problem.ts';
import { type Secrets, secretsSchema } from './schema.ts';
import { asProblem, writeWhole } from './whole-file.ts';

const minute = 60_000;
/** How long an access token lives. No setting: keys and revocations are kept for as long as tokens may count. */
export const accessTokenMs = 10 * minute;
/** What clocks may be apart, and readers keep a set of keys. */
const slackMs = 5 * minute;
/** Until a new key signs, every process has read it. */
const keyLeadMs = minute;

type SigningKey = Secrets['signingKeys'][number];

/** New ones, for a new instance. */
export function makeSecrets(): Secrets {
  return { macKey: randomBytes(32).toString('base64url'), signingKeys: [makeSigningKey(0)], mailPassword: null };
}

function makeSigningKey(signsFrom: number): SigningKey {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (x === undefined || d === undefined) throw new Error('an Ed25519 key without its parts');
  // RFC 7638: the key's own thumbprint names it.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  return { kid, crv: 'Ed25519', kty: 'OKP', x, d, signsFrom };
}

/** Throws Problem where there are none, or where they cannot be read. What they hold is never part of an error. */
export async function loadSecrets(folder: string): Promise<Secrets> {
  const { secrets: file } = homeAt(folder);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Problem('secrets_missing', { file });
    }
    throw asProblem(error, file);
  }
  const parsed = secretsSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new Problem('secrets_invalid', { file });
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export async function saveSecrets(folder: string, secrets: Secrets): Promise<void> {
  await writeWhole(homeAt(folder).secrets, `${JSON.stringify(secrets, null, 2)}\n`, 0o600);
}

/**
 * Adds a key that signs from `leadMs` after `now` on, and drops those whose successor has been signing for longer than
 * their tokens live. Nobody is signed out. Throws Problem as `loadSecrets` does.
 */
export async function rotateSigningKey(
  folder: string,
  now: number,
  leadMs = keyLeadMs,
): Promise<{
  readonly added: SigningKey;
  readonly kept: readonly SigningKey[];
  readonly dropped: readonly SigningKey[];
}> {
  const secrets = await loadSecrets(folder);
  const added = makeSigningKey(now + leadMs);
  const inOrder = secrets.signingKeys.toSorted((a, b) => a.signsFrom - b.signsFrom);
  const isSpent = (_key: SigningKey, at: number) => {
    const successor = inOrder[at + 1];
    return successor !== undefined && successor.signsFrom + accessTokenMs + slackMs < now;
  };
  const dropped = inOrder.filter(isSpent);
  const kept = inOrder.filter((key) => !dropped.includes(key));
  await saveSecrets(folder, { ...secrets, signingKeys: [...kept, added] });
  return { added, kept, dropped };
}
