import { generateSecret, generateURI, verifySync } from 'otplib/functional';
import type { Totp } from '../../ports/crypto.ts';

const secondsPerStep = 30;

export function makeTotp(): Totp {
  return {
    newSecret: () => generateSecret({ length: 20 }),
    // A colon parts issuer and account where the URI is read.
    uri: (secret, account, instanceName) =>
      generateURI({ secret, label: account, issuer: instanceName.replace(/\s*:\s*/g, ' ').trim() }),
    stepOf(secret, code, now) {
      if (!/^\d{6}$/.test(code)) return null;
      const verdict = verifySync({
        secret,
        token: code,
        epoch: Math.floor(now / 1000),
        period: secondsPerStep,
        epochTolerance: secondsPerStep,
      });
      return verdict.valid && 'timeStep' in verdict ? verdict.timeStep : null;
    },
  };
}
