import { useSignal } from '@preact/signals';
import { avatarId, avatarKind, titleOf } from '../conversations/conversation-row.tsx';
import { matchingItems } from '../conversations/matching.ts';
import type { ConversationItem, OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';
import { isolated } from '../parts/name.tsx';
import { say } from '../parts/toast.tsx';
import { mayWriteIn } from './writing.ts';

const shownAtMost = 50;

/** Where a message goes on to: one of the conversations I may write in. */
export function ForwardTo({
  open,
  shown,
  onClose,
}: {
  open: OpenConversation;
  shown: ShownMessage;
  onClose: () => void;
}) {
  const { forward, list } = words();
  const typed = useSignal('');
  const writable = useEngine().conversations.value.filter(mayWriteIn);
  const found = matchingItems(writable, typed.value, list.self).slice(0, shownAtMost);
  const choose = (item: ConversationItem) => {
    onClose();
    open.forward(shown, item.conversation.conversationId);
    say(forward.done(isolated(titleOf(item))));
  };
  return (
    <>
      <h2 class="about-title">{forward.title}</h2>
      <div class="forward-search">
        <label class="search">
          <Icon name="search" size={20} />
          <input
            class="input"
            type="search"
            placeholder={forward.search}
            aria-label={forward.search}
            value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </label>
      </div>
      <ul class="forward-list">
        {found.map((item) => (
          <li key={item.conversation.conversationId}>
            <button type="button" class="row" onClick={() => choose(item)}>
              <Avatar id={avatarId(item)} name={titleOf(item)} kind={avatarKind(item)} size="small" />
              <bdi class="row-main cut">{titleOf(item)}</bdi>
            </button>
          </li>
        ))}
        {found.length === 0 && <li class="emoji-none soft">{list.noMatch}</li>}
      </ul>
    </>
  );
}
