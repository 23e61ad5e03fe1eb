import type { Platform } from '../../ports/platform.ts';
import type { ReportRecord } from '../../ports/report-store.ts';
import { AppError } from '../../protocol/errors.ts';
import { withoutContent } from '../../protocol/fold.ts';
import type { ConversationId, ReportId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Message, Profile, Report } from '../../protocol/models.ts';
import type { Audit } from '../auth/audit.ts';
import { bounds, charge } from '../auth/throttling.ts';
import { type Call, type Handlers, person } from '../call.ts';
import { lookAt, mustBeSaid } from './message-looks.ts';
import type { RemoveByAuthority } from './moderating.ts';
import { type RulesCache, spansOf } from './rules.ts';
import { isExpired } from './unexpired-log.ts';

type ReportOperation = 'report.create' | 'report.list' | 'report.show' | 'report.resolve';

/** People tell the moderators of what somebody wrote; those look at it, and settle it. */
export function makeReports({
  clock,
  conversations,
  limiter,
  messages,
  random,
  reports,
  users,
  rules,
  audit,
  remove,
}: Pick<Platform, 'clock' | 'conversations' | 'limiter' | 'messages' | 'random' | 'reports' | 'users'> & {
  rules: RulesCache;
  audit: Audit;
  remove: RemoveByAuthority;
}): Pick<Handlers, ReportOperation> {
  /** What they reported, said for people. In the order given. */
  async function describe(records: readonly ReportRecord[]): Promise<Report[]> {
    const ids = records.flatMap(({ reporterId, authorId, resolved }) => [reporterId, authorId, resolved?.by ?? null]);
    const profiles = await users.profiles([...new Set(ids.filter((id) => id !== null))]);
    const people = new Map(profiles.map((profile) => [profile.userId, profile]));
    const places = new Map<ConversationId, Report['conversation']>();
    for (const { conversationId } of records)
      if (!places.has(conversationId)) places.set(conversationId, await placeOf(conversationId));
    return records.map((record) => described(record, people, places, clock.now()));
  }

  async function placeOf(conversationId: ConversationId): Promise<Report['conversation']> {
    const conversation = await conversations.find(conversationId);
    return { conversationId, kind: conversation?.kind ?? 'group', title: conversation?.title ?? '' };
  }

  /** A report about oneself is not there: it would say who made it. */
  async function find(reportId: ReportId, call: Call): Promise<ReportRecord> {
    const record = await reports.find(reportId);
    if (record === null || record.authorId === aboutWhomNot(call)) throw new AppError('not_found', 'no_such_report');
    return record;
  }

  async function describeOne(record: ReportRecord): Promise<Report> {
    const [report] = await describe([record]);
    return report as Report;
  }

  return {
    'report.create': async ({ conversationId, seq, reason, note }, call) => {
      const { userId } = person(call);
      await charge(limiter, [bounds.reportsBy(userId)]);
      const spans = spansOf(await rules.get(conversationId), userId);
      const message = await mustBeSaid(messages, { conversationId, seq }, spans);
      if (message.emptied) throw new AppError('conflict', 'message_removed');
      if (message.senderId === null || message.senderId === userId) throw new AppError('conflict', 'your_own_message');
      const { reportId, added } = await reports.add({
        reportId: random.id() as ReportId,
        reporterId: userId,
        authorId: message.senderId,
        conversationId,
        seq,
        reason,
        note,
        message: withoutAftermath(message),
      });
      // The report is the subject, not the author: what is noted of them would tell who reported them.
      if (added) await audit(call, { action: 'report.created', subjectId: reportId, details: { reason } });
      return { reportId };
    },

    'report.list': async ({ state, after, limit }, call) => {
      const records = await reports.list({ state, except: aboutWhomNot(call), after, limit: limit + 1 });
      const page = fitting(records.slice(0, limit));
      return { reports: await describe(page), more: records.length > page.length };
    },

    'report.show': async ({ reportId }, call) => {
      const record = await find(reportId, call);
      const now = await lookAt(messages, record, wholeLog);
      return { report: await describeOne(record), removed: now === null || now.emptied === true, now };
    },

    'report.resolve': async ({ reportId, outcome, note, remove: removes }, call) => {
      if (removes && outcome !== 'acted') throw new AppError('invalid', 'removing_is_acting');
      const record = await find(reportId, call);
      // First, so that what is settled as acted upon was: whoever is cut off here does it again.
      if (removes && (await remove(record)))
        await audit(call, { action: 'report.message_removed', subjectId: reportId });
      const by = call.caller.kind === 'person' ? call.caller.userId : null;
      if (await reports.resolve(reportId, { by, outcome, note }))
        await audit(call, { action: 'report.resolved', subjectId: reportId, details: { outcome } });
      return { report: await describeOne(await find(reportId, call)) };
    },
  };
}

const wholeLog = [{ from: 1, to: null }];

/** What others did with it is none of the matter. */
function withoutAftermath({ reactions: _, ballots: __, closed: ___, ...message }: Message): Message {
  return message as Message;
}

function aboutWhomNot({ caller }: Call): UserId | null {
  return caller.kind === 'person' ? caller.userId : null;
}

/** As many as an answer has room for, but one always. */
function fitting(records: readonly ReportRecord[]): readonly ReportRecord[] {
  let room = limits.pageBytes / 2;
  const beyond = records.findIndex((record, i) => {
    room -= JSON.stringify(record).length;
    return i > 0 && room < 0;
  });
  return beyond < 0 ? records : records.slice(0, beyond);
}

function described(
  { reportId, at, reporterId, authorId, reason, note, conversationId, message, resolved }: ReportRecord,
  people: ReadonlyMap<UserId, Profile>,
  places: ReadonlyMap<ConversationId, Report['conversation']>,
  now: number,
): Report {
  const whoIs = (userId: UserId) => people.get(userId) ?? { userId, name: '', displayName: '', gone: true };
  return {
    reportId,
    at,
    reporter: whoIs(reporterId),
    reason,
    note,
    conversation: places.get(conversationId) ?? { conversationId, kind: 'group', title: '' },
    author: whoIs(authorId),
    message: isExpired(message, now) ? withoutContent(message) : message,
    resolved: resolved && { ...resolved, by: resolved.by && whoIs(resolved.by) },
  };
}
