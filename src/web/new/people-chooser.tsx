import './new.css';
import type { Signal } from '@preact/signals';
import type { UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Profile } from '../../protocol/models.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import { isolated, Name, nameOf } from '../parts/name.tsx';
import { NobodyFound, SearchField, usePeopleSearch } from './people-search.tsx';
import { Person } from './person-row.tsx';

interface PeopleChooserProps {
  readonly chosen: Signal<readonly Profile[]>;
  /** People who are in already. */
  readonly present?: ReadonlySet<UserId>;
}

/** Finds people and marks those wanted; the marked stand above, each a touch away from being taken out. */
export function PeopleChooser({ chosen, present = new Set() }: PeopleChooserProps) {
  const engine = useEngine();
  const texts = words();
  const search = usePeopleSearch();
  const me = engine.me.value?.userId;
  const picked = new Set(chosen.value.map((person) => person.userId));
  const full = chosen.value.length >= limits.membersPerChange;
  const toggle = (person: Profile) => {
    chosen.value = picked.has(person.userId)
      ? chosen.value.filter((other) => other.userId !== person.userId)
      : [...chosen.value, person];
  };
  const people = search.found?.people.filter((person) => person.userId !== me) ?? [];
  return (
    <>
      {chosen.value.length > 0 && (
        <ul class="chosen" aria-label={texts.new.chosen}>
          {chosen.value.map((person) => (
            <li key={person.userId}>
              <button
                type="button"
                class="chip"
                aria-label={texts.new.takeOut(isolated(nameOf(person)))}
                onClick={() => toggle(person)}
              >
                <Name of={person} cut />
                <Icon name="close" size={16} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <SearchField query={search.query} label={texts.new.choose} />
      <div class="scroll">
        <ul class="column">
          {people.map((person) => {
            const isIn = present.has(person.userId);
            const isPicked = picked.has(person.userId);
            return (
              <li key={person.userId}>
                <label class={isIn ? 'row is-off' : 'row'}>
                  <Person person={person} {...(isIn ? { more: texts.info.alreadyIn } : {})}>
                    <input
                      type="checkbox"
                      class="check"
                      checked={isIn || isPicked}
                      disabled={isIn || (full && !isPicked)}
                      onChange={() => toggle(person)}
                    />
                  </Person>
                </label>
              </li>
            );
          })}
        </ul>
        <NobodyFound search={search} />
      </div>
    </>
  );
}
