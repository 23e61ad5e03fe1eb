import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { PasskeyId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Passkey } from '../../protocol/models.ts';
import { type Handlers, person } from '../call.ts';
import type { Audit } from './audit.ts';
import type { PasskeyAttempts } from './passkey-attempts.ts';
import { neededPasskeyPlace } from './passkey-place.ts';
import type { PresentPassword } from './present-password.ts';
import type { SecondFactors } from './second-factors.ts';

/** A person's own passkeys. */
export function makePasskeys(
  platform: Platform,
  parts: {
    readonly presentPassword: PresentPassword;
    readonly secondFactors: SecondFactors;
    readonly passkeyAttempts: PasskeyAttempts;
    readonly audit: Audit;
  },
): Pick<Handlers, 'passkey.begin' | 'passkey.finish' | 'passkey.rename' | 'passkey.remove'> {
  const { users, passkeys, passkeyVerifier, random, settings } = platform;
  const { presentPassword, secondFactors, passkeyAttempts, audit } = parts;

  async function self(userId: UserId): Promise<UserRecord> {
    const user = await users.find(userId);
    if (user === null) throw new AppError('not_found', 'no_such_user');
    return user;
  }

  return {
    async 'passkey.begin'({ present }, call) {
      const place = neededPasskeyPlace(call, settings);
      const user = await presentPassword(call, present);
      const { userId, name, displayName } = user;
      const known = await passkeys.list(userId);
      if (known.length >= limits.passkeys) throw tooMany();
      const { challenge, options } = await passkeyVerifier.registrationOptions({
        host: place.host,
        instanceName: settings.instanceName,
        user: { userId, name, displayName },
        known: known.filter((passkey) => passkey.host === place.host),
      });
      const attempt = await passkeyAttempts.begin('passkey_registration', {
        ...place,
        challenge,
        userId,
        ticketHash: null,
      });
      return { attempt, options };
    },

    async 'passkey.finish'(input, call) {
      const { userId } = person(call);
      const attempt = await passkeyAttempts.take('passkey_registration', input.attempt);
      if (attempt === null || attempt.userId !== userId) throw new AppError('conflict', 'attempt_expired');
      const made = await passkeyVerifier.verifyRegistration(input.response, attempt);
      if (made === null) throw new AppError('forbidden', 'passkey_failed');

      const user = await self(userId);
      const before = await secondFactors.held(userId);
      const passkeyId = random.id() as PasskeyId;
      const added = await passkeys.add(
        { passkeyId, userId, name: input.name, host: attempt.host, ...made },
        limits.passkeys,
      );
      if (added.outcome === 'too_many') throw tooMany();
      if (added.outcome !== 'added') throw new AppError('conflict', 'passkey_exists');
      await audit(call, { action: 'passkey.added', subjectId: userId, details: { passkeyId, name: input.name } });
      const recoveryCodes = await secondFactors.added(user, before, 'passkey_added');
      return { passkey: describePasskey(added.passkey), recoveryCodes };
    },

    async 'passkey.rename'({ passkeyId, name }, call) {
      const { userId } = person(call);
      if (!(await passkeys.rename(userId, passkeyId, name))) throw noSuchPasskey();
      await audit(call, { action: 'passkey.renamed', subjectId: userId, details: { passkeyId, name } });
      return {};
    },

    async 'passkey.remove'({ passkeyId, present }, call) {
      const user = await presentPassword(call, present);
      const { userId } = user;
      const held = await secondFactors.held(userId);
      const others = held.passkeys.filter((passkey) => passkey.passkeyId !== passkeyId);
      if (others.length === held.passkeys.length) throw noSuchPasskey();
      secondFactors.refuseTooFew(user, { ...held, passkeys: others });
      if (!(await passkeys.remove(userId, passkeyId))) throw noSuchPasskey();
      await audit(call, { action: 'passkey.removed', subjectId: userId, details: { passkeyId } });
      await secondFactors.lessened(user, 'passkey_removed');
      return {};
    },
  };
}

/** Without what only the auth service may see. */
export function describePasskey({ passkeyId, name, host, createdAt, lastUsedAt }: Passkey): Passkey {
  return { passkeyId, name, host, createdAt, lastUsedAt };
}

function noSuchPasskey(): AppError {
  return new AppError('not_found', 'no_such_passkey');
}

function tooMany(): AppError {
  return new AppError('conflict', 'too_many_passkeys');
}
