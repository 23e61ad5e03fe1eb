import '../new/new.css';
import { useSignal } from '@preact/signals';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { ConversationChoice } from '../conversations/conversation-choice.tsx';
import type { SearchAsk } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { minute, startOfDay, words } from '../i18n/language.ts';
import { NobodyFound, SearchField, usePeopleSearch } from '../new/people-search.tsx';
import { Person } from '../new/person-row.tsx';
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';

/** Whose messages. */
export function ChoosePerson({ onChoose }: { onChoose: (userId: UserId) => void }) {
  const { search, common } = words();
  const people = usePeopleSearch();
  const me = useEngine().me.value;
  const unasked = people.query.value.trim() === '';
  return (
    <>
      <h2 class="filter-title">{search.person}</h2>
      <SearchField query={people.query} label={words().new.search} />
      <ul class="filter-list">
        {unasked && me !== null && (
          <li>
            <button type="button" class="row" onClick={() => onChoose(me.userId)}>
              <Avatar id={me.userId} picture={me.avatar} name={me.displayName} size="small" />
              <span class="row-main">{common.you}</span>
            </button>
          </li>
        )}
        {people.found?.people
          .filter(({ userId }) => userId !== me?.userId)
          .map((person) => (
            <li key={person.userId}>
              <button type="button" class="row" onClick={() => onChoose(person.userId)}>
                <Person person={person} />
              </button>
            </li>
          ))}
        <li>
          <NobodyFound search={people} />
        </li>
      </ul>
    </>
  );
}

/** Of which conversation. */
export function ChooseConversation({ onChoose }: { onChoose: (id: ConversationId) => void }) {
  const items = useEngine().conversations.value;
  return (
    <ConversationChoice
      title={words().search.conversation}
      items={items}
      onChoose={({ conversation }) => onChoose(conversation.conversationId)}
    />
  );
}

const day = 86_400_000;

/** Of which days: some usual ones, or from one to another. */
export function ChooseDays({ onChoose }: { onChoose: (days: Pick<SearchAsk, 'since' | 'until'>) => void }) {
  const { search } = words();
  const first = useSignal('');
  const last = useSignal('');
  const lately = (days: number) => () => onChoose({ since: startOfDay(minute.value - days * day), until: null });
  const [since, until] = [dayOf(first.value), dayOf(last.value)];
  const isGood = (since ?? until) !== null && (since === null || until === null || since <= until);
  return (
    <>
      <h2 class="filter-title">{search.date}</h2>
      {(
        [
          [search.today, 0],
          [search.week, 6],
          [search.month, 29],
          [search.year, 364],
        ] as const
      ).map(([text, days]) => (
        <button key={days} type="button" class="row" onClick={lately(days)}>
          <Icon name="clock" />
          <span class="row-main">{text}</span>
        </button>
      ))}
      <form
        class="filter-days"
        onSubmit={(event) => {
          event.preventDefault();
          if (isGood) onChoose({ since, until: until === null ? null : startOfDay(until + 1.5 * day) - 1 });
        }}
      >
        <label class="field">
          <span class="field-label">{search.first}</span>
          <input
            class="input"
            type="date"
            name="first"
            max={last.value}
            value={first.value}
            onInput={(event) => (first.value = event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span class="field-label">{search.last}</span>
          <input
            class="input"
            type="date"
            name="last"
            min={first.value}
            value={last.value}
            onInput={(event) => (last.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button main wide" disabled={!isGood}>
          {search.use}
        </button>
      </form>
    </>
  );
}

/** The beginning of a day as a date field writes it, by the person's clock; null: none. */
function dayOf(written: string): number | null {
  const time = new Date(`${written}T00:00`).getTime();
  return Number.isNaN(time) || time < 0 ? null : time;
}
