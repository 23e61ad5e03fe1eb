import { type Selectable, sql } from 'kysely';
import type { NewWebhook, WebhookRecord, WebhookStore } from '../../ports/webhooks.ts';
import type { ConversationId, UserId, WebhookId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { WebhookRow } from './schema.ts';

type Trigger = NonNullable<WebhookRecord['outgoing']>['trigger'];

export function makeWebhookStore(database: Database): WebhookStore {
  const { query, dialect } = database;
  const webhooks = () => query.selectFrom('webhooks').selectAll();
  const change = (webhookId: WebhookId) => query.updateTable('webhooks').where('webhook_id', '=', webhookId);

  return {
    async add(webhook, most) {
      const { direction } = webhook.kind;
      return await database.write(async (transaction) => {
        await dialect.inTurn('webhooks').execute(transaction);
        const { count } = await transaction
          .selectFrom('webhooks')
          .select((row) => row.fn.countAll<number>().as('count'))
          .where('conversation_id', '=', webhook.conversationId)
          .where('direction', '=', direction)
          .executeTakeFirstOrThrow();
        if (count >= most) return false;
        await transaction
          .insertInto('webhooks')
          .values({
            webhook_id: webhook.webhookId,
            conversation_id: webhook.conversationId,
            direction,
            name: webhook.name,
            bot_id: webhook.botId,
            created_by: webhook.createdBy,
            created_at: dialect.now(),
            last_used_at: null,
            last_status: null,
            last_error: null,
            failing_since: null,
            disabled_at: null,
            ...columnsOf(webhook.kind),
          })
          .execute();
        return true;
      });
    },

    async find(webhookId) {
      const row = await webhooks().where('webhook_id', '=', webhookId).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async findByHash(secretHash) {
      const row = await webhooks().where('secret_hash', '=', secretHash).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async list({ conversationId, after, limit }) {
      const rows = await webhooks()
        .$if(conversationId !== null, (some) => some.where('conversation_id', '=', conversationId ?? ''))
        .where('webhook_id', '>', after ?? '')
        .orderBy('webhook_id')
        .limit(limit)
        .execute();
      return rows.map(recordOf);
    },

    async delivering(conversationIds) {
      const rows = await query
        .selectFrom('webhooks')
        .select('conversation_id')
        .distinct()
        .where('conversation_id', 'in', (row) =>
          row.selectFrom(dialect.texts(conversationIds).as('asked')).select('asked.value'),
        )
        .where('direction', '=', 'outgoing')
        .where('disabled_at', 'is', null)
        .execute();
      return new Set(rows.map((row) => row.conversation_id as ConversationId));
    },

    async renew(webhookId, secret) {
      const { numUpdatedRows } = await change(webhookId)
        .set('secretHash' in secret ? { secret_hash: secret.secretHash } : { sealed_secret: secret.sealedSecret })
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    async used(webhookId) {
      await database.writeLightly((transaction) =>
        transaction
          .updateTable('webhooks')
          .set({ last_used_at: dialect.now() })
          .where('webhook_id', '=', webhookId)
          .execute(),
      );
    },

    async remove(webhookId) {
      const { numDeletedRows } = await query
        .deleteFrom('webhooks')
        .where('webhook_id', '=', webhookId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },

    async take(webhookId, leaseMs) {
      const row = await change(webhookId)
        .set({ busy_until: sql<number>`${dialect.now()} + ${sql.lit(leaseMs)}` })
        .where('direction', '=', 'outgoing')
        .where('disabled_at', 'is', null)
        .where('busy_until', '<=', dialect.now())
        .returningAll()
        .executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async note(webhookId, state, leaseMs) {
      await change(webhookId)
        .set({
          seq: state.seq,
          retry_at: state.retryAt,
          failures: state.failures,
          failing_since: state.failingSince,
          last_status: state.lastStatus,
          last_error: state.lastError,
          disabled_at: state.disabledAt,
          busy_until: leaseMs === 0 ? 0 : sql<number>`${dialect.now()} + ${sql.lit(leaseMs)}`,
          ...(state.used ? { last_used_at: dialect.now() } : {}),
        })
        .execute();
    },

    async resume(webhookId) {
      await change(webhookId).set({ failures: 0, failing_since: null, retry_at: 0, disabled_at: null }).execute();
    },
  };
}

function columnsOf(kind: NewWebhook['kind']) {
  const none = { secret_hash: null, sealed_secret: null, url: null, triggered_by: null, word: null, seq: 0 };
  if (kind.direction === 'incoming') return { ...none, secret_hash: kind.secretHash };
  const { sealedSecret, url, trigger, word, seq } = kind;
  return { ...none, sealed_secret: sealedSecret, url, triggered_by: trigger, word, seq };
}

function recordOf(row: Selectable<WebhookRow>): WebhookRecord {
  return {
    webhookId: row.webhook_id as WebhookId,
    conversationId: row.conversation_id as ConversationId,
    direction: row.direction,
    name: row.name,
    botId: row.bot_id as UserId,
    createdBy: row.created_by as UserId | null,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    outgoing:
      row.direction === 'incoming'
        ? null
        : {
            url: row.url ?? '',
            trigger: row.triggered_by as Trigger,
            word: row.word,
            lastStatus: row.last_status,
            lastError: row.last_error,
            failures: row.failures,
            disabledAt: row.disabled_at,
          },
    sealedSecret: row.sealed_secret,
    seq: row.seq,
    retryAt: row.retry_at,
    failingSince: row.failing_since,
  };
}
