import { type Signal, signal } from '@preact/signals';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Message } from '../../protocol/models.ts';
import type { Expiry } from './expiry.ts';
import type { Journal } from './journal.ts';

/** What the list shows of a conversation whose last message the person removed for themselves: the one before it. */
export interface Beneath {
  /** Null where there is none stored here, or it is not found yet; then who asked is told. */
  under(last: Message, hidden: ReadonlySet<number>): Message | null;
}

const lookedAt = 50;

export function makeBeneath(journal: Pick<Journal, 'messages'>, expiry: Pick<Expiry, 'isOver'>): Beneath {
  const found = new Map<ConversationId, { readonly of: string; readonly message: Signal<Message | null> }>();

  async function look({ conversationId, seq }: Message, hidden: ReadonlySet<number>, into: Signal<Message | null>) {
    const ask = { conversationId, from: 1, to: seq - 1, limit: lookedAt, end: 'newest' } as const;
    const stored = await journal.messages(ask).catch(() => []);
    into.value =
      stored.findLast(({ message }) => !hidden.has(message.seq) && !expiry.isOver(message.expiresAt))?.message ?? null;
  }

  return {
    under(last, hidden) {
      const of = `${last.seq} ${hidden.size}`;
      let one = found.get(last.conversationId);
      if (one?.of !== of) {
        one = { of, message: signal<Message | null>(one?.message.peek() ?? null) };
        found.set(last.conversationId, one);
        const { message } = one;
        queueMicrotask(() => void look(last, hidden, message));
      }
      return one.message.value;
    },
  };
}
