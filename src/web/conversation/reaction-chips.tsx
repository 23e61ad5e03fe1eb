import './reaction-chips.css';
import type { ShownReaction } from '../engine/engine.ts';
import { cappedCount, words } from '../i18n/language.ts';
import { usePress } from '../parts/press.ts';

interface ReactionChipsProps {
  readonly reactions: readonly ShownReaction[];
  readonly reachable: boolean;
  readonly onToggle: (reaction: ShownReaction) => void;
  readonly onWho: () => void;
}

/** A tap sets or takes mine; a long press or a right click shows who. */
export function ReactionChips({ reactions, reachable, onToggle, onWho }: ReactionChipsProps) {
  if (reactions.length === 0) return null;
  return (
    <div class="reactions">
      {reactions.map((reaction) => (
        <Chip
          key={reaction.emoji}
          reaction={reaction}
          reachable={reachable}
          onToggle={() => onToggle(reaction)}
          onWho={onWho}
        />
      ))}
    </div>
  );
}

interface ChipProps {
  readonly reaction: ShownReaction;
  readonly reachable: boolean;
  readonly onToggle: () => void;
  readonly onWho: () => void;
}

function Chip({ reaction: { emoji, count, mine }, reachable, onToggle, onWho }: ChipProps) {
  const press = usePress({ onMenu: onWho });
  return (
    <button
      type="button"
      class={mine ? 'reaction is-mine' : 'reaction'}
      aria-pressed={mine}
      aria-label={words().reactions.chip(emoji, count)}
      tabIndex={reachable ? 0 : -1}
      onClick={onToggle}
      {...press}
    >
      <span class="reaction-pill">
        <span class="reaction-emoji">{emoji}</span>
        <span>{cappedCount(count, 999)}</span>
      </span>
    </button>
  );
}
