import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { SearchHit } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { cappedCount, words } from '../i18n/language.ts';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { Notice } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { HitRow } from './hit-row.tsx';
import { isAskable, type MessageSearch, nothingAsked, sameAsk } from './message-search.ts';
import { type searchSession, showInAddress } from './search-session.ts';

interface SearchResultsProps {
  readonly session: ReturnType<typeof searchSession>;
  readonly onQuery: (query: string) => void;
}

/** What was found, or why nothing stands there. */
export function SearchResults({ session, onQuery }: SearchResultsProps) {
  const { search } = session;
  const engine = useEngine();
  const hits = useHits(search);
  const scroller = useRef<HTMLDivElement>(null);
  const ready = engine.connection.value === 'ready';
  useEffect(() => {
    if (ready && search.failure.peek() !== null) search.again();
  }, [ready, search]);
  useLayoutEffect(() => returnTo(scroller.current, session), [session]);
  const items = engine.conversations.value;
  const byId = useMemo(() => new Map(items.map((item) => [item.conversation.conversationId, item])), [items]);
  const leave = (hit: string) => {
    session.left = { hit, top: scroller.current?.scrollTop ?? 0 };
    showInAddress(session, search.ask.peek());
    engine.search.remember(search.ask.peek().query);
  };
  return (
    <div class="scroll" ref={scroller}>
      <div class="column">
        <p class="hidden-visually" role="status">
          {countText(search)}
        </p>
        {hits.length === 0 ? (
          <NoHits search={search} onQuery={onQuery} />
        ) : (
          <ul aria-label={words().search.results} aria-busy={search.busy.value !== null}>
            {hits.map((hit) => (
              <HitRow
                key={`${hit.conversationId} ${hit.seq}`}
                hit={hit}
                item={byId.get(hit.conversationId) ?? null}
                onLeave={leave}
              />
            ))}
          </ul>
        )}
        {hits.length > 0 && <Rest search={search} scroller={scroller} />}
      </div>
    </div>
  );
}

/** What was found for other words stands until there is an answer, but not where none will come. */
function useHits(search: MessageSearch): readonly SearchHit[] {
  const offline = useEngine().connection.value === 'offline';
  const answered = search.answered.value;
  const isOther = answered === null || !sameAsk(answered, search.ask.value);
  return isOther && (offline || search.failure.value !== null) ? [] : search.hits.value;
}

function returnTo(scroller: HTMLElement | null, session: SearchResultsProps['session']): void {
  const { left } = session;
  if (scroller === null || left === null) return;
  session.left = null;
  scroller.scrollTop = left.top;
  scroller.querySelector<HTMLElement>(`[data-hit="${left.hit}"]`)?.focus({ preventScroll: true });
}

function countText({ answered, hits, more }: MessageSearch): string {
  const { search } = words();
  const count = hits.value.length;
  if (answered.value === null) return '';
  return count === 0 ? search.noneFound : search.found(count, shownCount(count, more.value));
}

/** Where there are more, nobody knows how many. */
export const shownCount = (count: number, more: boolean): string => (more ? `${count}+` : cappedCount(count, count));

function NoHits({ search, onQuery }: { search: MessageSearch; onQuery: (query: string) => void }) {
  const texts = words().search;
  const { connection } = useEngine();
  const ask = search.ask.value;
  if (!isAskable(ask)) return <Unasked search={search} onQuery={onQuery} />;
  if (connection.value === 'offline') {
    return (
      <Notice icon="search" title={texts.offline}>
        <p>{texts.offlineText}</p>
      </Notice>
    );
  }
  if (search.busy.value !== null) return <Skeleton rows={6} />;
  if (search.failure.value !== null) {
    return (
      <Notice icon="warning" title={texts.failed}>
        <p>{failureText(search.failure.value)}</p>
        <button type="button" class="button" onClick={search.again}>
          {words().common.tryAgain}
        </button>
      </Notice>
    );
  }
  return (
    <Notice icon="search" title={texts.nothing}>
      <p>{texts.nothingText}</p>
    </Notice>
  );
}

function Unasked({ search, onQuery }: { search: MessageSearch; onQuery: (query: string) => void }) {
  const texts = words().search;
  const engine = useEngine();
  const recent = engine.search.recent.value;
  const untouched = sameAsk(search.ask.value, nothingAsked);
  if (!untouched || recent.length === 0) {
    return (
      <Notice icon="search" title={untouched ? texts.start : texts.needsMore}>
        <p>{untouched ? texts.startText : texts.needsMoreText}</p>
      </Notice>
    );
  }
  return (
    <>
      <div class="recent-head">
        <h2 class="section-title">{texts.recent}</h2>
        <button type="button" class="button plain" onClick={engine.search.forgetRecent}>
          {texts.forget}
        </button>
      </div>
      <ul>
        {recent.map((query) => (
          <li key={query}>
            <button type="button" class="row" onClick={() => onQuery(query)}>
              <Icon name="clock" />
              <bdi class="row-main cut">{query}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Below the last one: more come when this comes into view. */
function Rest({ search, scroller }: { search: MessageSearch; scroller: { readonly current: HTMLElement | null } }) {
  const end = useRef<HTMLDivElement>(null);
  const count = search.hits.value.length;
  const more = search.more.value;
  const failed = search.failure.value !== null;
  useEffect(() => {
    if (end.current === null || !more || failed) return undefined;
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) search.loadMore();
      },
      { root: scroller.current, rootMargin: '600px' },
    );
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [search, count, more, failed]);
  if (failed) {
    return (
      <div class="hits-failed">
        <p class="soft">{failureText(search.failure.value)}</p>
        <button type="button" class="button" onClick={search.again}>
          {words().common.tryAgain}
        </button>
      </div>
    );
  }
  return <div ref={end}>{more && <Skeleton rows={2} />}</div>;
}
