import type { Delivered, WebhookSender } from '../../src/ports/webhooks.ts';

type Delivery = Parameters<WebhookSender['post']>[0];

/** Programs at the other end of outgoing webhooks: they note what comes, and answer as they are told. */
export interface RecordingHooks extends WebhookSender {
  readonly received: Delivery[];
  /** What was written in the messages that came, in order. */
  texts(): readonly string[];
  answer: (delivery: Delivery) => Delivered | Promise<Delivered>;
}

export function makeRecordingHooks(): RecordingHooks {
  const hooks: RecordingHooks = {
    received: [],
    texts: () => hooks.received.map(({ body }) => JSON.parse(body).message.text as string),
    answer: () => ({ status: 200, text: '' }),
    async post(delivery) {
      hooks.received.push(delivery);
      return await hooks.answer(delivery);
    },
  };
  return hooks;
}
