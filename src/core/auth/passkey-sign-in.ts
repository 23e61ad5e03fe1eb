import type { PasskeyRecord } from '../../ports/credential-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { WebauthnJson } from '../../protocol/models.ts';
import type { Call, Handlers } from '../call.ts';
import { networkOf } from './address.ts';
import type { Audit } from './audit.ts';
import type { PasskeyAttempt, PasskeyAttempts } from './passkey-attempts.ts';
import { neededPasskeyPlace } from './passkey-place.ts';
import type { OpenSession } from './session-opening.ts';
import { type SignInTickets, ticketExpired } from './sign-in-tickets.ts';
import { type Bound, bounds, charge, refund } from './throttling.ts';

/** Signing in with a passkey: alone, where it made sure who holds it, or as the second factor of a sign-in. */
export function makePasskeySignIn(
  platform: Platform,
  parts: {
    readonly signInTickets: SignInTickets;
    readonly passkeyAttempts: PasskeyAttempts;
    readonly openSession: OpenSession;
    readonly audit: Audit;
  },
): Pick<Handlers, 'auth.passkeyBegin' | 'auth.passkeyFinish'> {
  const { users, passkeys, passkeyVerifier, limiter, digests, settings } = platform;
  const { signInTickets, passkeyAttempts, openSession } = parts;

  /** Passkeys cannot be guessed, so nothing here depends on what others did, but that one network asks without end. */
  function boundsFor({ address }: Call): readonly Bound[] {
    return address === null ? [] : [bounds.passkeysFrom(networkOf(address))];
  }

  async function passkeysAt(host: string, user: UserRecord): Promise<readonly PasskeyRecord[]> {
    const known = (await passkeys.list(user.userId)).filter((passkey) => passkey.host === host);
    if (known.length === 0) throw new AppError('conflict', 'no_passkey_here');
    return known;
  }

  /** The passkey that answered what was asked, by whom it was asked. */
  async function verified(attempt: PasskeyAttempt, response: WebauthnJson, call: Call): Promise<PasskeyRecord> {
    const credentialId = passkeyVerifier.credentialOf(response);
    const passkey = credentialId === null ? null : await passkeys.findByCredential(credentialId);
    if (passkey === null || passkey.host !== attempt.host) throw refused('passkey_unknown');
    if (attempt.userId !== null && attempt.userId !== passkey.userId) throw refused('passkey_unknown');

    const proof = await passkeyVerifier.verifySignIn(response, passkey, attempt);
    if (proof === null) return refuse(passkey, 'not_valid', call);
    // Alone it stands for two factors.
    if (attempt.ticketHash === null && !proof.userVerified) return refuse(passkey, 'user_not_verified', call);
    // A counter that goes back is that of a copy.
    if (!(await passkeys.used(passkey.passkeyId, proof.signCount))) return refuse(passkey, 'counter_went_back', call);
    return passkey;
  }

  async function refuse({ userId, passkeyId }: PasskeyRecord, because: string, call: Call): Promise<never> {
    await parts.audit(call, { action: 'passkey.refused', subjectId: userId, details: { passkeyId, because } });
    throw refused('passkey_failed');
  }

  /** Whose password was right before, else simply whose passkey it is. */
  async function owner({ userId }: PasskeyRecord, ticketHash: string | null): Promise<UserRecord> {
    if (ticketHash !== null) {
      const user = await signInTickets.look(ticketHash, 'second_factor');
      await signInTickets.take(ticketHash, 'second_factor');
      return user;
    }
    const user = await users.find(userId);
    if (user === null) throw refused('passkey_unknown');
    return user;
  }

  return {
    async 'auth.passkeyBegin'({ ticket }, call) {
      const place = neededPasskeyPlace(call, settings);
      await charge(limiter, boundsFor(call));
      const ticketHash = ticket === null ? null : digests.hash(ticket);
      const user = ticketHash === null ? null : await signInTickets.look(ticketHash, 'second_factor');
      const known = user === null ? null : await passkeysAt(place.host, user);
      const { challenge, options } = await passkeyVerifier.signInOptions({ host: place.host, known });
      const userId = user?.userId ?? null;
      const attempt = await passkeyAttempts.begin('passkey_sign_in', { ...place, challenge, userId, ticketHash });
      return { attempt, options };
    },

    async 'auth.passkeyFinish'(input, call) {
      const attempt = await passkeyAttempts.take('passkey_sign_in', input.attempt);
      if (attempt === null) throw ticketExpired();
      const passkey = await verified(attempt, input.response, call);
      const user = await owner(passkey, attempt.ticketHash);
      await refund(limiter, boundsFor(call));
      return openSession(user, input, call, 'passkey');
    },
  };
}

function refused(reason: string): AppError {
  return new AppError('unauthenticated', reason);
}
