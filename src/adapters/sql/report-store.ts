import type { Selectable } from 'kysely';
import type { ReportRecord, ReportStore, Resolution } from '../../ports/report-store.ts';
import type { ConversationId, ReportId, UserId } from '../../protocol/ids.ts';
import type { Message, Report } from '../../protocol/models.ts';
import type { Database } from './database.ts';
import type { ReportRow } from './schema.ts';

export function makeReportStore({ query, dialect }: Database): ReportStore {
  const reports = () => query.selectFrom('reports').selectAll();

  return {
    async add(report) {
      for (;;) {
        const { numInsertedOrUpdatedRows = 0n } = await query
          .insertInto('reports')
          .values({
            report_id: report.reportId,
            reporter_id: report.reporterId,
            author_id: report.authorId,
            conversation_id: report.conversationId,
            seq: report.seq,
            reason: report.reason,
            note: report.note,
            message: JSON.stringify(report.message),
            created_at: dialect.now(),
            resolved_at: null,
            resolved_by: null,
            outcome: null,
            outcome_note: null,
          })
          .onConflict((conflict) =>
            conflict.columns(['reporter_id', 'conversation_id', 'seq']).where('resolved_at', 'is', null).doNothing(),
          )
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows > 0n) return { reportId: report.reportId, added: true };
        const open = await query
          .selectFrom('reports')
          .select('report_id')
          .where('reporter_id', '=', report.reporterId)
          .where('conversation_id', '=', report.conversationId)
          .where('seq', '=', report.seq)
          .where('resolved_at', 'is', null)
          .executeTakeFirst();
        if (open !== undefined) return { reportId: open.report_id as ReportId, added: false };
        // It was resolved in between: then this one stands.
      }
    },

    async find(reportId) {
      const row = await reports().where('report_id', '=', reportId).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async list({ state, except, after, limit }) {
      const rows = await reports()
        .where('report_id', '>', after ?? '')
        .$if(state !== null, (some) => some.where('resolved_at', state === 'open' ? 'is' : 'is not', null))
        .$if(except !== null, (some) => some.where('author_id', '<>', except ?? ''))
        .orderBy('report_id')
        .limit(limit)
        .execute();
      return rows.map(recordOf);
    },

    async madeBy(userId, after, limit) {
      const rows = await reports()
        .where('reporter_id', '=', userId)
        .where('report_id', '>', after ?? '')
        .orderBy('report_id')
        .limit(limit)
        .execute();
      return rows.map(recordOf);
    },

    async resolve(reportId, { by, outcome, note }) {
      const { numUpdatedRows } = await query
        .updateTable('reports')
        .set({ resolved_at: dialect.now(), resolved_by: by, outcome, outcome_note: note })
        .where('report_id', '=', reportId)
        .where('resolved_at', 'is', null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    async prune(before) {
      const { numDeletedRows } = await query
        .deleteFrom('reports')
        .where('resolved_at', '<', before)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function recordOf(row: Selectable<ReportRow>): ReportRecord {
  return {
    reportId: row.report_id as ReportId,
    reporterId: row.reporter_id as UserId,
    authorId: row.author_id as UserId,
    conversationId: row.conversation_id as ConversationId,
    seq: row.seq,
    reason: row.reason as Report['reason'],
    note: row.note,
    message: JSON.parse(row.message) as Message,
    at: row.created_at,
    resolved:
      row.resolved_at === null
        ? null
        : {
            at: row.resolved_at,
            by: row.resolved_by as UserId | null,
            outcome: row.outcome as Resolution['outcome'],
            note: row.outcome_note ?? '',
          },
  };
}
