import { computed, signal } from '@preact/signals';
import type { ClientId, ConversationId } from '../../../src/protocol/ids.ts';
import type { Engine, ScheduledMessage } from '../../../src/web/engine/engine.ts';
import type { Scenario } from './demo-engine.ts';

interface Parts {
  readonly scenario: Scenario;
  readonly now: number;
  readonly answer: <T>(make: () => T) => Promise<T>;
}

const hour = 3_600_000;

/** What waits to be sent later, over made-up data: the same in every conversation. */
export function makeDemoScheduled({ scenario, now, answer }: Parts): Engine['scheduled'] {
  const all = signal<readonly Omit<ScheduledMessage, 'conversationId'>[]>(
    scenario.scheduled === undefined ? [] : waiting(now, scenario.scheduled === 'refused'),
  );
  const without = (clientId: ClientId) => all.value.filter((one) => one.clientId !== clientId);
  return {
    of: (conversationId: ConversationId) => computed(() => all.value.map((one) => ({ ...one, conversationId }))),
    create: ({ text, sendAt }) =>
      answer(() => {
        all.value = [...all.value, { clientId: idOf(all.value.length + 1), text, sendAt, refused: null }];
      }),
    change: (clientId, change) =>
      answer(() => {
        all.value = all.value.map((one) => (one.clientId === clientId ? { ...one, ...change, refused: null } : one));
      }),
    cancel: (clientId) =>
      answer(() => {
        all.value = without(clientId);
      }),
    sendNow: (clientId) =>
      answer(() => {
        all.value = without(clientId);
      }),
  };
}

const idOf = (number: number) => `5c4ed000-0000-7000-8000-${String(number).padStart(12, '0')}` as ClientId;

function waiting(now: number, isRefused: boolean): Omit<ScheduledMessage, 'conversationId'>[] {
  return [
    {
      clientId: idOf(1),
      text: 'Happy birthday, dear grandmother! We all sing for you at eleven, by telephone and out of tune.',
      sendAt: now + 14 * hour,
      refused: isRefused ? 'not_a_member' : null,
    },
    { clientId: idOf(2), text: 'مساء الخير 🌙', sendAt: now + 30 * 24 * hour, refused: null },
  ];
}
