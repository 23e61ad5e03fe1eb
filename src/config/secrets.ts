import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homeAt } from './home.ts';
import { Problem } from './problem.ts';
import { type Secrets, secretsSchema } from './schema.ts';
import { asProblem, writeWhole } from './whole-file.ts';

/** New ones, for a new instance. */
export function makeSecrets(): Secrets {
  return { macKey: randomBytes(32).toString('base64url'), signingKeys: [makeSigningKey()], mailPassword: null };
}

function makeSigningKey(): Secrets['signingKeys'][number] {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (x === undefined || d === undefined) throw new Error('an Ed25519 key without its parts');
  // RFC 7638: the key's own thumbprint names it.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  return { kid, crv: 'Ed25519', kty: 'OKP', x, d, signsFrom: 0 };
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
