import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import type { EnrolmentNeeded, SecondFactorNeeded, Tokens } from '../../protocol/account-operations.ts';
import type { Call } from '../call.ts';
import type { AskingDevice, Devices } from './devices.ts';
import { passkeyPlace } from './passkey-place.ts';
import { type HeldFactors, hasSecondFactor, type SecondFactors } from './second-factors.ts';
import { type OpenSession, refuseInactive } from './session-opening.ts';
import type { SignInTickets } from './sign-in-tickets.ts';
import { requiresSecondFactor } from './two-factor-policy.ts';

/**
 * What follows once somebody has shown who they are: a session; or a ticket for the second factor they have, or for setting
 * up the one they must have. Fails with `forbidden` (`account_waiting`, `account_disabled`).
 */
export interface FinishSignIn {
  /** Whoever has just registered has no second factor. */
  (user: UserRecord, device: AskingDevice, call: Call, way: 'registration'): Promise<Tokens | EnrolmentNeeded>;
  (
    user: UserRecord,
    device: AskingDevice,
    call: Call,
    way: 'password',
  ): Promise<Tokens | SecondFactorNeeded | EnrolmentNeeded>;
}

export function makeFinishSignIn(
  { settings }: Platform,
  parts: {
    readonly openSession: OpenSession;
    readonly devices: Devices;
    readonly secondFactors: SecondFactors;
    readonly signInTickets: SignInTickets;
  },
): FinishSignIn {
  const { openSession, devices, secondFactors, signInTickets } = parts;

  async function askForSecondFactor(user: UserRecord, held: HeldFactors, call: Call): Promise<SecondFactorNeeded> {
    const ticket = await signInTickets.make(user, 'second_factor');
    const host = passkeyPlace(call, settings)?.host;
    const methods: SecondFactorNeeded['methods'] = [];
    if (held.totp !== null) methods.push('totp');
    if (held.passkeys.some((passkey) => passkey.host === host)) methods.push('passkey');
    if (held.recoveryCodesLeft > 0) methods.push('recovery_code');
    return { status: 'second_factor_needed', methods, ...ticket };
  }

  async function askToEnrol(user: UserRecord): Promise<EnrolmentNeeded> {
    return { status: 'enrolment_needed', ...(await signInTickets.make(user, 'enrolment')) };
  }

  async function finish(
    user: UserRecord,
    device: AskingDevice,
    call: Call,
    way: 'registration',
  ): Promise<Tokens | EnrolmentNeeded>;
  async function finish(
    user: UserRecord,
    device: AskingDevice,
    call: Call,
    way: 'password',
  ): Promise<Tokens | SecondFactorNeeded | EnrolmentNeeded>;
  async function finish(user: UserRecord, device: AskingDevice, call: Call, way: 'registration' | 'password') {
    refuseInactive(user.state);
    const held = await secondFactors.held(user.userId);
    if (!hasSecondFactor(held)) {
      return requiresSecondFactor(settings, user.role) ? askToEnrol(user) : openSession(user, device, call, way);
    }
    const known = await devices.recognise(user.userId, device.deviceToken);
    return known?.trusted === true ? openSession(user, device, call, way) : askForSecondFactor(user, held, call);
  }
  return finish;
}
