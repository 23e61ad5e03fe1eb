import type { Secrets } from './schema.ts';
import { loadSecrets, saveSecrets } from './secrets.ts';

/** A setting that nobody is shown again. It lies among the secrets and never in the configuration. */
export interface SecretSetting {
  /** Dotted, as if it stood in the configuration. */
  readonly path: string;
  readonly description: string;
  read(secrets: Secrets): string | null;
  write(secrets: Secrets, value: string | null): Secrets;
}

export const secretSettings: readonly SecretSetting[] = [
  {
    path: 'mail.password',
    description: 'The password of `mail.user`. Kept in `secrets.json`, and never shown.',
    read: ({ mailPassword }) => mailPassword,
    write: (secrets, mailPassword) => ({ ...secrets, mailPassword }),
  },
];

export function findSecretSetting(path: string): SecretSetting | null {
  return secretSettings.find((setting) => setting.path === path) ?? null;
}

/** False, too, where the secrets cannot be read. */
export async function isSecretSet(folder: string, setting: SecretSetting): Promise<boolean> {
  const secrets = await loadSecrets(folder).catch(() => null);
  return secrets !== null && setting.read(secrets) !== null;
}

/** Null takes it away. Answers whether that changed anything. Throws Problem as `loadSecrets` does. */
export async function setSecretSetting(folder: string, setting: SecretSetting, value: string | null): Promise<boolean> {
  const secrets = await loadSecrets(folder);
  if (setting.read(secrets) === value) return false;
  await saveSecrets(folder, setting.write(secrets, value));
  return true;
}
