import type { Selectable } from 'kysely';
import type { InviteStore } from '../../ports/user-store.ts';
import type { ConversationId, InviteId, UserId } from '../../protocol/ids.ts';
import type { Invite } from '../../protocol/models.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Database } from './database.ts';
import type { InviteRow } from './schema.ts';

export function makeInviteStore({ query, dialect }: Database): InviteStore {
  async function findBy(column: 'invite_id' | 'token_hash', value: string): Promise<Invite | null> {
    const row = await query.selectFrom('invites').selectAll().where(column, '=', value).executeTakeFirst();
    return row ? inviteOf(row) : null;
  }

  return {
    async add(invite) {
      const row = await query
        .insertInto('invites')
        .values({
          invite_id: invite.inviteId,
          token_hash: invite.tokenHash,
          role: invite.role,
          created_by: invite.createdBy,
          created_at: dialect.now(),
          expires_at: invite.expiresAt,
          max_uses: invite.maxUses,
          uses: 0,
          revoked_at: null,
          note: invite.note,
          conversation_ids: JSON.stringify(invite.conversationIds),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return inviteOf(row);
    },

    find: (inviteId) => findBy('invite_id', inviteId),
    findByHash: (tokenHash) => findBy('token_hash', tokenHash),

    async list({ createdBy, spent }) {
      const rows = await query
        .selectFrom('invites')
        .selectAll()
        .$if(createdBy !== null, (some) => some.where('created_by', '=', createdBy))
        .$if(!spent, (some) =>
          some
            .where('revoked_at', 'is', null)
            .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', dialect.now())]))
            .where((row) => row.or([row('max_uses', 'is', null), row('uses', '<', row.ref('max_uses'))])),
        )
        .orderBy('created_at', 'desc')
        .orderBy('invite_id', 'desc')
        .execute();
      return rows.map(inviteOf);
    },

    async revoke(inviteId) {
      await query
        .updateTable('invites')
        .set({ revoked_at: dialect.now() })
        .where('invite_id', '=', inviteId)
        .where('revoked_at', 'is', null)
        .execute();
    },
  };
}

function inviteOf(row: Selectable<InviteRow>): Invite {
  return {
    inviteId: row.invite_id as InviteId,
    role: row.role as Role,
    createdBy: row.created_by as UserId | null,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    maxUses: row.max_uses,
    uses: row.uses,
    revokedAt: row.revoked_at,
    note: row.note,
    conversationIds: JSON.parse(row.conversation_ids) as ConversationId[],
  };
}
