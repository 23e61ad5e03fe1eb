import { useRef } from 'preact/hooks';
import { clockTime, words } from '../i18n/language.ts';
import { Avatar, toneOf } from '../parts/avatar.tsx';
import { failureText } from '../parts/failure.ts';
import { Name, nameOf } from '../parts/name.tsx';
import type { MessageRow } from './message-rows.ts';
import type { Point } from './message-sheet.tsx';
import { MessageText } from './message-text.tsx';
import { emojiCount } from './text-pieces.ts';
import { Ticks } from './ticks.tsx';

interface BubbleProps {
  readonly row: MessageRow;
  /** In groups it is said who wrote. */
  readonly named: boolean;
  readonly open: boolean;
  readonly onOpen: () => void;
  readonly onActions: (at: Point | null) => void;
}

export function MessageBubble({ row, named, open, onOpen, onActions }: BubbleProps) {
  const { shown, first, last } = row;
  const { conversation } = words();
  const press = usePress(onActions);
  const emoji = shown.removed ? 0 : emojiCount(shown.text);
  const showsName = named && !shown.mine && first;
  const shape = `${first ? ' is-first' : ''}${last ? ' is-last' : ''}${emoji > 0 ? ' is-emoji' : ''}`;
  return (
    <div class={`message ${shown.mine ? 'is-mine' : 'is-theirs'}${named ? ' is-named' : ''}${shape}`}>
      {named && !shown.mine && last && (
        <span class="message-avatar">
          <Avatar id={shown.sender?.userId ?? ''} name={nameOf(shown.sender)} size="tiny" />
        </span>
      )}
      <div class={`bubble${shown.removed ? ' is-removed' : ''}`} {...press}>
        {showsName && (
          <span class="bubble-name" style={{ '--tone': String(toneOf(shown.sender?.userId ?? '')) }}>
            <Name of={shown.sender} />
          </span>
        )}
        <div class="bubble-text" dir="auto">
          {shown.removed ? (
            <span class="message-text">{shown.mine ? conversation.removedMine : conversation.removed}</span>
          ) : (
            <MessageText text={shown.text} open={open} onOpen={onOpen} />
          )}
          <span class="message-meta">
            {shown.edited && !shown.removed && <span>{conversation.edited}</span>}
            <time dir="auto">{clockTime(shown.time)}</time>
            {shown.state !== null && !shown.removed && <Ticks state={shown.state} />}
          </span>
        </div>
      </div>
      {shown.state === 'failed' && (
        <button type="button" class="message-failed" onClick={() => onActions(null)}>
          <span>{shown.error === null ? words().list.failed : failureText(shown.error)}</span>
          <span class="message-failed-way">{words().common.tryAgain}</span>
        </button>
      )}
    </div>
  );
}

const longPress = 420;

/** Right click, the menu key, and a finger that rests. A link keeps the browser's own menu, and so does selected text. */
function usePress(onActions: (at: Point | null) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const start = useRef<Point>({ x: 0, y: 0 });
  const cancel = () => clearTimeout(timer.current);
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType === 'mouse') return;
      start.current = { x: event.clientX, y: event.clientY };
      cancel();
      timer.current = setTimeout(() => {
        navigator.vibrate?.(10);
        onActions(null);
      }, longPress);
    },
    onPointerMove: (event: PointerEvent) => {
      if (Math.hypot(event.clientX - start.current.x, event.clientY - start.current.y) > 10) cancel();
    },
    onPointerUp: cancel,
    onPointerCancel: cancel,
    onContextMenu: (event: MouseEvent) => {
      cancel();
      const byMouse = event.button === 2 && !(event instanceof PointerEvent && event.pointerType !== 'mouse');
      const own = event.target instanceof Element && event.target.closest('a') !== null;
      if (byMouse && (own || getSelection()?.isCollapsed === false)) return;
      event.preventDefault();
      onActions(byMouse ? { x: event.clientX, y: event.clientY } : null);
    },
  };
}
