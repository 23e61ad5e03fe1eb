import type { Engine } from './engine.ts';
import type { Requests } from './requests.ts';

/** Programs that write into a conversation and are told of it. Each rejects with AppError. */
export function makeWebhooks({ ask }: Pick<Requests, 'ask'>): Engine['webhooks'] {
  return {
    list: async (conversationId) => (await ask('webhook.list', { conversationId })).webhooks,
    async createIncoming(input) {
      const { webhook, url } = await ask('webhook.createIncoming', input);
      return { webhook, secret: url };
    },
    createOutgoing: (input) => ask('webhook.createOutgoing', input),
    renew: (webhookId) => ask('webhook.renew', { webhookId }),
    async resume(webhookId) {
      await ask('webhook.resume', { webhookId });
    },
    async revoke(webhookId) {
      await ask('webhook.revoke', { webhookId });
    },
  };
}
