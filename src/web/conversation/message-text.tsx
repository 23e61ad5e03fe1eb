import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { words } from '../i18n/language.ts';
import { cutText, type Mentions, mayFold, type Piece } from './text-pieces.ts';

interface MessageTextProps {
  readonly text: string;
  readonly mentions: Mentions;
  readonly open: boolean;
  readonly onOpen: () => void;
}

/** A message's text: links, code, folded after thirty lines. Only text nodes: nothing that was written becomes markup. */
export function MessageText({ text, mentions, open, onOpen }: MessageTextProps) {
  const place = useRef<HTMLSpanElement>(null);
  const [longer, setLonger] = useState(false);
  const foldable = mayFold(text) && !open;
  useLayoutEffect(() => {
    const element = place.current;
    if (element !== null && foldable) setLonger(element.scrollHeight > element.clientHeight + 2);
  }, [text, foldable]);
  return (
    <>
      <span class={foldable ? 'message-text is-folded' : 'message-text'} ref={place}>
        {withoutGaps(cutText(text, mentions)).map(drawn)}
      </span>
      {foldable && longer && (
        <button type="button" class="message-more" onClick={onOpen}>
          {words().conversation.more}
        </button>
      )}
    </>
  );
}

/** A block ends its line by itself: the break written behind it would leave an empty one. */
function withoutGaps(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece, index) => {
    const before = pieces[index - 1];
    const behindBlock = before?.kind === 'code' && before.block && piece.kind === 'text';
    return behindBlock ? { ...piece, text: piece.text.replace(/^\n/u, '') } : piece;
  });
}

function drawn(piece: Piece, index: number) {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'link': {
      const inside = piece.href.startsWith(`${location.origin}/`);
      return (
        <a key={index} href={piece.href} {...(inside ? {} : { target: '_blank', rel: 'noopener noreferrer nofollow' })}>
          {piece.text}
        </a>
      );
    }
    case 'mention':
      return (
        <bdi key={index} class={piece.mine ? 'mention is-mine' : 'mention'}>
          {piece.text}
        </bdi>
      );
    case 'code':
      return piece.block ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and a keyboard must reach that
        <code key={index} class="code-block" tabIndex={0}>
          {piece.text}
        </code>
      ) : (
        <code key={index}>{piece.text}</code>
      );
  }
}
