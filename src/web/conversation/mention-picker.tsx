import './mention-picker.css';
import type { Profile } from '../../protocol/models.ts';
import { words } from '../i18n/language.ts';
import { Person } from '../new/person-row.tsx';
import { Icon } from '../parts/icon.tsx';

/** Somebody, or everybody. */
export type Mentionable = Profile | 'all';

interface MentionPickerProps {
  readonly found: readonly Mentionable[];
  readonly chosen: number;
  readonly onChoose: (who: Mentionable) => void;
}

/** Whom the person may mean by what they type behind an @. The field they type in keeps the focus and the keys. */
export function MentionPicker({ found, chosen, onChoose }: MentionPickerProps) {
  const { composer } = words();
  return (
    <div class="mention-picker" id="mentions" role="listbox" aria-label={composer.mention}>
      {found.map((who, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and the keys
        <div
          key={who === 'all' ? who : who.userId}
          id={`mention-${index}`}
          class="row"
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(who)}
        >
          {who === 'all' ? (
            <>
              <span class="row-icon">
                <Icon name="people" size={20} />
              </span>
              <span class="row-main">
                {composer.everybody}
                <span class="row-more">all</span>
              </span>
            </>
          ) : (
            <Person person={who} />
          )}
        </div>
      ))}
    </div>
  );
}
