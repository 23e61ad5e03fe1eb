import './message-list.css';
import type { Signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { ConversationItem, OpenConversation } from '../engine/engine.ts';
import { clockTime, dayTitle, minute, startOfDay, words } from '../i18n/language.ts';
import { nameOf } from '../parts/name.tsx';
import type { Point } from '../parts/press.ts';
import { MessageBubble } from './message-bubble.tsx';
import type { MessageDeeds } from './message-deeds.ts';
import { type MessageRow, type Row, rowsOf, sameRow } from './message-rows.ts';
import type { Goal, MessageView } from './message-view.ts';
import { Notice } from './notice-row.tsx';

interface MessageListProps {
  readonly open: OpenConversation;
  readonly item: ConversationItem;
  readonly view: MessageView;
  /** Where the conversation is opened; asked once, when there is something to show. */
  readonly opening: (rows: readonly Row[]) => Goal;
  readonly unfolded: Signal<ReadonlySet<string>>;
  readonly focused: Signal<string | null>;
  readonly flash: number | null;
  readonly deeds: MessageDeeds;
  readonly onActions: (key: string, at: Point | null) => void;
  readonly onLeave: () => void;
}

/** What was loaded of a conversation; only the rows in view exist. */
export function MessageList(props: MessageListProps) {
  const { open, item, view, opening, unfolded, focused, flash } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const drawn = useRef(new Map<string, { row: Row; look: string; node: VNode }>());

  const messages = open.messages.value;
  const unreadFrom = open.unreadFrom.value;
  const fromStart = !open.hasOlder.value;
  const today = startOfDay(minute.value);
  const rows = useMemo(
    () => rowsOf({ messages, unreadFrom, fromStart, startOfDay }),
    [messages, unreadFrom, fromStart, today],
  );

  useLayoutEffect(() => {
    if (scroller.current === null || content.current === null) return undefined;
    return view.attach(scroller.current, content.current);
  }, [view]);

  void view.drawing.value;
  const opened = useRef(false);
  const plan = view.prepare(rows, opened.current ? null : opening(rows));
  opened.current = true;
  useLayoutEffect(() => view.arrange());

  const named = item.conversation.kind === 'group';
  const shown = rows.slice(plan.range.from, plan.range.to);
  const tabbable = tabbableKey(shown, focused.value);
  const nodeOf = (row: Row): VNode => {
    const look = `${named}${unfolded.value.has(row.key)}${row.key === tabbable}${row.kind === 'message' && row.shown.seq === flash}${today}${words().locale}`;
    const before = drawn.current.get(row.key);
    if (before !== undefined && before.look === look && sameRow(before.row, row)) return before.node;
    const node = <RowOf key={row.key} row={row} named={named} list={props} tabbable={row.key === tabbable} />;
    drawn.current.set(row.key, { row, look, node });
    return node;
  };
  const sections = byDay(shown, plan.day === null ? undefined : rows[plan.day]);
  useEffect(() => forget(drawn.current, shown));

  return (
    <div
      class="messages"
      ref={scroller}
      role="feed"
      aria-label={words().conversation.messages}
      aria-busy={open.loading.value !== null}
      onKeyDown={(event) => walk(event, props, rows)}
    >
      <div class="messages-content" ref={content}>
        <div style={{ height: `${plan.above}px` }} />
        {sections.map((section) => (
          <div class="day-section" key={section.key}>
            {section.rows.map(nodeOf)}
          </div>
        ))}
        <div style={{ height: `${plan.below}px` }} />
      </div>
    </div>
  );
}

interface Section {
  readonly key: string;
  readonly rows: readonly Row[];
}

/** Each day in a box of its own, so that its title sticks while the day is in view and is pushed out by the next. */
function byDay(shown: readonly Row[], dayAbove: Row | undefined): readonly Section[] {
  const sections: { key: string; rows: Row[] }[] = [];
  for (const row of dayAbove === undefined ? shown : [dayAbove, ...shown]) {
    const last = sections.at(-1);
    if (last === undefined || row.kind === 'day') sections.push({ key: row.key, rows: [row] });
    else last.rows.push(row);
  }
  return sections;
}

function forget(drawn: Map<string, unknown>, shown: readonly Row[]): void {
  if (drawn.size < 400) return;
  const kept = new Set(shown.map((row) => row.key));
  for (const key of drawn.keys()) if (!kept.has(key)) drawn.delete(key);
}

const isMessage = (row: Row): row is MessageRow => row.kind === 'message';

/** One message can be reached by Tab: the one that has the focus, else the last. */
function tabbableKey(shown: readonly Row[], focused: string | null): string | null {
  if (shown.some((row) => row.key === focused)) return focused;
  return shown.findLast(isMessage)?.key ?? null;
}

function RowOf({
  row,
  named,
  list,
  tabbable,
}: {
  row: Row;
  named: boolean;
  list: MessageListProps;
  tabbable: boolean;
}) {
  const { conversation } = words();
  switch (row.kind) {
    case 'start':
      return (
        <div class="line-row" data-row={row.key}>
          <span class="soft">{conversation.start}</span>
        </div>
      );
    case 'day':
      return (
        <div class="day-row" data-row={row.key}>
          <span class="pill">{dayTitle(row.time)}</span>
        </div>
      );
    case 'unread':
      return (
        <div class="unread-row" data-row={row.key}>
          <span>{conversation.unread}</span>
        </div>
      );
    case 'notice':
      return (
        <div class="line-row" data-row={row.key}>
          {row.shown.message !== null && <Notice message={row.shown.message} />}
        </div>
      );
    case 'message':
      return <MessageItem row={row} named={named} list={list} tabbable={tabbable} />;
  }
}

function MessageItem({
  row,
  named,
  list,
  tabbable,
}: {
  row: MessageRow;
  named: boolean;
  list: MessageListProps;
  tabbable: boolean;
}) {
  const { shown, key } = row;
  const { unfolded, focused, flash, deeds, onActions } = list;
  return (
    <article
      class={`message-row${row.first ? ' is-first' : ''}${shown.seq !== null && shown.seq === flash ? ' is-flashing' : ''}`}
      data-row={key}
      data-seq={shown.seq ?? undefined}
      tabIndex={tabbable ? 0 : -1}
      aria-label={labelOf(row, unfolded.value.has(key))}
      aria-setsize={-1}
      aria-posinset={shown.seq ?? undefined}
      onFocus={() => (focused.value = key)}
    >
      <MessageBubble
        row={row}
        named={named}
        unfolded={unfolded.value.has(key)}
        reachable={tabbable}
        deeds={deeds}
        onUnfold={() => (unfolded.value = new Set([...unfolded.value, key]))}
        onActions={(at) => onActions(key, at)}
      />
    </article>
  );
}

function labelOf({ shown }: MessageRow, unfolded: boolean): string {
  const { common, conversation, list, state } = words();
  if (shown.blocked && !unfolded) return `${conversation.blocked}, ${clockTime(shown.time)}`;
  const text = shown.text.slice(0, 1_000);
  return conversation.label({
    sender: shown.mine ? common.you : nameOf(shown.sender),
    text: shown.removed ? conversation.removed : shown.poll === null ? text : list.poll(text),
    time: clockTime(shown.time),
    state: shown.state === null ? '' : state[shown.state],
  });
}

/** Arrows walk the messages, Enter opens what can be done with one, Escape returns to writing. */
function walk(
  event: KeyboardEvent,
  { view, focused, onActions, onLeave }: MessageListProps,
  rows: readonly Row[],
): void {
  if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return;
  if (event.target.dataset.row === undefined) return;
  const at = focused.value === null ? undefined : view.indexOf(focused.value);
  const to = (step: 1 | -1, from: number): void => {
    for (let index = from; index >= 0 && index < rows.length; index += step) {
      const row = rows[index];
      if (row === undefined || !isMessage(row)) continue;
      focusRow(view, row.key, event.currentTarget as HTMLElement);
      break;
    }
  };
  switch (event.key) {
    case 'ArrowUp':
      to(-1, (at ?? rows.length) - 1);
      break;
    case 'ArrowDown':
      to(1, (at ?? -1) + 1);
      break;
    case 'PageUp':
      to(-1, Math.max(0, (at ?? rows.length) - 10));
      break;
    case 'PageDown':
      to(1, Math.min(rows.length - 1, (at ?? 0) + 10));
      break;
    case 'Home':
      to(1, 0);
      break;
    case 'End':
      to(-1, rows.length - 1);
      break;
    case 'Enter':
    case 'ContextMenu':
      if (focused.value !== null) onActions(focused.value, null);
      break;
    case 'Escape':
      onLeave();
      break;
    default:
      // Writing begins wherever one is.
      if (event.key.length === 1 && event.key !== ' ') onLeave();
      return;
  }
  event.preventDefault();
}

function focusRow(view: MessageView, key: string, list: HTMLElement): void {
  const find = () => list.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
  const present = find();
  if (present !== null) {
    present.focus({ preventScroll: true });
    present.scrollIntoView({ block: 'nearest' });
    return;
  }
  view.go({ at: 'row', find: (row) => row.key === key, share: 0.5 });
  setTimeout(() => find()?.focus({ preventScroll: true }), 0);
}
