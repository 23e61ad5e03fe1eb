import './conversation-choice.css';
import { useSignal } from '@preact/signals';
import type { ConversationItem } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';
import { avatarId, avatarKind, pictureOf, titleOf } from './conversation-row.tsx';
import { matchingItems } from './matching.ts';

const shownAtMost = 50;

interface ConversationChoiceProps {
  readonly title: string;
  readonly items: readonly ConversationItem[];
  readonly onChoose: (item: ConversationItem) => void;
}

/** The inside of a sheet: one of some conversations, found by its name. */
export function ConversationChoice({ title, items, onChoose }: ConversationChoiceProps) {
  const { forward, list } = words();
  const typed = useSignal('');
  const found = matchingItems(items, typed.value, list.self).slice(0, shownAtMost);
  return (
    <>
      <h2 class="choice-title">{title}</h2>
      <div class="choice-search">
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
      <ul class="choice-list">
        {found.map((item) => (
          <li key={item.conversation.conversationId}>
            <button type="button" class="row" onClick={() => onChoose(item)}>
              <Avatar
                id={avatarId(item)}
                picture={pictureOf(item)}
                name={titleOf(item)}
                kind={avatarKind(item)}
                size="small"
              />
              <bdi class="row-main cut">{titleOf(item)}</bdi>
            </button>
          </li>
        ))}
        {found.length === 0 && <li class="choice-none soft">{list.noMatch}</li>}
      </ul>
    </>
  );
}
