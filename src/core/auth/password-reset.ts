import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { byItself, type Handlers } from '../call.ts';
import { type FindAccount, readAccountName } from './account-name.ts';
import { networkOf } from './address.ts';
import type { Audit } from './audit.ts';
import type { Letters } from './letters.ts';
import type { Links } from './links.ts';
import { type HashNewPassword, type ReplacePassword, refuseBot, refuseDeleted } from './passwords.ts';
import { refuseOneself, refuseRankAbove } from './ranks.ts';
import { makeSealedPayload } from './sealed-payload.ts';
import { bounds, charge } from './throttling.ts';
import type { LookUpUser } from './user-look-up.ts';

const minute = 60_000;
const mailedLifeMs = 30 * minute;
const handedLifeMs = 24 * 60 * minute;

/** Whose password somebody forgot, when, and from where. */
interface Asked {
  /** Name or e-mail address. */
  readonly account: string;
  readonly at: number;
  readonly address: string | null;
}

export interface PasswordReset {
  readonly handlers: Pick<Handlers, 'auth.forgotPassword' | 'auth.resetLook' | 'auth.resetPassword' | 'user.resetLink'>;
  readonly jobs: { readonly password_reset: JobHandler };
}

export function makePasswordReset(
  platform: Platform,
  parts: {
    readonly links: Links;
    readonly letters: Letters;
    readonly hashNewPassword: HashNewPassword;
    readonly replacePassword: ReplacePassword;
    readonly lookUpUser: LookUpUser;
    readonly findAccount: FindAccount;
    readonly audit: Audit;
  },
): PasswordReset {
  const { jobs, bus, limiter, mailer, digests, clock } = platform;
  const { links, letters, audit } = parts;
  const payloads = makeSealedPayload<Asked>(platform.seals, 'password_reset');

  async function writeTo(user: UserRecord, address: string | null): Promise<void> {
    const { userId } = user;
    const { link } = await links.make({
      purpose: 'password_reset',
      userId,
      data: {},
      lifeMs: mailedLifeMs,
      // Who asks twice and opens the first letter gets in, and nobody undoes a link that an admin handed out.
      alone: false,
    });
    const minutes = mailedLifeMs / minute;
    await letters.write(user, { kind: 'password_reset', name: user.displayName, link, minutes });
    await audit({ ...byItself, address }, { action: 'password.forgotten', subjectId: userId });
  }

  return {
    handlers: {
      // Whom it is about is looked up in a job, so that neither the answer nor the time it takes tells whether they exist.
      async 'auth.forgotPassword'({ account }, { address }) {
        await charge(limiter, [...(address === null ? [] : [bounds.resetsFrom(networkOf(address))]), bounds.resets]);
        if (!mailer.on) return { byMail: false };
        const at = clock.now();
        const asked = { account: readAccountName(account), at, address };
        const key = digests.mac(`password_reset ${asked.account}`);
        await jobs.add([{ queue: 'password_reset', key, payload: payloads.seal(asked), runAt: at }]);
        bus.publish('nodes', { type: 'jobs' });
        return { byMail: true };
      },

      async 'auth.resetLook'({ token }, call) {
        const { user } = await links.look(token, 'password_reset', call);
        return { name: user.name, displayName: user.displayName };
      },

      async 'auth.resetPassword'({ token, password }, call) {
        const { user } = await links.look(token, 'password_reset', call);
        // Refused for weakness, or for too much to do at once, the link still counts.
        const hash = await parts.hashNewPassword(password, user);
        await links.take(token, 'password_reset', call);
        await parts.replacePassword(user, hash, null);
        await audit(call, { action: 'password.reset', actorId: user.userId, subjectId: user.userId });
        return {};
      },

      async 'user.resetLink'({ user: said }, call) {
        const user = await parts.lookUpUser(said);
        refuseDeleted(user);
        refuseBot(user);
        refuseRankAbove(call, user.role);
        const { userId } = user;
        // One's own is changed with the present one, so that an unattended device is not enough.
        refuseOneself(call, userId);
        const { link, expiresAt } = await links.make({
          purpose: 'password_reset',
          userId,
          data: {},
          lifeMs: handedLifeMs,
          alone: true,
        });
        await audit(call, { action: 'password.link_made', subjectId: userId });
        return { link, expiresAt };
      },
    },

    jobs: {
      async password_reset({ payload }) {
        const asked = payloads.open(payload);
        // Who asked so long ago does not wait for it any more.
        if (asked === null || asked.at + mailedLifeMs <= clock.now()) return;
        const user = await parts.findAccount(asked.account);
        if (user === null || user.state !== 'active' || user.email === null) return;
        const { key, points, perMs } = bounds.resetsOf(user.userId);
        const { retryAfterMs } = await limiter.take(key, points, perMs);
        if (retryAfterMs === 0) await writeTo(user, asked.address);
      },
    },
  };
}
