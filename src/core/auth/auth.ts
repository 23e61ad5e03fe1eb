import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Revocation } from '../../ports/user-store.ts';
import type { Handlers } from '../call.ts';
import { makeFindAccount } from './account-name.ts';
import { type Accounts, makeAccounts } from './accounts.ts';
import { makeApiTokenCheck } from './api-token-check.ts';
import { makeApiTokens } from './api-tokens.ts';
import { makeAudit } from './audit.ts';
import { makeAuditTrail } from './audit-trail.ts';
import { type Authenticate, makeAuthenticate } from './authentication.ts';
import type { ConversationsOfPeople } from './conversations-of-people.ts';
import { makeEmailConfirmation, makeEmails } from './emails.ts';
import { makeHousekeeping } from './housekeeping.ts';
import { makeLetters } from './letters.ts';
import { makeLinks } from './links.ts';
import { makeCheckPassword } from './password-check.ts';
import { makePasswordReset } from './password-reset.ts';
import { makeHashNewPassword, makePasswordChanges, makeReplacePassword } from './passwords.ts';
import { makePresentPassword } from './present-password.ts';
import { makeRefresh } from './refresh.ts';
import { makeRevocations } from './revocations.ts';
import { makeSecondFactorAdmin } from './second-factor-admin.ts';
import { makeIssueTokens } from './session-opening.ts';
import { makeSessionUses } from './session-uses.ts';
import { makeCloseSession, makeCloseSessions, makeListSessions, makeSessions } from './sessions.ts';
import { makeSigningIn, type SigningIn } from './signing-in.ts';
import { makeLookUpUser } from './user-look-up.ts';

type AuthOperation =
  | keyof SigningIn['handlers']
  | keyof Accounts['handlers']
  | 'auth.refresh'
  | 'auth.signOut'
  | 'auth.forgotPassword'
  | 'auth.resetLook'
  | 'auth.resetPassword'
  | 'password.change'
  | 'email.set'
  | 'email.confirm'
  | 'mail.test'
  | 'user.setPassword'
  | 'user.resetLink'
  | 'session.list'
  | 'session.rename'
  | 'session.close'
  | 'session.closeOthers'
  | 'user.closeSessions'
  | 'twoFactor.status'
  | 'twoFactor.reset'
  | 'token.create'
  | 'token.list'
  | 'token.revoke'
  | 'audit.list';

/** Who people are, and which of their devices are signed in. */
export interface Auth {
  readonly handlers: Pick<Handlers, AuthOperation>;
  /** What workers do for it, by queue. */
  readonly jobs: Readonly<Record<string, JobHandler>>;
  readonly authenticate: Authenticate;
  /**
   * Called once for each revocation, at most half a second after it was stored, and for each API token that expires while it
   * is in use here. Listeners must not throw.
   */
  onRevoked(listener: (revocation: Revocation) => void): () => void;
  /** False while the store could not be read for 15 s: this node then lets nobody in, and should close its sockets. */
  available(): boolean;
  /** Resolves when revocations were read, or could not be (they are then tried again); before it nobody gets in. */
  start(): Promise<void>;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export function makeAuth(platform: Platform, people: ConversationsOfPeople): Auth {
  const audit = makeAudit(platform);
  const revocations = makeRevocations(platform);
  const uses = makeSessionUses(platform);
  const apiTokens = makeApiTokenCheck(platform, revocations);
  const housekeeping = makeHousekeeping(platform, { audit });
  const lookUpUser = makeLookUpUser(platform);
  const letters = makeLetters(platform);
  const checkPassword = makeCheckPassword(platform);
  const closeSession = makeCloseSession(platform);
  const closeSessions = makeCloseSessions(platform);
  const listSessions = makeListSessions(platform);
  const presentPassword = makePresentPassword(platform, { checkPassword, audit });
  const findAccount = makeFindAccount(platform);
  const links = makeLinks(platform);
  const hashNewPassword = makeHashNewPassword(platform);
  const replacePassword = makeReplacePassword(platform, { closeSessions, letters });
  const passwordReset = makePasswordReset(platform, {
    links,
    letters,
    hashNewPassword,
    replacePassword,
    lookUpUser,
    findAccount,
    audit,
  });
  const emailConfirmation = makeEmailConfirmation(platform, { links, letters });
  const { confirmEmail } = emailConfirmation;
  const issueTokens = makeIssueTokens(platform);
  const signingIn = makeSigningIn(platform, {
    findAccount,
    checkPassword,
    presentPassword,
    issueTokens,
    letters,
    audit,
  });
  const { finishSignIn } = signingIn;
  const accounts = makeAccounts(platform, {
    people,
    lookUpUser,
    hashNewPassword,
    confirmEmail,
    finishSignIn,
    listSessions,
    letters,
    audit,
  });

  return {
    handlers: {
      ...accounts.handlers,
      ...signingIn.handlers,
      ...makeRefresh(platform, { issueTokens, closeSession, letters, audit }),
      ...makeSessions(platform, { closeSession, closeSessions, listSessions, lookUpUser, audit }),
      ...makePasswordChanges({ presentPassword, hashNewPassword, replacePassword, lookUpUser, audit }),
      ...passwordReset.handlers,
      ...makeEmails(platform, { presentPassword, confirmEmail, links, letters, audit }),
      ...makeSecondFactorAdmin(platform, { lookUpUser, letters, audit }),
      ...makeApiTokens(platform, { lookUpUser, audit }),
      ...makeAuditTrail(platform, { lookUpUser }),
    },
    jobs: { ...accounts.jobs, ...letters.jobs, ...passwordReset.jobs, ...emailConfirmation.jobs },
    authenticate: makeAuthenticate(platform, { revocations, uses, apiTokens }),
    onRevoked(listener) {
      const endings = [revocations.onRevoked(listener), apiTokens.onExpired(listener)];
      return () => {
        for (const end of endings) end();
      };
    },
    available: revocations.available,
    start() {
      housekeeping.start();
      return revocations.start();
    },
    async stop() {
      await housekeeping.stop();
      await revocations.stop();
      await apiTokens.stop();
      await uses.flush();
    },
  };
}
