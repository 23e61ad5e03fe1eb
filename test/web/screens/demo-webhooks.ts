import type { ConversationId, UserId, WebhookId } from '../../../src/protocol/ids.ts';
import type { Engine, Webhook } from '../../../src/web/engine/engine.ts';
import type { Scenario } from './demo-engine.ts';

interface Parts {
  readonly scenario: Scenario;
  readonly now: number;
  readonly answer: <T>(make: () => T) => Promise<T>;
}

const hour = 3_600_000;
const secret = 'whsec_q3V0eHh4dG9rZW50b2tlbnRva2VudG9rZW50b2tlbnQ';
const address = 'https://chat.sailing.example.org/hooks/q3V0eHh4dG9rZW50b2tlbnRva2VudG9rZW50b2tlbnQ';

/** Webhooks of a group in all their states, over made-up data. */
export function makeDemoWebhooks({ scenario, now, answer }: Parts): Engine['webhooks'] {
  return {
    list: (conversationId) => answer(() => (scenario.webhooks === 0 ? [] : webhooksOf(conversationId, now))),
    createIncoming: ({ name }) =>
      answer(() => ({ webhook: { webhookId: idOf(9), direction: 'incoming', name: String(name) }, secret: address })),
    createOutgoing: ({ name }) =>
      answer(() => ({ webhook: { webhookId: idOf(9), direction: 'outgoing', name: String(name) }, secret })),
    renew: (webhookId) =>
      answer(() => ({ webhook: { webhookId, direction: 'incoming', name: 'Builds' }, secret: address })),
    resume: () => answer(() => undefined),
    revoke: () => answer(() => undefined),
  };
}

const idOf = (number: number) => `08980000-0000-7000-8000-${String(number).padStart(12, '0')}` as WebhookId;

function webhooksOf(conversationId: ConversationId, now: number): Webhook[] {
  const made = (number: number, name: string, more: Partial<Webhook> = {}): Webhook => ({
    webhookId: idOf(number),
    conversationId,
    direction: more.outgoing == null ? 'incoming' : 'outgoing',
    name,
    botId: idOf(100 + number) as string as UserId,
    createdBy: null,
    createdAt: now - 30 * 24 * hour,
    lastUsedAt: null,
    outgoing: null,
    title: '',
    ...more,
  });
  const leads = {
    trigger: 'all',
    word: null,
    lastStatus: 200,
    lastError: null,
    failures: 0,
    disabledAt: null,
  } as const;
  const url = 'https://automation.sailing.example.org/hooks/a-very-long-address/that-is-cut?by=its&end=yes';
  return [
    made(1, 'Weather of the harbour and all that belongs to it: wind, waves and currents', { lastUsedAt: now - hour }),
    made(2, 'بوت الطقس'),
    made(3, 'Race committee', { lastUsedAt: now - 3 * hour, outgoing: { ...leads, url } }),
    made(4, 'Logbook', {
      outgoing: { ...leads, url, lastStatus: 503, lastError: 'refused', failures: 4 },
    }),
    made(5, 'Home automation', {
      outgoing: {
        ...leads,
        url: 'http://192.168.1.20:8123/api/webhook/x',
        lastStatus: null,
        lastError: 'private_address',
        failures: 31,
        disabledAt: now - hour,
      },
    }),
  ];
}
