import './emoji-picker.css';
import { useSignal } from '@preact/signals';
import { words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import { touch } from '../viewport.ts';
import { emojiGroups, findEmoji, type KnownEmoji } from './emoji-set.ts';

/** A small set of emoji to choose from, by sight or by a word. */
export function EmojiPicker({ onChoose }: { onChoose: (emoji: string) => void }) {
  const { reactions } = words();
  const typed = useSignal('');
  const found = typed.value.trim() === '' ? null : findEmoji(typed.value);
  return (
    <div class="emoji-picker">
      <div class="emoji-search">
        <label class="search">
          <Icon name="search" size={20} />
          <input
            class="input"
            type="search"
            ref={(field) => {
              if (field !== null && !touch.peek() && document.activeElement?.tagName !== 'INPUT') field.focus();
            }}
            placeholder={reactions.search}
            aria-label={reactions.search}
            value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must reach that */}
      <div class="emoji-scroll" tabIndex={0}>
        {found === null ? (
          emojiGroups.map(({ group, emoji }) => (
            <section key={group} aria-label={reactions.groups[group]}>
              <h3 class="emoji-group">{reactions.groups[group]}</h3>
              <Grid emoji={emoji} onChoose={onChoose} />
            </section>
          ))
        ) : found.length === 0 ? (
          <p class="emoji-none soft">{reactions.none}</p>
        ) : (
          <Grid emoji={found} onChoose={onChoose} />
        )}
      </div>
    </div>
  );
}

function Grid({ emoji, onChoose }: { emoji: readonly KnownEmoji[]; onChoose: (emoji: string) => void }) {
  return (
    <div class="emoji-grid">
      {emoji.map((one) => (
        <button type="button" key={one.emoji} class="emoji-button" onClick={() => onChoose(one.emoji)}>
          {one.emoji}
        </button>
      ))}
    </div>
  );
}
