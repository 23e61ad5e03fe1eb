import { type Signal, useSignal } from '@preact/signals';
import { titleOf } from '../conversations/conversation-row.tsx';
import type { SearchAsk } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { longDate, startOfDay, words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import { isolated, nameOf } from '../parts/name.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { ChooseConversation, ChooseDays, ChoosePerson } from './filter-sheets.tsx';

type Filter = 'person' | 'conversation' | 'date';

interface FiltersProps {
  readonly ask: SearchAsk;
  readonly onChange: (change: Partial<SearchAsk>) => void;
}

/** By whom, where, when, and with links. A filter that is set says so, and is taken off by a tap. */
export function SearchFilters({ ask, onChange }: FiltersProps) {
  const { search } = words();
  const choosing = useSignal<Filter | null>(null);
  return (
    <>
      <fieldset class="filters" aria-label={search.filters}>
        <Chip
          text={search.person}
          set={usePersonText(ask)}
          onSet={() => (choosing.value = 'person')}
          onDrop={() => onChange({ senderId: null })}
        />
        <Chip
          text={search.conversation}
          set={useConversationText(ask)}
          onSet={() => (choosing.value = 'conversation')}
          onDrop={() => onChange({ conversationId: null })}
        />
        <Chip
          text={search.date}
          set={daysText(ask)}
          onSet={() => (choosing.value = 'date')}
          onDrop={() => onChange({ since: null, until: null })}
        />
        <Chip
          text={search.links}
          set={ask.hasLink ? search.links : null}
          onSet={() => onChange({ hasLink: true })}
          onDrop={() => onChange({ hasLink: false })}
        />
      </fieldset>
      <Chooser choosing={choosing} onChange={onChange} />
    </>
  );
}

interface ChipProps {
  readonly text: string;
  /** What it is set to; null: it is not. */
  readonly set: string | null;
  readonly onSet: () => void;
  readonly onDrop: () => void;
}

function Chip({ text, set, onSet, onDrop }: ChipProps) {
  if (set === null) {
    return (
      <button type="button" class="filter" onClick={onSet}>
        <span class="filter-pill">
          <span>{text}</span>
        </span>
      </button>
    );
  }
  return (
    <button type="button" class="filter is-set" aria-label={words().search.drop(set)} onClick={onDrop}>
      <span class="filter-pill">
        <span class="cut">{set}</span>
        <Icon name="close" size={16} />
      </span>
    </button>
  );
}

function usePersonText({ senderId }: SearchAsk): string | null {
  const engine = useEngine();
  const { search } = words();
  if (senderId === null) return null;
  if (senderId === engine.me.value?.userId) return search.byMe;
  return search.byPerson(isolated(nameOf(engine.profile(senderId).value)));
}

function useConversationText({ conversationId }: SearchAsk): string | null {
  const engine = useEngine();
  const { search, common } = words();
  if (conversationId === null) return null;
  const item = engine.conversations.value.find((one) => one.conversation.conversationId === conversationId);
  return search.inConversation(isolated(item === undefined ? common.somebody : titleOf(item)));
}

function daysText({ since, until }: SearchAsk): string | null {
  const { search } = words();
  if (since === null) return until === null ? null : search.until(longDate(until));
  if (until === null) return search.since(longDate(since));
  if (startOfDay(since) === startOfDay(until)) return longDate(since);
  return search.between(longDate(since), longDate(until));
}

function Chooser({ choosing, onChange }: { choosing: Signal<Filter | null>; onChange: FiltersProps['onChange'] }) {
  const { search } = words();
  if (choosing.value === null) return null;
  const close = () => {
    choosing.value = null;
  };
  const choose = (change: Partial<SearchAsk>) => {
    close();
    onChange(change);
  };
  return (
    <Sheet key={choosing.value} label={search[choosing.value]} onClose={close} kind="question">
      {choosing.value === 'person' && <ChoosePerson onChoose={(senderId) => choose({ senderId })} />}
      {choosing.value === 'conversation' && (
        <ChooseConversation onChoose={(conversationId) => choose({ conversationId })} />
      )}
      {choosing.value === 'date' && <ChooseDays onChoose={choose} />}
    </Sheet>
  );
}
