import type { PasskeyRecord } from '../../ports/credential-store.ts';
import type { Letter } from '../../ports/mailer.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Letters } from './letters.ts';
import type { RecoveryCodes } from './recovery-codes.ts';
import { requiresSecondFactor } from './two-factor-policy.ts';

/** What a person has beside their password. */
export interface HeldFactors {
  /** The sealed secret of their authenticator app. */
  readonly totp: string | null;
  readonly pendingTotp: string | null;
  readonly passkeys: readonly PasskeyRecord[];
  readonly recoveryCodesLeft: number;
}

/** Recovery codes are none: they stand in for one. */
export function hasSecondFactor({ totp, passkeys }: Pick<HeldFactors, 'totp' | 'passkeys'>): boolean {
  return totp !== null || passkeys.length > 0;
}

type Change = Extract<Letter, { kind: 'second_factor_changed' }>['what'];

export interface SecondFactors {
  held(userId: UserId): Promise<HeldFactors>;
  /** Fails with `conflict` (`second_factor_required`) where the person must have one and these would be all they have. */
  refuseTooFew(user: UserRecord, left: Pick<HeldFactors, 'totp' | 'passkeys'>): void;
  /** To be called once one was added. `before`: what there was. The first one brings recovery codes, for all else null. */
  added(user: UserRecord, before: HeldFactors, what: Change): Promise<string[] | null>;
  /** To be called once one was removed or replaced: no device is trusted any longer. */
  lessened(user: UserRecord, what: Change): Promise<void>;
}

export function makeSecondFactors(
  platform: Platform,
  parts: { readonly recoveryCodes: RecoveryCodes; readonly letters: Letters },
): SecondFactors {
  const { secondFactors, passkeys, devices, clock, settings } = platform;
  const { recoveryCodes, letters } = parts;

  async function held(userId: UserId): Promise<HeldFactors> {
    const { totpSecret, pendingSecret, recoveryCodesLeft } = await secondFactors.find(userId);
    return {
      totp: totpSecret,
      pendingTotp: pendingSecret,
      passkeys: await passkeys.list(userId),
      recoveryCodesLeft,
    };
  }

  async function tell(user: UserRecord, what: Change): Promise<void> {
    await letters.write(user, { kind: 'second_factor_changed', name: user.displayName, what, at: clock.now() });
  }

  return {
    held,
    refuseTooFew({ role }, left) {
      if (!hasSecondFactor(left) && requiresSecondFactor(settings, role)) {
        throw new AppError('conflict', 'second_factor_required');
      }
    },
    async added(user, before, what) {
      const codes = hasSecondFactor(before) ? null : await recoveryCodes.renew(user.userId);
      await tell(user, what);
      return codes;
    },
    async lessened(user, what) {
      const { userId } = user;
      await devices.distrust(userId);
      if (!hasSecondFactor(await held(userId))) await recoveryCodes.drop(userId);
      await tell(user, what);
    },
  };
}
