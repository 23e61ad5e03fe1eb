import './quote-view.css';
import type { Quote } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { toneOf } from '../parts/avatar.tsx';
import { nameOf } from '../parts/name.tsx';

const oneLine = (text: string): string => text.slice(0, 200).replace(/\s+/gu, ' ').trim();

/** What a quote says, in one line. */
export function quoteText(quote: Quote): string {
  const { conversation, list } = words();
  switch (quote.is) {
    case 'loading':
      return '…';
    case 'removed':
      return conversation.quoteRemoved;
    case 'hidden':
      return conversation.quoteHidden;
    case 'there':
      if (quote.blocked) return conversation.blocked;
      return quote.kind === 'poll' ? list.poll(oneLine(quote.text)) : oneLine(quote.text);
  }
}

export const quotedName = (quote: Quote): string => (quote.mine ? words().common.you : nameOf(quote.sender));

/** Its sender and a line of it. A tap leads to it, where it can be read. */
export function QuoteButton({
  quote,
  reachable,
  onJump,
}: {
  quote: Quote;
  reachable: boolean;
  onJump: (seq: number) => void;
}) {
  if (quote.is === 'removed' || quote.is === 'hidden') {
    return (
      <p class="quote is-gone">
        <span class="quote-text">{quoteText(quote)}</span>
      </p>
    );
  }
  return (
    <button
      type="button"
      class="quote"
      style={{ '--tone': String(toneOf(quote.sender?.userId ?? '')) }}
      tabIndex={reachable ? 0 : -1}
      onClick={() => onJump(quote.seq)}
    >
      <span class="hidden-visually">{words().conversation.inReplyTo}</span>
      <QuoteLines quote={quote} />
    </button>
  );
}

export function QuoteLines({ quote }: { quote: Quote }) {
  const known = quote.is === 'there';
  return (
    <span class="quote-lines">
      {!quote.blocked && <bdi class="quote-name cut">{known ? quotedName(quote) : '…'}</bdi>}
      <span class="quote-text cut" dir="auto">
        {quoteText(quote)}
      </span>
    </span>
  );
}
