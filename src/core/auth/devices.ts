import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Input } from '../../protocol/operations.ts';

/** What every way of signing in says about the device it happens on. */
export type AskingDevice = Pick<Input<'auth.signIn'>, 'device' | 'deviceToken'>;

/** On which devices people signed in before: there they are no strangers. */
export interface Devices {
  /** Null where this person never signed in on it, as far as its token shows. */
  recognise(
    userId: UserId,
    token: string | undefined,
  ): Promise<{ readonly hash: string; readonly trusted: boolean } | null>;
  /**
   * They signed in on it. Answers the token it keeps: its own, or a new one where that is not known for this person, so that
   * nobody can plant one. `unusual`: it is new, and the person has others.
   */
  signedIn(
    userId: UserId,
    token: string | undefined,
    trust: boolean,
  ): Promise<{ readonly deviceToken: string; readonly unusual: boolean }>;
}

export function makeDevices({ devices, random, digests, clock, settings }: Platform): Devices {
  const recognise: Devices['recognise'] = async (userId, token) => {
    if (token === undefined) return null;
    const hash = digests.hash(token);
    const device = await devices.find(userId, hash);
    return device === null ? null : { hash, trusted: (device.trustedUntil ?? 0) > clock.now() };
  };

  return {
    recognise,
    async signedIn(userId, token, trust) {
      const known = await recognise(userId, token);
      const deviceToken = known === null || token === undefined ? random.secret() : token;
      const trustForMs = trust ? settings.trustedDeviceMs : null;
      const before = await devices.signedIn(userId, digests.hash(deviceToken), trustForMs);
      return { deviceToken, unusual: !before.known && !before.first };
    },
  };
}
