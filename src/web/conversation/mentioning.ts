import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import type { Profile } from '../../protocol/models.ts';
import { mentionAt, peopleFor, type TypedMention, withMention } from './mention-input.ts';
import type { Mentionable } from './mention-picker.tsx';

/** Whom one can mention here. */
export interface Mentioning {
  /** Known at once. */
  readonly known: () => readonly Profile[];
  readonly members: () => Promise<readonly Profile[]>;
  /** Those beyond `members`, where they are too many to be asked for all at once. */
  readonly find: (query: string) => Promise<readonly Profile[]>;
  /** I may mention everybody. */
  readonly all: boolean;
}

const seekMs = 150;

/** Offers people while an @ is being typed: arrows choose, Enter and Tab take, Escape closes. */
export function useMentioning(
  field: RefObject<HTMLTextAreaElement | null>,
  mentioning: Mentioning | null,
  onText: (text: string) => void,
) {
  const typed = useSignal<TypedMention | null>(null);
  const people = useSignal<readonly Profile[]>([]);
  const chosen = useSignal(0);
  const seeking = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const found = typed.value === null ? [] : foundFor(typed.value.query, people.value, mentioning?.all ?? false);

  const close = () => {
    typed.value = null;
  };
  const add = (more: readonly Profile[]) => {
    people.value = [...new Map([...people.peek(), ...more].map((one) => [one.userId, one])).values()];
  };
  /** Once nothing was typed for a moment. */
  const seek = (query: string, { find }: Mentioning) => {
    clearTimeout(seeking.current);
    if (query === '') return;
    seeking.current = setTimeout(() => {
      find(query).then(add, () => undefined);
    }, seekMs);
  };
  const look = () => {
    const element = field.current;
    if (element === null || mentioning === null) return;
    const next =
      element.selectionStart === element.selectionEnd ? mentionAt(element.value, element.selectionStart) : null;
    if (next !== null && typed.peek() === null) {
      people.value = mentioning.known();
      mentioning.members().then(add, () => undefined);
    }
    if (next?.query !== typed.peek()?.query) {
      chosen.value = 0;
      seek(next?.query ?? '', mentioning);
    }
    typed.value = next;
  };
  const choose = (who: Mentionable) => {
    const element = field.current;
    const mention = typed.peek();
    if (element === null || mention === null) return;
    const { text, caret } = withMention(element.value, mention, who === 'all' ? who : who.name);
    element.value = text;
    element.focus();
    element.setSelectionRange(caret, caret);
    close();
    onText(text);
  };
  /** Answers whether the key was taken. */
  const onKey = (event: KeyboardEvent): boolean => {
    if (found.length === 0) return false;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const who = found[chosen.peek()];
    if (step !== 0) chosen.value = (chosen.peek() + step + found.length) % found.length;
    else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey && who !== undefined) choose(who);
    else if (event.key === 'Escape') close();
    else return false;
    event.preventDefault();
    return true;
  };
  return { found, chosen: Math.min(chosen.value, Math.max(0, found.length - 1)), look, close, choose, onKey };
}

function foundFor(query: string, people: readonly Profile[], all: boolean): readonly Mentionable[] {
  const found = peopleFor(query, people);
  return all && 'all'.startsWith(query.toLowerCase()) ? [...found, 'all'] : found;
}
