import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { DeliveryState, WebhookRecord } from '../../ports/webhooks.ts';
import { AppError } from '../../protocol/errors.ts';
import {
  type ClientId,
  conversationId as idOfConversation,
  webhookId as idOfWebhook,
  type UserId,
  type WebhookId,
} from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Entry, type EntryOf, text as textSchema } from '../../protocol/models.ts';
import type { OwesJobs } from './owed-jobs.ts';
import type { WebhookBots } from './webhook-bots.ts';

/** What is written in a conversation goes on to the outgoing webhooks it has: each in the order of the log, one at a time. */
export interface WebhookDeliveries {
  readonly jobs: Readonly<Record<'webhooks' | 'webhook_delivery', JobHandler>>;
  /** Forgets that it failed, and goes on where it stopped. */
  resume(webhookId: WebhookId): Promise<void>;
}

/** Longer than a delivery takes, with what is read and written around it. */
const leaseMs = 45_000;
/** Another one delivers: what came meanwhile is looked at again after this. */
const betweenTriesMs = 1_000;
/** One job works for so long; the next goes on. */
const turnMs = 20_000;
const firstRetryMs = 5_000;
const longestRetryMs = 60 * 60_000;
/** What failed for so long is given up, until somebody resumes it. */
const patienceMs = 24 * 3_600_000;
const pageItems = 50;

/** What a secret is sealed for. */
export const sealedFor = (webhookId: WebhookId): string => `webhook:${webhookId}`;

type Outgoing = WebhookRecord & { readonly outgoing: NonNullable<WebhookRecord['outgoing']> };

export function makeWebhookDeliveries(platform: Platform, { bots }: { readonly bots: WebhookBots }): WebhookDeliveries {
  const { webhooks, webhookSender, conversations, messages, users, seals, jobs, bus, clock, random } = platform;
  const log = platform.log.child({ component: 'webhooks' });

  async function begin(webhookIds: readonly WebhookId[], runAt: number): Promise<void> {
    if (webhookIds.length === 0) return;
    await jobs.add(
      webhookIds.map((webhookId) => ({ queue: 'webhook_delivery', key: webhookId, payload: { webhookId }, runAt })),
    );
    bus.publish('nodes', { type: 'jobs' });
  }

  async function deliverAll(webhookId: WebhookId): Promise<void> {
    const taken = await webhooks.take(webhookId, leaseMs);
    if (taken === null) {
      const present = await webhooks.find(webhookId);
      if (present?.outgoing?.disabledAt === null) await begin([webhookId], clock.now() + betweenTriesMs);
      return;
    }
    if (!isOutgoing(taken)) return;
    const state = { ...stateOf(taken) };
    try {
      const next = taken.retryAt > clock.now() ? taken.retryAt : await deliverBehind(taken, state);
      await webhooks.note(webhookId, state, 0);
      if (next !== null) await begin([webhookId], next);
    } catch (error) {
      await webhooks.note(webhookId, state, 0);
      throw error;
    }
  }

  /** Moves `state` on. Answers when to go on; null: there is nothing more to do. */
  async function deliverBehind(webhook: Outgoing, state: Mutable<DeliveryState>): Promise<number | null> {
    const { conversationId, botId, webhookId } = webhook;
    const endsAt = clock.now() + turnMs;
    const spans = (await conversations.row(conversationId, botId))?.spans ?? [];
    const [bot] = await users.profiles([botId]);
    if (spans.length === 0 || bot === undefined || bot.gone) return null;
    const others = await webhooks.list({ conversationId, after: null, limit: 2 * limits.webhooks });
    const theirBots = new Set(others.map((other) => other.botId));
    for (;;) {
      const after = state.seq;
      const page = { limit: pageItems, maxBytes: limits.pageBytes };
      const { entries, more, head } = await messages.entries({ conversationId, after, spans, ...page });
      // The log may have been restored to an earlier state.
      if (head < after) state.seq = head;
      for (const entry of entries) {
        if (clock.now() >= endsAt) return clock.now();
        if (!concerns(webhook, entry, theirBots, clock.now())) {
          state.seq = entry.seq;
          continue;
        }
        const retryAt = await deliver(webhook, entry, state);
        if (state.disabledAt !== null) return null;
        if (retryAt !== null) return retryAt;
        await webhooks.note(webhookId, state, leaseMs);
      }
      if (!more) return null;
    }
  }

  /** When to try again; null: it arrived. */
  async function deliver(
    webhook: Outgoing,
    entry: EntryOf<'message'>,
    state: Mutable<DeliveryState>,
  ): Promise<number | null> {
    const { webhookId, sealedSecret, outgoing } = webhook;
    const secret = seals.open(sealedSecret ?? '', sealedFor(webhookId)) ?? '';
    const deliveryId = deliveryIdOf(webhookId, entry.seq);
    const body = JSON.stringify(await described(webhook, entry, deliveryId));
    const delivered = await webhookSender.post({ url: outgoing.url, secret, deliveryId, body });
    const now = clock.now();
    state.used = false;
    state.lastStatus = 'status' in delivered ? delivered.status : null;
    if ('status' in delivered && delivered.status >= 200 && delivered.status < 300) {
      await answer(webhook, entry, delivered.text, deliveryId);
      Object.assign(state, {
        seq: entry.seq,
        failures: 0,
        failingSince: null,
        retryAt: 0,
        lastError: null,
        used: true,
      });
      return null;
    }
    state.lastError = 'failure' in delivered ? delivered.failure : 'refused';
    state.failures += 1;
    state.failingSince ??= now;
    state.retryAt = now + backOff(state.failures, random.fraction());
    if (now - state.failingSince >= patienceMs) state.disabledAt = now;
    return state.retryAt;
  }

  async function described({ webhookId, conversationId }: Outgoing, entry: EntryOf<'message'>, deliveryId: string) {
    const conversation = await conversations.find(conversationId);
    const [sender] = await users.profiles(entry.senderId === null ? [] : [entry.senderId]);
    const { text, replyTo } = entry.body;
    return {
      type: 'message',
      deliveryId,
      webhookId,
      conversation: { conversationId, kind: conversation?.kind ?? 'group', title: conversation?.title ?? '' },
      message: { seq: entry.seq, time: entry.time, text, ...(replyTo === undefined ? {} : { replyTo }) },
      sender: sender && {
        userId: sender.userId,
        name: sender.name,
        displayName: sender.displayName,
        bot: sender.bot === true,
      },
    };
  }

  /** What may not be said is left unsaid. Delivered again, it is said once. */
  async function answer(webhook: Outgoing, entry: Entry, said: string, deliveryId: string): Promise<void> {
    const text = textOf(said);
    if (text === null) return;
    try {
      await bots.say(webhook, { clientId: deliveryId as ClientId, text, replyTo: entry.seq });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
      log.info({ webhookId: webhook.webhookId, reason: error.reason }, 'answer of a webhook not posted');
    }
  }

  return {
    jobs: {
      async webhooks({ key }) {
        const conversationId = idOfConversation.parse(key);
        const found = await webhooks.list({ conversationId, after: null, limit: 2 * limits.webhooks });
        const due = found.filter((webhook) => isOutgoing(webhook) && webhook.outgoing.disabledAt === null);
        await begin(
          due.map(({ webhookId }) => webhookId),
          clock.now(),
        );
      },
      webhook_delivery: ({ key }) => deliverAll(idOfWebhook.parse(key)),
    },
    async resume(webhookId) {
      await webhooks.resume(webhookId);
      await begin([webhookId], clock.now());
    },
  };
}

/** Messages of conversations that have outgoing webhooks. */
export function makeWebhooksOwed({ webhooks }: Pick<Platform, 'webhooks'>): OwesJobs {
  return {
    jobOf(entry) {
      if (entry.kind !== 'message') return null;
      const { conversationId } = entry;
      return { queue: 'webhooks', key: conversationId, payload: { conversationId }, runAt: entry.time };
    },
    async needed(owed) {
      const delivering = await webhooks.delivering(owed.map(({ key }) => idOfConversation.parse(key)));
      return owed.filter(({ key }) => delivering.has(idOfConversation.parse(key)));
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function isOutgoing(webhook: WebhookRecord): webhook is Outgoing {
  return webhook.outgoing !== null;
}

function stateOf({ seq, retryAt, failingSince, outgoing }: Outgoing): DeliveryState {
  const { failures, lastStatus, lastError, disabledAt } = outgoing;
  return { seq, retryAt, failingSince, failures, lastStatus, lastError, disabledAt, used: false };
}

/** What webhooks' bots write goes to no webhook: two could answer each other for ever. */
function concerns(
  { botId, outgoing }: Outgoing,
  entry: Entry,
  theirBots: ReadonlySet<UserId>,
  now: number,
): entry is EntryOf<'message'> {
  if (entry.kind !== 'message' || entry.emptied || entry.senderId === null || theirBots.has(entry.senderId))
    return false;
  if (entry.expiresAt !== undefined && entry.expiresAt <= now) return false;
  switch (outgoing.trigger) {
    case 'all':
      return true;
    case 'mention':
      return entry.body.mentions?.includes(botId) ?? false;
    case 'word':
      return firstWord(entry.body.text) === outgoing.word?.toLowerCase();
  }
}

function firstWord(text: string): string | undefined {
  return text.trimStart().split(/\s/u, 1)[0]?.toLowerCase();
}

/** Ids of one webhook's deliveries differ in their last twelve digits, where the seq stands; it is a UUID of its own kind. */
function deliveryIdOf(webhookId: WebhookId, seq: number): string {
  return webhookId.slice(0, 24) + seq.toString(16).padStart(12, '0');
}

function backOff(failures: number, fraction: number): number {
  const whole = Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
  return Math.round(whole * (0.5 + fraction / 2));
}

/** What the answer says: JSON with a text; null: nothing that could be posted. */
function textOf(said: string): string | null {
  let answer: unknown;
  try {
    answer = JSON.parse(said);
  } catch {
    return null;
  }
  if (typeof answer !== 'object' || answer === null || !('text' in answer)) return null;
  const parsed = textSchema.safeParse(answer.text);
  return parsed.success ? parsed.data : null;
}
