import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { ScheduledRecord } from '../../ports/scheduled-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ClientId, SessionId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Scheduled } from '../../protocol/scheduled-operations.ts';
import { type Call, type Handlers, person } from '../call.ts';
import { mustWrite, type Sent } from './authoring.ts';
import { mustBeSaid } from './message-looks.ts';
import { memberOf, type RulesCache } from './rules.ts';

type ScheduledOperation = Extract<keyof Handlers, `scheduled.${string}`>;
type Key = Pick<ScheduledRecord, 'userId' | 'clientId'>;

/** Messages that are sent later. */
export interface Scheduling {
  readonly handlers: Pick<Handlers, ScheduledOperation>;
  readonly jobs: { readonly scheduled: JobHandler };
  /** Those that are due although nobody was told to send them. */
  rescue(): Promise<void>;
}

/** A job is stored behind what it sends; where that failed, it is due for so long by the time it is looked for. */
const lateMs = 60_000;
const rescuedPage = 100;

export function makeScheduling({
  bus,
  clock,
  jobs,
  messages,
  scheduled,
  users,
  rules,
  send,
}: Pick<Platform, 'bus' | 'clock' | 'jobs' | 'messages' | 'scheduled' | 'users'> & {
  readonly rules: RulesCache;
  readonly send: Handlers['message.send'];
}): Scheduling {
  function tell(userId: UserId): void {
    bus.publish(`user:${userId}`, { type: 'changed', userId });
  }

  async function order(keys: readonly Key[], runAt: number): Promise<void> {
    await jobs.add(
      keys.map((key) => ({ queue: 'scheduled', key: `${key.userId} ${key.clientId}`, payload: key, runAt })),
    );
    if (runAt <= clock.now()) bus.publish('nodes', { type: 'jobs' });
  }

  function mustBeNear(sendAt: number): void {
    if (sendAt > clock.now() + limits.scheduledAhead) throw new AppError('invalid', 'too_far_ahead');
  }

  /** One that was begun. Rejects with what the conversation refuses it for, having noted that, or with `unavailable`. */
  async function deliver(record: ScheduledRecord, call: Call): Promise<Sent> {
    const { userId } = record;
    let sent: Sent;
    try {
      sent = await send({ ...placeOf(record), ...contentOf(record) }, call);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
      await scheduled.refuse(record, error.reason);
      tell(userId);
      throw error;
    }
    await scheduled.finish(record);
    tell(userId);
    return sent;
  }

  /** Its author, as if they asked. Null: they are gone. */
  async function authorOf(userId: UserId): Promise<Call | null> {
    const user = await users.find(userId);
    if (user === null || user.state === 'deleted') return null;
    if (user.state !== 'active') throw new AppError('forbidden', 'account_disabled');
    const caller = { kind: 'person', userId, sessionId: nobodysSession, role: user.role, scopes: null } as const;
    return { caller, address: null, origin: null, receiver: null };
  }

  async function sendDue(key: Key): Promise<void> {
    const waiting = await scheduled.find(key);
    if (waiting === null || waiting.refused !== null) return;
    // It was put off.
    if (waiting.sendAt > clock.now()) return order([key], waiting.sendAt);
    const record = await scheduled.begin(key);
    if (record === null) return;
    try {
      const call = await authorOf(key.userId);
      if (call === null) await scheduled.finish(key);
      else await deliver(record, call);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
      await scheduled.refuse(key, error.reason);
    }
  }

  async function known(key: Key, input: Parameters<Handlers['scheduled.create']>[0]): Promise<Scheduled | null> {
    const record = await scheduled.find(key);
    if (record === null) return null;
    const isSame =
      record.conversationId === input.conversationId &&
      record.text === input.text &&
      record.replyTo === (input.replyTo ?? null) &&
      record.preview === (input.preview ?? true);
    if (!isSame) throw new AppError('conflict', 'client_id_used');
    return shown(record);
  }

  return {
    handlers: {
      'scheduled.create': async (input, call) => {
        const { userId } = person(call);
        const { conversationId, clientId, text, replyTo, preview = true, sendAt } = input;
        mustBeNear(sendAt);
        if (await messages.find(conversationId, userId, clientId)) return { scheduled: null };
        const present = await rules.get(conversationId);
        mustWrite(present, userId);
        if (replyTo !== undefined) {
          const place = { conversationId, seq: replyTo };
          const { emptied } = await mustBeSaid(messages, place, memberOf(present, userId).spans);
          if (emptied) throw new AppError('not_found', 'no_such_message');
        }
        const record = { userId, conversationId, clientId, text, replyTo: replyTo ?? null, preview, sendAt };
        const outcome = await scheduled.add(record, limits.scheduled);
        if (outcome === 'too_many') throw new AppError('conflict', 'too_many_scheduled');
        if (outcome === 'known') {
          const same = await known(record, input);
          if (same !== null) await order([record], same.sendAt);
          return { scheduled: same };
        }
        await order([record], sendAt);
        tell(userId);
        return { scheduled: shown({ ...record, refused: null }) };
      },

      'scheduled.list': async ({ conversationId, after }, call) => {
        const ask = { userId: person(call).userId, conversationId: conversationId ?? null, after };
        const records = await scheduled.list({ ...ask, limit: limits.scheduled + 1 });
        const page = fitting(records.slice(0, limits.scheduled));
        return { scheduled: page.map(shown), more: page.length < records.length };
      },

      'scheduled.change': async ({ clientId, text, sendAt }, call) => {
        const { userId } = person(call);
        if (sendAt !== undefined) mustBeNear(sendAt);
        const record = await scheduled.change({ userId, clientId }, { text, sendAt });
        if (record === null) throw new AppError('not_found', 'no_such_scheduled');
        if (record === 'begun') throw new AppError('conflict', 'being_sent');
        await order([record].map(keyOf), record.sendAt);
        tell(userId);
        return { scheduled: shown(record) };
      },

      'scheduled.cancel': async ({ clientId }, call) => {
        const { userId } = person(call);
        if ((await scheduled.cancel({ userId, clientId })) === 'begun') throw new AppError('conflict', 'being_sent');
        tell(userId);
        return {};
      },

      'scheduled.sendNow': async ({ clientId }, call) => {
        const { userId } = person(call);
        const key = { userId, clientId };
        const now = clock.now();
        // One that was refused is tried again.
        await scheduled.change(key, { sendAt: now });
        const record = await scheduled.begin(key);
        if (record === null) throw new AppError('not_found', 'no_such_scheduled');
        // Where this process ends now, the job goes on with it.
        await order([key], now);
        return deliver(record, call);
      },
    },

    jobs: { scheduled: (job) => sendDue(job.payload as Key) },

    async rescue() {
      const late = await scheduled.due(clock.now() - lateMs, rescuedPage);
      if (late.length > 0) await order(late, clock.now());
    },
  };
}

/** Sending asks for none. */
const nobodysSession = '' as SessionId;

const keyOf = ({ userId, clientId }: Key): { userId: UserId; clientId: ClientId } => ({ userId, clientId });

const placeOf = ({ conversationId, clientId }: ScheduledRecord) => ({ conversationId, clientId });

function contentOf({ text, replyTo, preview }: ScheduledRecord): Pick<Scheduled, 'text' | 'replyTo' | 'preview'> {
  return { text, ...(replyTo === null ? {} : { replyTo }), ...(preview ? {} : { preview: false }) };
}

function shown(record: ScheduledRecord): Scheduled {
  const { sendAt, refused } = record;
  return { ...placeOf(record), ...contentOf(record), sendAt, refused };
}

/** As many as an answer has room for, but one always. */
function fitting(records: readonly ScheduledRecord[]): readonly ScheduledRecord[] {
  let room = limits.pageBytes;
  const beyond = records.findIndex(({ text }, i) => {
    room -= 300 + 3 * text.length;
    return i > 0 && room < 0;
  });
  return beyond < 0 ? records : records.slice(0, beyond);
}
