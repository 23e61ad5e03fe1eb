import type { Config } from '../config/schema.ts';
import { findSecretSetting, isSecretSet } from '../config/secret-settings.ts';
import type { Patient } from './checks.ts';
import type { Check, Finding } from './step.ts';

/** Half a configuration sends nothing, and nobody notices before a letter is missed. */
export function mailCheck({ machine, home, words, typed, tryMail }: Patient, config: Config): Check {
  const { url, user, from } = config.mail;
  const { title, off, says, no_url, no_from, no_password, no_user, failed, mend } = words.checks.mail;

  async function isPasswordSet(): Promise<boolean> {
    const setting = findSecretSetting('mail.password');
    return setting !== null && (await isSecretSet(machine.path(home.folder), setting));
  }

  return {
    id: 'mail',
    title,
    async find(): Promise<Finding> {
      if (url === null) {
        if (from === null && user === null) return { ok: true, says: off, mend: null };
        return { ok: false, says: no_url, mend: mend['mail.url'](typed), advice: true };
      }
      if (from === null) return wrong(no_from, mend['mail.from'](typed));
      const hasPassword = await isPasswordSet();
      if (user !== null && !hasPassword) return wrong(no_password(user), mend['mail.user'](typed));
      if (user === null && hasPassword) return { ...wrong(no_user, mend.noUser(typed)), advice: true };
      const trouble = await tryMail?.(config);
      if (trouble) return wrong(failed(url, trouble.said), mendOf(trouble.setting));
      return { ok: true, says: says(url, from), mend: null };
    },
  };

  function mendOf(setting: string): string {
    return setting === 'mail.user' || setting === 'mail.from' ? mend[setting](typed) : mend['mail.url'](typed);
  }
}

function wrong(says: string, mend: string): Finding {
  return { ok: false, says, mend };
}
