import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Call } from '../call.ts';
import type { Audit } from './audit.ts';
import type { SecondFactors } from './second-factors.ts';
import type { TotpSecrets } from './totp-secrets.ts';

/** Beyond this somebody begins again, ms: who finds an old one waiting cannot make it theirs. */
const lifeMs = 60 * 60_000;

/** A secret that waits, with the step of a code that was right for it. */
interface Confirmation {
  readonly sealed: string;
  readonly step: number;
}

/** Setting up an authenticator app: begun, shown to have worked by a code, and only then kept. */
export interface TotpSetup {
  /** What the app needs. A later one replaces it. */
  begin(user: UserRecord): Promise<{ readonly secret: string; readonly uri: string }>;
  /** Null where the code is wrong. Fails with `conflict` (`totp_not_begun`) where none waits. */
  check(user: UserRecord, code: string): Promise<Confirmation | null>;
  /** From now on it counts. Answers recovery codes where it is the first second factor. Fails as `check` does. */
  keep(user: UserRecord, confirmation: Confirmation, call: Call): Promise<string[] | null>;
}

export function makeTotpSetup(
  platform: Platform,
  parts: { readonly secondFactors: SecondFactors; readonly totpSecrets: TotpSecrets; readonly audit: Audit },
): TotpSetup {
  const { totp, clock, settings } = platform;
  const { secondFactors, totpSecrets } = parts;

  return {
    async begin({ userId, name }) {
      const { secret, sealed } = totpSecrets.make(userId);
      await platform.secondFactors.beginTotp(userId, sealed);
      return { secret, uri: totp.uri(secret, name, settings.instanceName) };
    },

    async check({ userId, passwordChangedAt }, code) {
      const { pendingTotp: sealed } = await secondFactors.held(userId);
      const madeAt = sealed === null ? 0 : totpSecrets.madeAt(userId, sealed);
      if (sealed === null || madeAt + lifeMs <= clock.now() || madeAt < passwordChangedAt) throw notBegun();
      const step = totpSecrets.stepOf(userId, sealed, code);
      return step === null ? null : { sealed, step };
    },

    async keep(user, { sealed, step }, call) {
      const { userId } = user;
      const before = await secondFactors.held(userId);
      if (!(await platform.secondFactors.confirmTotp(userId, sealed, step))) throw notBegun();
      await parts.audit(call, {
        action: 'totp.added',
        actorId: userId,
        subjectId: userId,
        details: { replaced: before.totp !== null },
      });
      if (before.totp !== null) await platform.devices.distrust(userId);
      return secondFactors.added(user, before, 'totp_added');
    },
  };
}

function notBegun(): AppError {
  return new AppError('conflict', 'totp_not_begun');
}
