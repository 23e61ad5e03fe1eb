import './pinned-bar.css';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { OpenConversation } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import { quoteText } from './quote-view.tsx';

/** Under the head: what is pinned. A tap leads there, and then to the next one. */
export function PinnedBar({ open, onJump }: { open: OpenConversation; onJump: (seq: number) => void }) {
  const { conversation } = words();
  const at = useSignal(0);
  const pinned = open.pinned.value;
  const newest = pinned[0]?.seq;
  useEffect(() => {
    at.value = 0;
  }, [newest, pinned.length]);
  const shown = pinned[Math.min(at.value, pinned.length - 1)];
  if (shown === undefined) return null;
  const index = pinned.indexOf(shown);
  const title = pinned.length === 1 ? conversation.pinned : conversation.pinnedOf(pinned.length - index, pinned.length);
  return (
    <button
      type="button"
      class="pinned-bar"
      onClick={() => {
        at.value = (index + 1) % pinned.length;
        onJump(shown.seq);
      }}
    >
      {pinned.length > 1 && pinned.length <= 8 && (
        <span class="pinned-marks" aria-hidden="true">
          {pinned.map(({ seq }) => (
            <span key={seq} class={seq === shown.seq ? 'is-now' : ''} />
          ))}
        </span>
      )}
      <span class="pinned-lines">
        <span class="pinned-title">{title}</span>
        <span class="pinned-text cut" dir="auto">
          {quoteText(shown)}
        </span>
      </span>
      <Icon name="pin" size={20} />
    </button>
  );
}
