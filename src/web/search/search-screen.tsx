import './search.css';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { limits } from '../../protocol/limits.ts';
import type { SearchAsk } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { BackButton } from '../parts/bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { fragment } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { isAskable, readAsk, sameAsk } from './message-search.ts';
import { SearchFilters } from './search-filters.tsx';
import { SearchResults } from './search-results.tsx';
import { searchSession, showInAddress } from './search-session.ts';

/** Messages of all conversations, found by their words. */
export function SearchScreen() {
  const engine = useEngine();
  const { search, common } = words();
  const session = searchSession(engine);
  const asked = session.search.ask.value;
  const typed = useSignal(asked.query);
  const field = useRef<HTMLInputElement>(null);
  const pane = useRef<HTMLElement>(null);

  const change = (change: Partial<SearchAsk>) => session.search.change(change);
  const ask = (query: string) => {
    typed.value = query;
    change({ query });
  };

  const address = fragment.value;
  useEffect(() => {
    // What was typed since the search wrote its address is newer.
    if (address === session.address) return;
    session.address = address;
    const wanted = readAsk(address);
    if (sameAsk(wanted, session.search.ask.peek())) return;
    typed.value = wanted.query;
    change(wanted);
  }, [address, session]);

  // Only what was answered, since browsers count how often an address changes.
  const answered = session.search.answered.value;
  useEffect(() => {
    if (answered !== null) showInAddress(session, answered);
    else if (!isAskable(session.search.ask.peek())) showInAddress(session, session.search.ask.peek());
  }, [answered, asked]);

  useEffect(() => {
    if (session.search.hits.peek().length === 0) field.current?.focus({ preventScroll: true });
  }, [session]);

  return (
    <main class="pane main-pane" ref={pane} onKeyDown={(event) => walk(event, pane.current, field.current)}>
      <header class="bar search-bar">
        <BackButton above={paths.list} />
        <h1 class="hidden-visually">{search.title}</h1>
        <label class="search">
          <Icon name="search" size={20} />
          <input
            class="input"
            ref={field}
            type="search"
            enterkeyhint="search"
            maxLength={limits.searchLength}
            placeholder={search.title}
            aria-label={search.title}
            value={typed.value}
            onInput={(event) => ask(event.currentTarget.value)}
          />
        </label>
        {typed.value !== '' && (
          <button
            type="button"
            class="icon-button"
            aria-label={common.clear}
            onClick={() => {
              ask('');
              field.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </header>
      <SearchFilters ask={asked} onChange={change} />
      <SearchResults session={session} onQuery={ask} />
    </main>
  );
}

/** Arrows go from the field to what was found and back; Enter in the field takes the first. */
function walk(event: KeyboardEvent, pane: HTMLElement | null, field: HTMLElement | null): void {
  if (pane === null || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  const hits = [...pane.querySelectorAll<HTMLElement>('[data-hit]')];
  const at = hits.indexOf(document.activeElement as HTMLElement);
  const inField = document.activeElement === field;
  if (at === -1 && !inField) return;
  if (event.key === 'Enter' && inField) {
    event.preventDefault();
    hits[0]?.click();
    return;
  }
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || (inField && step === -1)) return;
  event.preventDefault();
  (hits[at + step] ?? (step === -1 ? field : null))?.focus();
}
