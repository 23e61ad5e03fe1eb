import './quick-jump.css';
import { useSignal } from '@preact/signals';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { jumping } from '../screen-state.ts';
import { avatarId, avatarKind, pictureOf, titleOf } from './conversation-row.tsx';
import { matchingItems } from './matching.ts';
import { messageSearchPath } from './message-search-path.ts';

export function QuickJump() {
  return jumping.value ? <Jump onClose={() => (jumping.value = false)} /> : null;
}

const shownAtMost = 8;

function Jump({ onClose }: { onClose: () => void }) {
  const { jump, list } = words();
  const engine = useEngine();
  const typed = useSignal('');
  const chosen = useSignal(0);
  const found = matchingItems(engine.conversations.value, typed.value, list.self).slice(0, shownAtMost);
  const looked = typed.value.trim();
  const options = found.length + (looked === '' ? 0 : 1);
  const go = (index: number) => {
    const item = found[index];
    if (item === undefined && looked === '') return;
    onClose();
    navigate(item === undefined ? messageSearchPath(looked) : paths.conversation(item.conversation.conversationId));
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      chosen.value = (chosen.value + step + options) % Math.max(1, options);
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      go(chosen.value);
    }
  };
  return (
    <Sheet label={jump.title} onClose={onClose} kind="question">
      <div class="jump">
        <label class="search">
          <Icon name="search" size={20} />
          <input
            class="input"
            type="text"
            enterkeyhint="go"
            role="combobox"
            aria-expanded="true"
            aria-controls="jump-list"
            aria-activedescendant={options > 0 ? `jump-${chosen.value}` : undefined}
            aria-label={jump.title}
            placeholder={jump.placeholder}
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
              chosen.value = 0;
            }}
            onKeyDown={onKey}
          />
        </label>
        <div class="jump-list" id="jump-list" role="listbox" aria-label={list.title}>
          {found.map((item, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the focus and the keys
            <div
              key={item.conversation.conversationId}
              id={`jump-${index}`}
              class="row"
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen.value}
              onClick={() => go(index)}
              onPointerMove={() => (chosen.value = index)}
            >
              <Avatar
                id={avatarId(item)}
                picture={pictureOf(item)}
                name={titleOf(item)}
                kind={avatarKind(item)}
                size="tiny"
              />
              <bdi class="row-main cut">{titleOf(item)}</bdi>
            </div>
          ))}
          {looked !== '' && (
            // biome-ignore lint/a11y/useKeyWithClickEvents: as above
            <div
              id={`jump-${found.length}`}
              class="row"
              role="option"
              tabIndex={-1}
              aria-selected={chosen.value === found.length}
              onClick={() => go(found.length)}
              onPointerMove={() => (chosen.value = found.length)}
            >
              <span class="jump-search">
                <Icon name="search" size={20} />
              </span>
              <span class="row-main cut">{words().search.messagesFor(looked)}</span>
            </div>
          )}
        </div>
        {options === 0 && <p class="jump-none soft">{list.noMatch}</p>}
      </div>
    </Sheet>
  );
}
