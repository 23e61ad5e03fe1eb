import './conversation-list.css';
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { ConversationId } from '../../protocol/ids.ts';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { cappedCount, words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import { Notice } from '../parts/notice.tsx';
import type { Point } from '../parts/press.ts';
import { Skeleton } from '../parts/skeleton.tsx';
import { goBack, navigate, route } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { leftConversation, peopleInList, showsArchive } from '../screen-state.ts';
import { twoPanes } from '../viewport.ts';
import { useConnectionText } from './connection-text.ts';
import { ConversationRow } from './conversation-row.tsx';
import { ListNotes } from './list-notes.tsx';
import { matchingItems } from './matching.ts';
import { messageSearchPath } from './message-search-path.ts';
import { RowSheet } from './row-sheet.tsx';

export function ConversationList() {
  const { list } = words();
  const engine = useEngine();
  const filter = useSignal('');
  const items = engine.conversations.value;
  const Pane = twoPanes.value ? 'nav' : 'main';
  const at = route.value;
  useEffect(() => {
    if (at.page === 'list') showsArchive.value = at.archive;
  }, [at]);
  const archive = at.page === 'list' ? at.archive : showsArchive.value;
  const archived = items.filter(isArchived);
  const shown = useMemo(() => {
    const searched = filter.value.trim() !== '';
    const here = searched ? items : items.filter((item) => isArchived(item) === archive);
    return matchingItems(here, filter.value, list.self);
  }, [items, filter.value, list, archive]);
  return (
    <Pane class="pane list-pane" aria-label={list.title}>
      <header class="bar">
        {archive ? (
          <button
            type="button"
            class="icon-button"
            aria-label={words().common.back}
            onClick={() => {
              showsArchive.value = false;
              if (at.page === 'list') goBack(paths.list);
            }}
          >
            <Icon name="back" />
          </button>
        ) : (
          <a class="icon-button" href={paths.settings()} aria-label={list.settings}>
            <Icon name="settings" />
          </a>
        )}
        <ListTitle title={archive ? list.archive : list.title} />
        <a class="icon-button" href={paths.new} aria-label={list.newConversation}>
          <Icon name="compose" />
        </a>
      </header>
      {items.length > 0 && (
        <div class="list-search">
          <label class="search">
            <Icon name="search" size={20} />
            <input
              class="input"
              type="search"
              placeholder={list.filter}
              aria-label={list.filter}
              value={filter.value}
              onInput={(event) => (filter.value = event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape') filter.value = '';
              }}
            />
          </label>
        </div>
      )}
      {filter.value.trim() !== '' && <SearchMessages query={filter.value.trim()} />}
      <ListNotes />
      {shown.length > 0 || (archived.length > 0 && filter.value === '' && !archive) ? (
        <Rows
          key={archive ? 'archive' : 'list'}
          items={shown}
          archived={archive || filter.value !== '' ? [] : archived}
        />
      ) : (
        <Empty filtered={filter.value !== ''} archive={archive} />
      )}
    </Pane>
  );
}

/** What is typed may as well stand in a message. */
function SearchMessages({ query }: { query: string }) {
  return (
    <button type="button" class="row search-messages" onClick={() => navigate(messageSearchPath(query))}>
      <Icon name="search" size={20} />
      <span class="row-main cut">{words().search.messagesFor(query)}</span>
    </button>
  );
}

const isArchived = (item: ConversationItem) => item.conversation.mine.archived;

function ListTitle({ title }: { title: string }) {
  const connection = useConnectionText();
  return (
    <h1 class="bar-title list-title cut">
      <span class={connection === null ? '' : 'hidden-visually'}>{title}</span>
      <span role="status">{connection}</span>
    </h1>
  );
}

function Empty({ filtered, archive }: { filtered: boolean; archive: boolean }) {
  const { list } = words();
  const engine = useEngine();
  if (filtered) {
    return (
      <Notice icon="search" title={list.noMatch}>
        <p>{list.noMatchText}</p>
      </Notice>
    );
  }
  if (engine.me.value === null) return <Skeleton />;
  if (archive) {
    return (
      <Notice icon="archive" title={list.archiveEmpty}>
        <p>{list.archiveEmptyText}</p>
      </Notice>
    );
  }
  return (
    <Notice icon="chat" title={list.empty}>
      <p>{list.emptyText}</p>
      <a class="button main" href={paths.new}>
        {list.newConversation}
      </a>
      <a class="button plain" href={paths.invite}>
        {list.invite}
      </a>
    </Notice>
  );
}

const spare = 6;
/** Where the list was left, for coming back to it on a phone. */
let leftAt = 0;

/** Only the rows in view exist; all have the same height. */
function Rows({ items, archived }: { items: readonly ConversationItem[]; archived: readonly ConversationItem[] }) {
  const acting = useSignal<{ id: ConversationId; at: Point | null } | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = useSignal(72);
  const view = useSignal({ top: 0, height: innerHeight });
  const focused = useSignal<string | null>(null);
  const at = route.value;
  const current = at.page === 'conversation' ? at.id : null;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const look = () => {
      leftAt = element.scrollTop;
      view.value = { top: element.scrollTop, height: element.clientHeight };
      rowHeight.value = 4.5 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    };
    element.scrollTop = leftAt;
    look();
    const left = leftConversation.peek();
    if (left !== null && !twoPanes.peek()) linkTo(element, left)?.focus({ preventScroll: true });
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);

  const from = Math.max(0, Math.floor(view.value.top / rowHeight.value) - spare);
  const to = Math.min(items.length, Math.ceil((view.value.top + view.value.height) / rowHeight.value) + spare);
  const visible = items.slice(from, to);
  const reachable = focused.value ?? current ?? items[0]?.conversation.conversationId;
  const inReach = visible.some((item) => item.conversation.conversationId === reachable);

  const people = visible.flatMap((item) => item.peer?.userId ?? []);
  const who = people.join(' ');
  useEffect(() => {
    peopleInList.value = people;
  }, [who]);
  useEffect(
    () => () => {
      peopleInList.value = [];
    },
    [],
  );

  const walk = (event: KeyboardEvent) => {
    const index = items.findIndex((item) => item.conversation.conversationId === focused.value);
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1 }[event.key];
    const item = next === undefined || event.altKey ? undefined : items[next];
    if (item === undefined || next === undefined) return;
    event.preventDefault();
    focusRow(scroller.current, item.conversation.conversationId, next * rowHeight.value, rowHeight.value);
  };

  const acted = items.find((item) => item.conversation.conversationId === acting.value?.id);
  return (
    <div
      class="scroll list-scroll"
      ref={scroller}
      onScroll={(event) => {
        leftAt = event.currentTarget.scrollTop;
        view.value = { top: leftAt, height: event.currentTarget.clientHeight };
      }}
    >
      {archived.length > 0 && <ArchiveRow items={archived} />}
      <ul class="list-rows" onKeyDown={walk} style={{ height: `${items.length * rowHeight.value}px` }}>
        {visible.map((item, index) => {
          const id = item.conversation.conversationId;
          return (
            <ConversationRow
              key={id}
              item={item}
              top={(from + index) * rowHeight.value}
              current={id === current}
              tabbable={inReach ? id === reachable : index === 0}
              onFocus={() => (focused.value = id)}
              onActions={(at) => (acting.value = { id, at })}
            />
          );
        })}
      </ul>
      {acting.value !== null && acted !== undefined && (
        <RowSheet item={acted} at={acting.value.at} onClose={() => (acting.value = null)} />
      )}
    </div>
  );
}

function ArchiveRow({ items }: { items: readonly ConversationItem[] }) {
  const { list } = words();
  const unread = items.filter((item) => item.unread > 0 || item.conversation.mine.markedUnread).length;
  return (
    <a class="archive-row" href={paths.archive}>
      <Icon name="archive" size={20} />
      <span class="row-main">{list.archive}</span>
      {unread > 0 && <span class="badge is-quiet">{cappedCount(unread, 99)}</span>}
    </a>
  );
}

const linkTo = (scroller: HTMLElement, id: string) => scroller.querySelector<HTMLElement>(`[href="/c/${id}"]`);

function focusRow(scroller: HTMLElement | null, id: string, top: number, height: number): void {
  if (scroller === null) return;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + height > scroller.scrollTop + scroller.clientHeight)
    scroller.scrollTop = top + height - scroller.clientHeight;
  const focus = () => linkTo(scroller, id)?.focus({ preventScroll: true });
  if (linkTo(scroller, id) !== null) focus();
  else requestAnimationFrame(() => setTimeout(focus, 0));
}
