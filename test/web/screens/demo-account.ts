import { type Signal, signal } from '@preact/signals';
import { AppError } from '../../../src/protocol/errors.ts';
import type { PasskeyId } from '../../../src/protocol/ids.ts';
import type { Account, Passkey } from '../../../src/protocol/models.ts';
import type { Output } from '../../../src/protocol/operations.ts';
import type { Engine, Needed, Security } from '../../../src/web/engine/engine.ts';
import type { Scenario } from './demo-engine.ts';
import { people, sessionIdOf } from './demo-world.ts';

export type SecurityShown = Output<'security.show'>;

interface Parts {
  readonly scenario: Scenario;
  readonly now: number;
  readonly phase: Signal<Engine['phase']['value']>;
  readonly me: Signal<Account>;
  readonly answer: <T>(make: () => T) => Promise<T>;
}

const recoveryCodes = [
  'k7mq2-xw9fd',
  'b4tzn-h3pvc',
  'r8yjs-6gk2m',
  'w5cxd-q9nfb',
  't2hvp-z7rjy',
  's6gkm-4wxqd',
  'n9fbc-t3zhp',
  'v7rjy-8sgkw',
  'x2qmd-5bnfc',
  'h6pzt-y9vrj',
];
const authenticator = {
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  uri: 'otpauth://totp/Sailing%20club%20Lindau:anna.petrova?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Sailing%20club%20Lindau',
};

export function makeDemoAuth({ scenario, now, phase, me, answer }: Parts): Engine['auth'] {
  const needed = signal<Needed | null>(scenario.needed ?? null);
  const enter = () => {
    needed.value = null;
    phase.value = 'signed_in';
  };
  return {
    needed,
    hasPasskeys: scenario.passkeys ?? false,
    look: () =>
      answer(() => {
        if (scenario.usedInvite) throw new AppError('not_found', 'invite');
        return {
          instanceName: 'Sailing club Lindau',
          invitedBy: people[5]?.displayName ?? '',
          role: 'member' as const,
          expiresAt: now + 86_400_000,
          groups: [...(scenario.invitedTo ?? [])],
        };
      }),
    register: ({ name }) =>
      answer(() => {
        if (name === 'anna.petrova') throw new AppError('conflict', 'name_taken');
        enter();
      }),
    signIn: ({ password }) =>
      answer(() => {
        if (password === 'wrong') throw new AppError('unauthenticated', 'wrong_credentials');
        enter();
      }),
    secondFactor: ({ code }) =>
      answer(() => {
        if (/^0+$/.test(code)) throw new AppError('unauthenticated', 'wrong_code');
        enter();
      }),
    passkeySignIn: () => answer(enter),
    offerPasskeys: () => () => undefined,
    enrolBegin: () => answer(() => authenticator),
    enrolFinish: () =>
      answer(() => {
        needed.value = { status: 'codes_to_keep', recoveryCodes };
      }),
    enter,
    checkApproval: () =>
      answer(() => {
        throw new AppError('forbidden', 'account_waiting');
      }),
    startOver: () => {
      needed.value = null;
    },
    forgotPassword: () => answer(() => ({ byMail: scenario.mail ?? false })),
    resetLook: () => answer(() => ({ name: 'anna.petrova', displayName: me.value.displayName })),
    resetPassword: () =>
      answer(() => {
        if (scenario.weakPassword) throw new AppError('invalid', 'password_too_weak');
      }),
    confirmEmail: () => answer(() => undefined),
    signOut: () =>
      answer(() => {
        phase.value = 'signed_out';
      }),
    sessions: () =>
      answer(() =>
        ['Firefox on Linux', 'Safari on iPhone', 'Messenger for Android on Grandmother’s very old telephone', ''].map(
          (device, index) => ({
            sessionId: sessionIdOf(index),
            device,
            createdAt: now - 30 * 86_400_000,
            lastSeenAt: now - index * index * 3_700_000,
            addressHint: index === 3 ? '' : `203.0.${index}.x`,
            current: index === 0,
          }),
        ),
      ),
    closeSession: () => answer(() => undefined),
    renameSession: () => answer(() => undefined),
    closeOtherSessions: () => answer(() => 3),
    rename: (displayName) =>
      answer(() => {
        me.value = { ...me.value, displayName };
      }),
  };
}

export function makeDemoSecurity({ scenario, now, answer }: Parts): Security {
  const passkey = (number: number, name: string): Passkey => ({
    passkeyId: sessionIdOf(100 + number) as string as PasskeyId,
    name,
    host: 'chat.sailing.example.org',
    createdAt: now - number * 40 * 86_400_000,
    lastUsedAt: number === 2 ? null : now - number * 3_600_000,
  });
  const shown: SecurityShown = {
    email: 'anna@example.org',
    unconfirmedEmail: null,
    passwordChangedAt: now - 70 * 86_400_000,
    totp: true,
    recoveryCodesLeft: 8,
    passkeys: [passkey(1, 'Telephone'), passkey(2, 'Key on the key ring, with the blue ribbon')],
    twoFactorRequired: false,
    mail: scenario.mail ?? false,
    ...scenario.security,
  };
  const guarded = <T>(present: string, make: () => T): Promise<T> =>
    answer(() => {
      if (present === 'wrong') throw new AppError('forbidden', 'wrong_password');
      if (present === 'often') throw new AppError('too_many_requests', 'throttled', { retryAfter: 95 });
      return make();
    });
  const nothing = () => undefined;
  return {
    show: () => answer(() => shown),
    changePassword: ({ present }) =>
      guarded(present, () => {
        if (scenario.weakPassword) throw new AppError('invalid', 'password_too_weak');
      }),
    setEmail: ({ present }) => guarded(present, nothing),
    totpBegin: (present) => guarded(present, () => authenticator),
    totpFinish: (code) =>
      answer(() => {
        if (/^0+$/.test(code)) throw new AppError('forbidden', 'wrong_code');
        return recoveryCodes;
      }),
    totpRemove: (present) => guarded(present, nothing),
    renewRecoveryCodes: (present) => guarded(present, () => recoveryCodes),
    addPasskey: (present) =>
      guarded(present, () => ({ passkey: passkey(0, 'Chrome on Android'), recoveryCodes: null })),
    renamePasskey: () => answer(nothing),
    removePasskey: (_id, present) => guarded(present, nothing),
  };
}
