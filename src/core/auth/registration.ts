import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Invite } from '../../protocol/models.ts';
import type { Call, Handlers } from '../call.ts';
import { networkOf } from './address.ts';
import type { RefuseWithoutRoom } from './admission.ts';
import type { AskForApproval } from './approvals.ts';
import type { Audit } from './audit.ts';
import type { ConfirmEmail } from './emails.ts';
import type { InviteGate } from './invite-gate.ts';
import type { Landing } from './landing.ts';
import { type DraftAccount, refuseTaken } from './new-account.ts';
import { refuseWeakPassword } from './password-rules.ts';
import type { FinishSignIn } from './sign-in-finish.ts';
import { type Bound, bounds, charge, refund } from './throttling.ts';

/** People make an account for themselves. */
export function makeRegistration(
  platform: Platform,
  parts: {
    readonly gate: InviteGate;
    readonly refuseWithoutRoom: RefuseWithoutRoom;
    readonly draftAccount: DraftAccount;
    readonly landing: Landing;
    readonly askForApproval: AskForApproval;
    readonly confirmEmail: ConfirmEmail;
    readonly finishSignIn: FinishSignIn;
    readonly audit: Audit;
  },
): Pick<Handlers, 'auth.register'> {
  const { users, settings, limiter, digests } = platform;

  /** The invite that lets them in; null where none is needed. */
  async function admit(token: string | undefined, call: Call): Promise<Invite | null> {
    if (settings.registration === 'closed') throw new AppError('forbidden', 'registration_closed');
    if (token !== undefined) return parts.gate.open(token, call);
    if (settings.registration === 'invite') throw new AppError('forbidden', 'invite_needed');
    return null;
  }

  async function made(userId: UserId): Promise<UserRecord> {
    const user = await users.find(userId);
    if (user === null) throw new Error('an account that was made is not there');
    return user;
  }

  return {
    async 'auth.register'(input, call) {
      const invite = await admit(input.invite, call);
      await parts.refuseWithoutRoom(call);
      refuseWeakPassword(input.password, { name: input.name, instanceName: settings.instanceName });
      const charged = boundsFor(invite, call);
      await charge(limiter, charged);

      const drafted = await parts.draftAccount({
        name: input.name,
        displayName: input.displayName,
        password: input.password,
        role: invite?.role ?? 'member',
        state: invite === null && settings.registration === 'approval' ? 'waiting' : 'active',
        // It counts once it was confirmed.
        email: null,
        language: input.language ?? null,
      });
      if (invite !== null) await parts.landing.plan(drafted.userId, invite);
      const outcome = await users.add(
        drafted,
        input.invite === undefined ? {} : { inviteHash: digests.hash(input.invite) },
      );
      // Somebody else was quicker with its last use; or it was revoked or ran out meanwhile, and the gate says so.
      if (outcome === 'invite_spent') {
        await parts.gate.open(input.invite ?? '', call);
        throw new AppError('forbidden', 'invite_spent');
      }
      if (outcome !== 'added') refuseTaken(outcome);
      // With an invite only the names that were taken count: its uses bound the rest.
      if (invite !== null) await refund(limiter, charged);

      const { userId, displayName, role, state } = drafted;
      await parts.audit(call, {
        action: 'user.registered',
        actorId: userId,
        subjectId: userId,
        details: { role, inviteId: invite?.inviteId ?? null, waiting: state === 'waiting' },
      });
      if (invite !== null) await parts.landing.begin(userId, invite);
      if (input.email !== undefined) await parts.confirmEmail(drafted, input.email);
      if (state === 'waiting') {
        await parts.askForApproval(displayName);
        return { status: 'waiting_for_approval' };
      }
      return parts.finishSignIn(await made(userId), input, call, 'registration');
    },
  };
}

function boundsFor(invite: Invite | null, call: Call): readonly Bound[] {
  if (invite !== null) return [bounds.registrationsBy(invite.inviteId)];
  const everywhere = [bounds.registrations];
  return call.address === null ? everywhere : [bounds.registrationsFrom(networkOf(call.address)), ...everywhere];
}
