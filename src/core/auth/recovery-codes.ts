import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';

/** 32 of them, none of which looks like another. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const lettersPerCode = 10;

/** For whoever has lost their second factor: each code signs in once. */
export interface RecoveryCodes {
  /** New ones, which nobody sees again; those before them are worth nothing from then on. */
  renew(userId: UserId): Promise<string[]>;
  drop(userId: UserId): Promise<void>;
  /** As typed. Of any number who use one code at once exactly one gets true. */
  use(userId: UserId, typed: string): Promise<boolean>;
}

export function makeRecoveryCodes({ secondFactors, random, digests }: Platform): RecoveryCodes {
  const macOf = (userId: UserId, code: string) => digests.mac(`recovery ${userId} ${canonical(code)}`);
  return {
    async renew(userId) {
      const codes = Array.from({ length: limits.recoveryCodes }, () => codeFrom(random.secret()));
      await secondFactors.setRecoveryCodes(
        userId,
        codes.map((code) => macOf(userId, code)),
      );
      return codes;
    },
    drop: (userId) => secondFactors.setRecoveryCodes(userId, []),
    use: (userId, typed) => secondFactors.useRecoveryCode(userId, macOf(userId, typed)),
  };
}

/** Five bits of each of the secret's first characters: 50 bits. */
function codeFrom(secret: string): string {
  const code = [...secret.slice(0, lettersPerCode)].map((char) => letters[base64url.indexOf(char) % letters.length]);
  return `${code.slice(0, 5).join('')}-${code.slice(5).join('')}`;
}

/** Read off paper, letters that are in no code stand for those that look like them. */
function canonical(typed: string): string {
  return typed
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
}
