import { limits } from '../../protocol/limits.ts';
import type { OpenConversation } from '../engine/engine.ts';
import { cappedCount, words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import type { MessageView } from './message-view.ts';

interface EndButtonProps {
  readonly open: OpenConversation;
  readonly view: MessageView;
  readonly onClick: () => void;
}

/** The way to the end, with the count of what was not read yet. */
export function EndButton({ open, view, onClick }: EndButtonProps) {
  if (open.messages.value.length === 0 || (view.atBottom.value && open.atEnd.value)) return null;
  const { conversation } = words();
  const count = open.item.value?.unread ?? 0;
  const label =
    count === 0 ? conversation.toEnd : conversation.newMessages(count, cappedCount(count, limits.unreadCount));
  return (
    <button type="button" class="end-button" aria-label={label} onClick={onClick}>
      <Icon name="down" />
      {count > 0 && (
        <span class="badge" aria-hidden="true">
          {cappedCount(count, 99)}
        </span>
      )}
    </button>
  );
}
