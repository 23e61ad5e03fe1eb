import type { MemberProgress } from '../../ports/conversation-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Discretion } from '../../ports/privacy-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, SessionId, UserId } from '../../protocol/ids.ts';
import type { Entry, Profile } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import type { PushOutcome } from '../../protocol/trace-operations.ts';
import type { Audit } from '../auth/audit.ts';
import type { Call, Handlers } from '../call.ts';
import { seesReadingOf } from './discretion.ts';
import type { Happening } from './happenings.ts';
import type { NodeMemory, Remembered } from './node-memory.ts';
import { covers } from './rules.ts';

type Trace = Output<'message.trace'>;
type TracedNode = Trace['nodes'][number];
type TracedDevice = TracedNode['devices'][number];
type NamedDevice = TracedNode['pushes'][number]['devices'][number];

const wholeLog = [{ from: 1, to: null }];
const mostChanges = 100;
const mostJobs = 500;
const mostWebhooks = 50;
const memberPage = 500;
/** Of those who have a session each. */
const mostDevices = 500;

/** What an operator is told of one message's life. Its text stays among those who may read it. */
export function makeTracing({
  conversations,
  jobs,
  memory,
  messages,
  privacy,
  sessions,
  users,
  webhooks,
  audit,
}: Pick<Platform, 'conversations' | 'jobs' | 'messages' | 'privacy' | 'sessions' | 'users' | 'webhooks'> & {
  memory: Pick<NodeMemory, 'of'>;
  audit: Audit;
}): Pick<Handlers, 'message.trace'> {
  async function mustRead(conversationId: ConversationId, seq: number, call: Call): Promise<void> {
    const { caller } = call;
    if (caller.kind === 'local') return;
    const row = caller.kind === 'person' ? await conversations.row(conversationId, caller.userId) : null;
    if (!row || !covers(row.spans, seq)) throw new AppError('forbidden', 'not_a_member');
  }

  async function profileOf(userId: UserId): Promise<Profile> {
    const [profile] = await users.profiles([userId]);
    return profile ?? { userId, name: '', displayName: '', gone: true };
  }

  async function changesOf(conversationId: ConversationId, target: number) {
    const ask = { conversationId, target, spans: wholeLog, after: 0, limit: mostChanges + 1 };
    const found = await messages.targeting(ask);
    const changes = found.slice(0, mostChanges).map(({ seq, kind, time, senderId }) => ({ seq, kind, time, senderId }));
    return { changes, moreChanges: found.length > mostChanges };
  }

  async function jobsOf(conversationId: ConversationId, seq: number): Promise<Trace['jobs']> {
    const hooks = await webhooks.list({ conversationId, after: null, limit: mostWebhooks });
    const found = await Promise.all([
      jobs.find(conversationId, mostJobs),
      ...hooks.map(({ webhookId }) => jobs.find(webhookId, mostJobs)),
    ]);
    const keys = new Set<string>([conversationId, `${conversationId} ${seq}`, ...hooks.map((hook) => hook.webhookId)]);
    return found
      .flat()
      .filter(({ job }) => keys.has(job.key))
      .map(({ job, state, at, error }) => ({ queue: job.queue, state, at, attempts: job.attempts, error }));
  }

  /** All of them are counted; those behind `after` are told of. `open`: whose reading is not hidden from who asks. */
  async function membersOf(
    { conversationId, seq, senderId }: Entry,
    call: Call,
    page: { readonly after: UserId | null; readonly limit: number },
  ): Promise<{ readonly told: Pick<Trace, 'counts' | 'members' | 'more'>; readonly open: ReadonlySet<UserId> }> {
    const open = new Set<UserId>();
    const counts = { members: 0, delivered: 0, read: 0 };
    const members: Trace['members'] = [];
    let more = false;
    for (let after: UserId | null = null; ; ) {
      const rows: readonly MemberProgress[] = await conversations.progress(conversationId, after, memberPage);
      const seesReading = await whoseReadingIsSeen(call, rows);
      for (const row of rows) {
        if (seesReading(row.userId)) open.add(row.userId);
        if (row.userId === senderId || !covers(row.spans, seq)) continue;
        const member = tracedMember(row, seq, seesReading(row.userId));
        counts.members++;
        if (member.delivered) counts.delivered++;
        if (member.read) counts.read++;
        if (page.after !== null && row.userId <= page.after) continue;
        if (members.length < page.limit) members.push(member);
        else more = true;
      }
      const last = rows.at(-1);
      if (!last || rows.length < memberPage) return { told: { counts, members, more }, open };
      after = last.userId;
    }
  }

  async function whoseReadingIsSeen(
    { caller }: Call,
    rows: readonly MemberProgress[],
  ): Promise<(userId: UserId) => boolean> {
    if (caller.kind !== 'person') return () => true;
    const viewer = caller.userId;
    const discretion: Discretion = await privacy.between(
      viewer,
      rows.map(({ userId }) => userId),
    );
    return (userId) => seesReadingOf(viewer, userId, discretion);
  }

  async function devicesNamed(remembered: readonly Remembered[]): Promise<(sessionId: SessionId) => NamedDevice> {
    const ids = new Set(remembered.flatMap(({ memory }) => memory?.happenings.flatMap(sessionsIn) ?? []));
    const found = await Promise.all([...ids].slice(0, mostDevices).map((sessionId) => sessions.find(sessionId)));
    const known = new Map(found.flatMap((record) => (record ? [[record.sessionId, record] as const] : [])));
    return (sessionId) => {
      const record = known.get(sessionId);
      return { sessionId, userId: record?.userId ?? null, device: record?.device ?? null };
    };
  }

  return {
    'message.trace': async ({ conversationId, seq, text, after, limit }, call) => {
      const [conversation, entry, origin] = await Promise.all([
        conversations.find(conversationId),
        messages.entry(conversationId, seq),
        messages.origin(conversationId, seq),
      ]);
      if (!conversation || !entry || !origin) throw new AppError('not_found', 'no_such_message');
      if (text) await mustRead(conversationId, seq, call);
      const [[head], sender, changed, owed, people, remembered] = await Promise.all([
        messages.heads([conversationId]),
        entry.senderId === null ? null : profileOf(entry.senderId),
        changesOf(conversationId, seq),
        jobsOf(conversationId, seq),
        membersOf(entry, call, { after, limit }),
        memory.of(conversationId, seq),
      ]);
      const nameOf = await devicesNamed(remembered);
      if (after === null)
        await audit(call, { action: 'message.traced', subjectId: conversationId, details: { seq, text } });
      return {
        conversation: { conversationId, kind: conversation.kind, head: head?.seq ?? seq },
        entry: {
          seq,
          kind: entry.kind,
          time: entry.time,
          sender,
          node: origin.node,
          bytes: bytesOf(entry.body),
          target: entry.target ?? null,
          expiresAt: entry.expiresAt ?? null,
          emptied: entry.emptied === true,
          body: text ? ({ ...entry.body } as Record<string, never>) : null,
        },
        dispatched: origin.dispatched,
        jobs: owed,
        ...changed,
        ...people.told,
        nodes: remembered.map((one) =>
          tracedNode(one, nameOf, { open: people.open, all: call.caller.kind === 'local' }),
        ),
      };
    },
  };
}

function tracedMember(row: MemberProgress, seq: number, seesReading: boolean): Trace['members'][number] {
  const { userId, name, displayName, gone, deliveredSeq, deliveredAt, readSeq, readAt, pushedSeq } = row;
  return {
    profile: { userId, name, displayName, gone },
    member: row.member,
    delivered: deliveredSeq >= seq,
    deliveredSeq,
    deliveredAt,
    read: seesReading ? readSeq >= seq : null,
    readSeq: seesReading ? readSeq : null,
    readAt: seesReading ? readAt : null,
    pushedSeq,
  };
}

function tracedNode(
  { node, memory }: Remembered,
  nameOf: (sessionId: SessionId) => NamedDevice,
  shown: { readonly open: ReadonlySet<UserId>; readonly all: boolean },
): TracedNode {
  const traced: TracedNode = {
    node,
    answered: memory !== null,
    since: memory?.since ?? null,
    publishedAt: null,
    devices: [],
    otherDevices: 0,
    pushes: [],
    jobs: [],
  };
  const devices = new Map<SessionId, TracedDevice>();
  const deviceOf = (sessionId: SessionId): TracedDevice => {
    const known = devices.get(sessionId) ?? { ...nameOf(sessionId), sentAt: null, confirmedAt: null, readAt: null };
    devices.set(sessionId, known);
    return known;
  };
  for (const each of memory?.happenings ?? []) {
    switch (each.what) {
      case 'published':
        traced.publishedAt ??= each.at;
        break;
      case 'sent':
        for (const sessionId of each.sessionIds) deviceOf(sessionId).sentAt ??= each.at;
        traced.otherDevices += each.others;
        break;
      case 'confirmed': {
        const device = deviceOf(each.sessionId);
        device.userId ??= each.userId;
        if (!each.read) device.confirmedAt ??= each.at;
        else if (shown.open.has(each.userId)) device.readAt ??= each.at;
        break;
      }
      case 'decided': {
        const { at, userId, sessionIds } = each;
        const outcome = shown.all || !ownReasons.has(each.outcome) ? each.outcome : 'withheld';
        traced.pushes.push({ at, userId, outcome, devices: sessionIds.map(nameOf) });
        break;
      }
      case 'worked':
        traced.jobs.push({ at: each.at, queue: each.queue, error: each.error });
    }
  }
  traced.devices.push(...devices.values());
  return traced;
}

/** What people decided for themselves. */
const ownReasons: ReadonlySet<PushOutcome> = new Set(['read', 'muted', 'blocked', 'hidden']);

function sessionsIn(happening: Happening): readonly SessionId[] {
  if (happening.what === 'confirmed') return [happening.sessionId];
  return 'sessionIds' in happening ? happening.sessionIds : [];
}

/** UTF-8, without a codec: core has none. */
function bytesOf(body: object): number {
  let bytes = 0;
  for (const character of JSON.stringify(body)) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
