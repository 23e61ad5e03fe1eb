import { AppError } from '../../protocol/errors.ts';
import type { Security } from './engine.ts';
import type { Requests } from './requests.ts';
import type { World } from './world.ts';

/** How the account is guarded: asked from the server each time, nothing of it is kept here. */
export function makeSecurity(
  { passkeys, device }: Pick<World, 'passkeys' | 'device'>,
  { ask }: Pick<Requests, 'ask'>,
): Security {
  return {
    show: () => ask('security.show', {}),
    async changePassword(input) {
      await ask('password.change', input);
    },
    async setEmail(input) {
      await ask('email.set', input);
    },
    totpBegin: (present) => ask('totp.begin', { present }),
    totpFinish: async (code) => (await ask('totp.finish', { code })).recoveryCodes,
    async totpRemove(present) {
      await ask('totp.remove', { present });
    },
    renewRecoveryCodes: async (present) => (await ask('recoveryCodes.renew', { present })).recoveryCodes,
    async addPasskey(present) {
      if (!passkeys) throw new AppError('forbidden', 'passkey_failed');
      const { attempt, options } = await ask('passkey.begin', { present });
      const response = await passkeys.create(options);
      return ask('passkey.finish', { attempt, response, name: device });
    },
    async renamePasskey(passkeyId, name) {
      await ask('passkey.rename', { passkeyId, name });
    },
    async removePasskey(passkeyId, present) {
      await ask('passkey.remove', { passkeyId, present });
    },
  };
}
