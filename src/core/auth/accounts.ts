import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Handlers } from '../call.ts';
import { makeRefuseWithoutRoom } from './admission.ts';
import { makeAskForApproval } from './approvals.ts';
import type { Audit } from './audit.ts';
import type { ConversationsOfPeople } from './conversations-of-people.ts';
import { makeDeletion } from './deletion.ts';
import type { ConfirmEmail } from './emails.ts';
import { makeInviteGate } from './invite-gate.ts';
import { makeInvites } from './invites.ts';
import { makeLanding } from './landing.ts';
import type { Letters } from './letters.ts';
import { makeDraftAccount } from './new-account.ts';
import type { HashNewPassword } from './passwords.ts';
import { makePictures } from './pictures.ts';
import { makeTellProfile } from './profile-news.ts';
import { makeRegistration } from './registration.ts';
import type { ListSessions } from './sessions.ts';
import type { FinishSignIn } from './sign-in-finish.ts';
import { makeUserExport } from './user-export.ts';
import { makeUserLifecycle } from './user-lifecycle.ts';
import type { LookUpUser } from './user-look-up.ts';
import { makeUsers } from './users.ts';

type AccountOperation =
  | 'auth.register'
  | `avatar.${'set' | 'clear'}`
  | `invite.${'look' | 'create' | 'list' | 'revoke'}`
  | `user.${'find' | 'update' | 'list' | 'show' | 'add' | 'export'}`
  | `user.${'approve' | 'disable' | 'enable' | 'delete' | 'setRole'}`;

/** The lives of accounts: how they begin, change and end. */
export interface Accounts {
  readonly handlers: Pick<Handlers, AccountOperation>;
  readonly jobs: { readonly land: JobHandler; readonly delete_account: JobHandler };
}

export function makeAccounts(
  platform: Platform,
  parts: {
    readonly people: ConversationsOfPeople;
    readonly lookUpUser: LookUpUser;
    readonly hashNewPassword: HashNewPassword;
    readonly confirmEmail: ConfirmEmail;
    readonly finishSignIn: FinishSignIn;
    readonly listSessions: ListSessions;
    readonly letters: Letters;
    readonly audit: Audit;
  },
): Accounts {
  const { people, lookUpUser, confirmEmail, finishSignIn, listSessions, letters, audit } = parts;
  const gate = makeInviteGate(platform);
  const draftAccount = makeDraftAccount(platform, parts);
  const tellProfile = makeTellProfile(platform);
  const landing = makeLanding(platform, people);
  const deletion = makeDeletion(platform, { people, tellProfile, audit });
  const registering = {
    gate,
    refuseWithoutRoom: makeRefuseWithoutRoom(platform, audit),
    draftAccount,
    landing,
    askForApproval: makeAskForApproval(platform, { letters }),
    confirmEmail,
    finishSignIn,
    audit,
  };

  return {
    handlers: {
      ...makeRegistration(platform, registering),
      ...makeInvites(platform, { gate, people, audit }),
      ...makeUsers(platform, { lookUpUser, draftAccount, tellProfile, listSessions, audit }),
      ...makeUserLifecycle(platform, { lookUpUser, deletion, tellProfile, letters, audit }),
      ...makePictures(platform, { tellProfile, audit }),
      ...makeUserExport(platform, { lookUpUser, people, audit }),
    },
    jobs: { ...landing.jobs, ...deletion.jobs },
  };
}
