import type { Platform } from '../../ports/platform.ts';
import type { NewWebhook, WebhookRecord } from '../../ports/webhooks.ts';
import type { Webhook } from '../../protocol/bot-operations.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ClientId, ConversationId, UserId, WebhookId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { paths } from '../../protocol/names.ts';
import type { Audit } from '../auth/audit.ts';
import { bounds, charge } from '../auth/throttling.ts';
import { type Call, callerMay, type Handlers, person } from '../call.ts';
import type { Membership } from './membership.ts';
import { memberOf, type RulesCache } from './rules.ts';
import type { WebhookBots } from './webhook-bots.ts';
import { sealedFor, type WebhookDeliveries } from './webhook-deliveries.ts';

type WebhookOperation = Extract<keyof Handlers, `webhook.${string}`>;

const usedMs = 60_000;
/** Secrets of outgoing ones begin with it, so that people and scanners of leaked secrets tell what they are. */
const secretPrefix = 'whsec_';

/** Programs write into a conversation by an address, and are told of what is written in it. */
export function makeWebhooks(
  platform: Platform,
  parts: {
    readonly rules: RulesCache;
    readonly membership: Pick<Membership, 'change'>;
    readonly bots: WebhookBots;
    readonly deliveries: Pick<WebhookDeliveries, 'resume'>;
    readonly audit: Audit;
  },
): Pick<Handlers, WebhookOperation> {
  const { webhooks, conversations, messages, random, digests, seals, limiter, bus, clock, settings } = platform;
  const { rules, membership, bots, deliveries, audit } = parts;

  /** Throws `forbidden` where it is not theirs to decide what comes and goes there. */
  async function mustLead(conversationId: ConversationId, userId: UserId): Promise<void> {
    const present = await rules.get(conversationId);
    const mine = memberOf(present, userId);
    if (present.conversation.kind === 'group' && mine.role === 'member')
      throw new AppError('forbidden', 'not_an_admin');
  }

  /** Whose it is not does not learn that there is one. */
  async function mine(webhookId: WebhookId, call: Call): Promise<WebhookRecord> {
    const webhook = await webhooks.find(webhookId);
    if (webhook === null) throw new AppError('not_found', 'no_such_webhook');
    await mustLead(webhook.conversationId, person(call).userId).catch(hidden);
    return webhook;
  }

  /** Where its bot shall write: the group, or of notes to oneself a conversation with the bot. Lets the bot in. */
  async function settle(conversationId: ConversationId, userId: UserId, botId: UserId): Promise<ConversationId> {
    const { conversation } = await rules.get(conversationId);
    if (conversation.kind === 'direct') {
      const { conversation: own } = await conversations.openDirect(random.id() as ConversationId, userId, botId);
      bus.publish(`user:${userId}`, { type: 'changed', userId });
      return own.conversationId;
    }
    await membership.change(conversationId, userId, (present) => {
      if (present.conversation.memberCount >= limits.members) throw new AppError('conflict', 'group_full');
      return { type: 'add', userIds: [botId] };
    });
    return conversationId;
  }

  async function mustHaveRoom(conversationId: ConversationId, userId: UserId): Promise<void> {
    await mustLead(conversationId, userId);
    const { conversation } = await rules.get(conversationId);
    if (conversation.kind === 'group') {
      if (conversation.memberCount >= limits.members) throw new AppError('conflict', 'group_full');
      return;
    }
    const peers = await conversations.peers(userId, [conversationId]);
    if (peers.get(conversationId) !== userId) throw new AppError('conflict', 'direct_conversation');
  }

  async function create(
    { conversationId, name }: { readonly conversationId: ConversationId; readonly name: string },
    kindOf: (webhookId: WebhookId, seq: number) => NewWebhook['kind'],
    call: Call,
  ): Promise<WebhookRecord> {
    const { userId } = person(call);
    await mustHaveRoom(conversationId, userId);
    await charge(limiter, [bounds.webhooksBy(userId)]);
    const [head] = await messages.heads([conversationId]);
    const webhookId = random.id() as WebhookId;
    const kind = kindOf(webhookId, head?.seq ?? 0);
    const present = await webhooks.list({ conversationId, after: null, limit: 2 * limits.webhooks });
    if (present.filter(({ direction }) => direction === kind.direction).length >= limits.webhooks) refuseMore();
    const botId = await bots.make(name);
    const place = await settle(conversationId, userId, botId).catch(async (error: unknown) => {
      await bots.dismiss({ webhookId, conversationId, botId });
      throw error;
    });
    const made = { webhookId, conversationId: place, name, botId, createdBy: userId };
    // Judged by its own log: a conversation with the bot alone has its own numbers.
    const placed = place === conversationId ? kind : kindOf(webhookId, 0);
    if (!(await webhooks.add({ ...made, kind: placed }, limits.webhooks))) {
      await bots.dismiss(made);
      refuseMore();
    }
    const details = { direction: kind.direction, name, conversationId: place };
    await audit(call, { action: 'webhook.created', subjectId: webhookId, details });
    return mine(webhookId, call);
  }

  const urlOf = (secret: string) => `${settings.address}${paths.hooks}${secret}`;

  return {
    async 'webhook.createIncoming'(input, call) {
      const secret = random.secret();
      const kind = { direction: 'incoming', secretHash: digests.hash(secret) } as const;
      return { webhook: shown(await create(input, () => kind, call)), url: urlOf(secret) };
    },

    async 'webhook.createOutgoing'({ url, trigger, word, ...input }, call) {
      if (trigger === 'word' && word === null) {
        throw new AppError('invalid', 'invalid_input', { fields: [{ path: 'word', message: 'needed' }] });
      }
      const secret = secretPrefix + random.secret();
      const kindOf = (webhookId: WebhookId, seq: number) => {
        const sealedSecret = seals.seal(secret, sealedFor(webhookId));
        return { direction: 'outgoing', sealedSecret, url, trigger, word, seq } as const;
      };
      return { webhook: shown(await create(input, kindOf, call)), secret };
    },

    async 'webhook.list'({ conversationId, after, limit }, call) {
      if (conversationId !== null && call.caller.kind !== 'local') {
        await mustLead(conversationId, person(call).userId);
      } else if (!callerMay(call, 'manage_users')) throw new AppError('forbidden', 'not_permitted');
      const found = await webhooks.list({ conversationId, after, limit: limit + 1 });
      const page = found.slice(0, limit);
      const titles = new Map<ConversationId, string>();
      for (const { conversationId: each } of page)
        if (!titles.has(each)) titles.set(each, (await conversations.find(each))?.title ?? '');
      return {
        webhooks: page.map((webhook) => ({ ...shown(webhook), title: titles.get(webhook.conversationId) ?? '' })),
        more: found.length > limit,
      };
    },

    async 'webhook.renew'({ webhookId }, call) {
      const webhook = await mine(webhookId, call);
      const secret = random.secret();
      const isIncoming = webhook.direction === 'incoming';
      const written = isIncoming ? urlOf(secret) : secretPrefix + secret;
      await webhooks.renew(
        webhookId,
        isIncoming ? { secretHash: digests.hash(secret) } : { sealedSecret: seals.seal(written, sealedFor(webhookId)) },
      );
      await audit(call, { action: 'webhook.renewed', subjectId: webhookId, details: { name: webhook.name } });
      return { webhook: shown(webhook), secret: written };
    },

    async 'webhook.resume'({ webhookId }, call) {
      const webhook = await mine(webhookId, call);
      if (webhook.direction === 'outgoing') await deliveries.resume(webhookId);
      return { webhook: shown(await mine(webhookId, call)) };
    },

    async 'webhook.revoke'({ webhookId }, call) {
      const webhook = callerMay(call, 'manage_users') ? await webhooks.find(webhookId) : await mine(webhookId, call);
      if (webhook === null) throw new AppError('not_found', 'no_such_webhook');
      // Its row last: whoever is interrupted can do it again.
      await bots.dismiss(webhook);
      if (!(await webhooks.remove(webhookId))) return {};
      const details = { direction: webhook.direction, name: webhook.name, conversationId: webhook.conversationId };
      await audit(call, { action: 'webhook.revoked', subjectId: webhookId, details });
      return {};
    },

    async 'webhook.post'({ secret, text, clientId }) {
      const webhook = await webhooks.findByHash(digests.hash(secret));
      if (webhook === null) throw new AppError('not_found', 'no_such_webhook');
      await charge(limiter, [bounds.postsBy(webhook.webhookId)]);
      const sent = await bots.say(webhook, { clientId: clientId ?? (random.id() as ClientId), text });
      if ((webhook.lastUsedAt ?? 0) + usedMs <= clock.now()) await webhooks.used(webhook.webhookId);
      return sent;
    },
  };
}

function refuseMore(): never {
  throw new AppError('conflict', 'too_many_webhooks');
}

function hidden(error: unknown): never {
  if (error instanceof AppError && error.code === 'forbidden') throw new AppError('not_found', 'no_such_webhook');
  throw error;
}

function shown({ sealedSecret: _, seq: __, retryAt: ___, failingSince: ____, ...webhook }: WebhookRecord): Webhook {
  return webhook;
}
