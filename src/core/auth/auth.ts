import type { Platform } from '../../ports/platform.ts';
import type { Revocation } from '../../ports/user-store.ts';
import type { Handlers } from '../call.ts';
import { makeAudit } from './audit.ts';
import { type Authenticate, makeAuthenticate } from './authentication.ts';
import { makeInviteGate } from './invite-gate.ts';
import { makeInvites } from './invites.ts';
import { makeCheckPassword } from './password-check.ts';
import { makeRefresh } from './refresh.ts';
import { makeAddAccount, makeRegistration } from './registration.ts';
import { makeRevocations } from './revocations.ts';
import { makeIssueTokens, makeOpenSession } from './session-opening.ts';
import { makeSessionUses } from './session-uses.ts';
import { makeCloseSession, makeListSessions, makeSessions } from './sessions.ts';
import { makeSignIn } from './sign-in.ts';
import { makeUsers } from './users.ts';

type AuthOperation =
  | 'invite.look'
  | 'auth.register'
  | 'auth.signIn'
  | 'auth.refresh'
  | 'auth.signOut'
  | 'session.list'
  | 'session.close'
  | 'invite.create'
  | 'invite.list'
  | 'invite.revoke'
  | 'user.find'
  | 'user.update'
  | 'user.list'
  | 'user.show'
  | 'user.add';

/** Who people are, and which of their devices are signed in. */
export interface Auth {
  readonly handlers: Pick<Handlers, AuthOperation>;
  readonly authenticate: Authenticate;
  /** Called once for each revocation, at most half a second after it was stored. Listeners must not throw. */
  onRevoked(listener: (revocation: Revocation) => void): () => void;
  /** False while the store could not be read for 15 s: this node then lets nobody in, and should close its sockets. */
  available(): boolean;
  /** Resolves when revocations were read, or could not be (they are then tried again); before it nobody gets in. */
  start(): Promise<void>;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export function makeAuth(platform: Platform): Auth {
  const audit = makeAudit(platform);
  const revocations = makeRevocations(platform);
  const uses = makeSessionUses(platform);
  const gate = makeInviteGate(platform);
  const addAccount = makeAddAccount(platform);
  const checkPassword = makeCheckPassword(platform);
  const closeSession = makeCloseSession(platform);
  const listSessions = makeListSessions(platform);
  const issueTokens = makeIssueTokens(platform);
  const openSession = makeOpenSession(platform, issueTokens, audit);

  return {
    handlers: {
      ...makeRegistration(platform, { gate, addAccount, openSession, audit }),
      ...makeSignIn(platform, { checkPassword, openSession, audit }),
      ...makeRefresh(platform, { issueTokens, closeSession, audit }),
      ...makeSessions(platform, { closeSession, listSessions, audit }),
      ...makeInvites(platform, { gate, audit }),
      ...makeUsers(platform, { addAccount, listSessions, audit }),
    },
    authenticate: makeAuthenticate(platform, revocations, uses),
    onRevoked: revocations.onRevoked,
    available: revocations.available,
    start: revocations.start,
    async stop() {
      await revocations.stop();
      await uses.flush();
    },
  };
}
