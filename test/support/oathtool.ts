import { execFileSync } from 'node:child_process';

const stepMs = 30_000;

/** An authenticator app: Debian's oathtool. */
export interface AuthenticatorApp {
  /**
   * The present code, or the next one where the present was shown already: servers take each once. Two in one step are all
   * that a server with a tolerance of one step takes.
   */
  code(): string;
}

export function makeAuthenticatorApp(secret: string): AuthenticatorApp {
  let shown = 0;
  return {
    code() {
      shown = Math.max(Math.floor(Date.now() / stepMs), shown + 1);
      return execFileSync('oathtool', ['--totp', '--base32', `--now=@${(shown * stepMs) / 1_000}`, '-'], {
        input: secret,
        encoding: 'utf8',
      }).trim();
    },
  };
}
