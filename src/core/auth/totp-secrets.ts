import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';

/** Secrets of authenticator apps, sealed for the person whose they are, with the time they were made at. */
export interface TotpSecrets {
  make(userId: UserId): { readonly secret: string; readonly sealed: string };
  /** The step that a code, as typed, is of; null where it is of none about now. */
  stepOf(userId: UserId, sealed: string, typed: string): number | null;
  /** ms UTC. */
  madeAt(userId: UserId, sealed: string): number;
}

export function makeTotpSecrets({ totp, seals, clock, log }: Platform): TotpSecrets {
  const purposeOf = (userId: UserId) => `totp ${userId}`;

  function open(userId: UserId, sealed: string): { readonly secret: string; readonly madeAt: number } | null {
    const opened = seals.open(sealed, purposeOf(userId));
    // After a restore without its secrets file an instance cannot read them: those who manage users reset them.
    if (opened === null) log.warn({ userId }, 'authenticator secret unreadable');
    const [secret = '', madeAt] = opened?.split(' ') ?? [];
    return opened === null ? null : { secret, madeAt: Number(madeAt) };
  }

  return {
    make(userId) {
      const secret = totp.newSecret();
      return { secret, sealed: seals.seal(`${secret} ${clock.now()}`, purposeOf(userId)) };
    },
    stepOf(userId, sealed, typed) {
      const opened = open(userId, sealed);
      const digits = typed.normalize('NFKC').replace(/[\s\p{Pd}]/gu, '');
      return opened === null ? null : totp.stepOf(opened.secret, digits, clock.now());
    },
    madeAt: (userId, sealed) => open(userId, sealed)?.madeAt ?? 0,
  };
}
