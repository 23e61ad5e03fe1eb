import type { Platform } from '../../ports/platform.ts';
import type { NewUser } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Invite } from '../../protocol/models.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Call, Handlers } from '../call.ts';
import { networkOf } from './address.ts';
import type { Audit } from './audit.ts';
import type { InviteGate } from './invite-gate.ts';
import { canonicalPassword, refuseWeakPassword } from './password-rules.ts';
import type { OpenSession } from './session-opening.ts';
import { type Bound, bounds, charge, refund } from './throttling.ts';

/** An account as somebody asks for it. */
interface Wanted {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly password: string;
}

/** Makes the account, with a password that was found strong enough. */
export type AddAccount = (
  wanted: Wanted,
  role: Role,
  inviteHash?: string,
) => Promise<{ readonly outcome: 'added' | 'name_taken' | 'invite_spent'; readonly userId: UserId }>;

export function makeAddAccount({ users, passwords, random }: Platform): AddAccount {
  return async ({ name, displayName, password }, role, inviteHash) => {
    const user: NewUser = {
      userId: random.id() as UserId,
      name,
      displayName: displayName ?? name,
      passwordHash: await passwords.hash(canonicalPassword(password)),
      role,
    };
    const outcome = await users.add(user, inviteHash === undefined ? {} : { inviteHash });
    return { outcome, userId: user.userId };
  };
}

export function makeRegistration(
  platform: Platform,
  parts: {
    readonly gate: InviteGate;
    readonly addAccount: AddAccount;
    readonly openSession: OpenSession;
    readonly audit: Audit;
  },
): Pick<Handlers, 'auth.register'> {
  const { settings, limiter, digests } = platform;

  /** The invite that lets them in; null where none is needed. */
  async function admit(token: string | undefined, call: Call): Promise<Invite | null> {
    if (settings.registration === 'closed') throw new AppError('forbidden', 'registration_closed');
    if (token !== undefined) return parts.gate.open(token, call);
    if (settings.registration === 'invite') throw new AppError('forbidden', 'invite_needed');
    return null;
  }

  return {
    async 'auth.register'(input, call) {
      const invite = await admit(input.invite, call);
      refuseWeakPassword(input.password, input.name);
      const charged = boundsFor(invite, call);
      await charge(limiter, charged);

      const role = invite?.role ?? 'member';
      const inviteHash = input.invite === undefined ? undefined : digests.hash(input.invite);
      const { outcome, userId } = await parts.addAccount(input, role, inviteHash);
      if (outcome === 'name_taken') throw new AppError('conflict', 'name_taken');
      // Somebody else was quicker with its last use; or it was revoked or ran out meanwhile, and the gate says so.
      if (outcome === 'invite_spent') {
        await parts.gate.open(input.invite ?? '', call);
        throw new AppError('forbidden', 'invite_spent');
      }
      // With an invite only the names that were taken count: its uses bound the rest.
      if (invite !== null) await refund(limiter, charged);
      await parts.audit(call, {
        action: 'user.registered',
        actorId: userId,
        subjectId: userId,
        details: { role, inviteId: invite?.inviteId ?? null },
      });
      return parts.openSession({ userId, role }, input.device, call);
    },
  };
}

function boundsFor(invite: Invite | null, call: Call): readonly Bound[] {
  if (invite !== null) return [bounds.registrationsBy(invite.inviteId)];
  const everywhere = [bounds.registrations];
  return call.address === null ? everywhere : [bounds.registrationsFrom(networkOf(call.address)), ...everywhere];
}
