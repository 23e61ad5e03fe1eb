import './search.css';
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { useEngine } from '../engine-context.ts';
import { cappedCount, words } from '../i18n/language.ts';
import { BackButton } from '../parts/bar.tsx';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { paths } from '../routing/route.ts';
import { makeMessageSearch, nothingAsked } from './message-search.ts';
import { shownCount } from './search-results.tsx';
import { afterTimeout } from './search-session.ts';

interface FindBarProps {
  readonly id: ConversationId;
  readonly onJump: (seq: number) => void;
}

/** In place of a conversation's head: finds messages in it, and leads from one to the next. */
export function FindBar({ id, onJump }: FindBarProps) {
  const engine = useEngine();
  const { search: texts } = words();
  const search = useMemo(
    () => makeMessageSearch(engine.search.find, afterTimeout, { ...nothingAsked, conversationId: id }),
    [engine, id],
  );
  const typed = useSignal('');
  const at = useSignal(0);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);

  const go = (index: number) => {
    const hit = search.hits.peek()[index];
    if (hit === undefined) return;
    at.value = index;
    onJump(hit.seq);
    if (index >= search.hits.peek().length - 2) search.loadMore();
  };
  useSignalEffect(() => {
    // Another answer begins at its latest message.
    if (search.answered.value !== null) go(0);
  });

  const hits = search.hits.value;
  const status = useStatus(search, at.value);
  return (
    <header class="bar search-bar">
      <BackButton above={paths.conversation(id)} />
      <h1 class="hidden-visually">{texts.inThis}</h1>
      <label class="search">
        <Icon name="search" size={20} />
        <input
          class="input"
          ref={field}
          type="search"
          enterkeyhint="search"
          maxLength={limits.searchLength}
          placeholder={texts.inThis}
          aria-label={texts.inThis}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            search.change({ query: typed.value });
          }}
          onKeyDown={(event) => {
            if (event.isComposing) return;
            const step = event.shiftKey || event.key === 'ArrowDown' ? -1 : 1;
            if (event.key !== 'Enter' && event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
            event.preventDefault();
            go(at.value + step);
          }}
        />
      </label>
      <span class="find-place" role="status">
        {status}
      </span>
      <button
        type="button"
        class="icon-button"
        aria-label={texts.older}
        disabled={at.value >= hits.length - 1}
        onClick={() => go(at.value + 1)}
      >
        <Icon name="up" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={texts.newer}
        disabled={at.value === 0 || hits.length === 0}
        onClick={() => go(at.value - 1)}
      >
        <Icon name="down" />
      </button>
    </header>
  );
}

function useStatus(search: ReturnType<typeof makeMessageSearch>, at: number): string {
  const { search: texts } = words();
  const count = search.hits.value.length;
  if (search.failure.value !== null) return failureText(search.failure.value);
  if (search.answered.value === null) return '';
  if (count === 0) return search.busy.value === null ? texts.place('0', '0') : '';
  return texts.place(cappedCount(at + 1, count), shownCount(count, search.more.value));
}
