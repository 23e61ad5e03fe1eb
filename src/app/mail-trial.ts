import { openMailer } from '../adapters/mail/mailer.ts';
import type { Config } from '../config/schema.ts';
import { loadSecrets } from '../config/secrets.ts';
import { AppError } from '../protocol/errors.ts';

/**
 * Connects and signs in to the mail server as the server would; sends nothing. Null where it lets us in; else which setting
 * is to blame, and what was said.
 */
export async function tryMail(
  folder: string,
  { mail, name }: Config,
): Promise<{ readonly setting: string; readonly said: string } | null> {
  const { mailPassword } = await loadSecrets(folder);
  const mailer = openMailer({ ...mail, password: mailPassword, instanceName: name });
  try {
    await mailer.verify();
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const [blamed] = error.fields ?? [];
    return { setting: blamed?.path ?? 'mail.url', said: blamed?.message ?? error.reason };
  } finally {
    mailer.close();
  }
}
