import type { OpenConversation } from '../engine/engine.ts';
import { cappedCount, words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';

/** The way to what mentions me and was not read yet. */
export function MentionButton({ open, onJump }: { open: OpenConversation; onJump: (seq: number) => void }) {
  const count = open.item.value?.mentions ?? 0;
  if (count === 0 || open.messages.value.length === 0) return null;
  const go = () => {
    open.nextMention().then(
      (seq) => seq !== null && onJump(seq),
      () => undefined,
    );
  };
  return (
    <button
      type="button"
      class="end-button mention-button"
      aria-label={words().conversation.toMention(count)}
      onClick={go}
    >
      <Icon name="at" />
      <span class="badge" aria-hidden="true">
        {cappedCount(count, 99)}
      </span>
    </button>
  );
}
