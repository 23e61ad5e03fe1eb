import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ApiTokenId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { ApiToken } from '../../protocol/models.ts';
import { may, type Permission } from '../../protocol/roles.ts';
import { type Call, callerMay, type Handlers, person } from '../call.ts';
import { writeApiToken } from './api-token-check.ts';
import type { Audit } from './audit.ts';
import { refuseRankAbove } from './ranks.ts';
import type { LookUpUser } from './user-look-up.ts';

const day = 24 * 3_600_000;
/** Those that ended are listed for so long. */
const endedForMs = 30 * day;

/** Tokens with which bots and scripts speak for a person. */
export function makeApiTokens(
  platform: Platform,
  parts: { readonly lookUpUser: LookUpUser; readonly audit: Audit },
): Pick<Handlers, 'token.create' | 'token.list' | 'token.revoke'> {
  const { apiTokens, users, random, digests, clock, bus } = platform;

  /**
   * Whose token it shall be: the caller's own. Whoever manages people does not thereby read and write in their names: only
   * the host's owner makes tokens of others, for bots.
   */
  async function ownerOf(said: string | null, call: Call): Promise<UserRecord> {
    const isForOthers = said !== null && call.caller.kind === 'person';
    const owner = await parts.lookUpUser(said ?? person(call).userId);
    if (isForOthers && !isCaller(owner.userId, call)) throw new AppError('forbidden', 'not_permitted');
    if (owner.state !== 'active') throw new AppError('conflict', 'account_not_active');
    return owner;
  }

  /** Whose to list; null: everybody's. The host's owner has none of their own. */
  async function listed(said: string | null, all: boolean, call: Call): Promise<UserId | null> {
    const isEverybody = said === null && (all || call.caller.kind === 'local');
    const userId = said === null ? null : (await parts.lookUpUser(said)).userId;
    const isMine = !isEverybody && (userId === null || isCaller(userId, call));
    if (isMine) return person(call).userId;
    if (!callerMay(call, 'manage_users')) throw new AppError('forbidden', 'not_permitted');
    return userId;
  }

  async function revocable(apiTokenId: ApiTokenId, call: Call): Promise<ApiToken> {
    const apiToken = await apiTokens.find(apiTokenId);
    const isTheirs = apiToken !== null && (isCaller(apiToken.userId, call) || callerMay(call, 'manage_users'));
    if (!isTheirs) throw new AppError('not_found', 'no_such_token');
    const owner = isCaller(apiToken.userId, call) ? null : await users.find(apiToken.userId);
    if (owner !== null) refuseRankAbove(call, owner.role);
    return apiToken;
  }

  return {
    async 'token.create'({ user, name, scopes, expiresInDays }, call) {
      const owner = await ownerOf(user, call);
      const wanted = [...new Set(scopes)];
      refuseScopesBeyond(owner, wanted, call);
      const token = writeApiToken(random.secret());
      const apiToken = await apiTokens.add(
        {
          apiTokenId: random.id() as ApiTokenId,
          userId: owner.userId,
          tokenHash: digests.hash(token),
          name,
          scopes: wanted,
          lifeMs: expiresInDays === null ? null : expiresInDays * day,
        },
        limits.apiTokens,
      );
      if (apiToken === null) throw new AppError('conflict', 'too_many_tokens');
      await parts.audit(call, {
        action: 'token.created',
        subjectId: apiToken.apiTokenId,
        details: { user: owner.name, name, scopes: wanted.join(' '), expiresAt: apiToken.expiresAt },
      });
      return { token, apiToken };
    },

    async 'token.list'({ user, all }, call) {
      const userId = await listed(user, all, call);
      return { apiTokens: [...(await apiTokens.list({ userId, endedSince: clock.now() - endedForMs }))] };
    },

    async 'token.revoke'({ apiTokenId }, call) {
      const { name, revokedAt } = await revocable(apiTokenId, call);
      if (revokedAt !== null) return {};
      await apiTokens.revoke(apiTokenId);
      bus.publish('nodes', { type: 'revoked' });
      await parts.audit(call, { action: 'token.revoked', subjectId: apiTokenId, details: { name } });
      return {};
    },
  };
}

function isCaller(userId: UserId, { caller }: Call): boolean {
  return caller.kind === 'person' && caller.userId === userId;
}

/** A token may what its owner may, and never more than who makes it. */
function refuseScopesBeyond(owner: UserRecord, scopes: readonly Permission[], call: Call): void {
  const beyond = scopes.find((scope) => !may(owner.role, scope) || !callerMay(call, scope));
  if (beyond === undefined) return;
  const fields = [{ path: `scopes.${scopes.indexOf(beyond)}`, message: `beyond what their role may: ${beyond}` }];
  throw new AppError('forbidden', 'scope_above_role', { fields });
}
