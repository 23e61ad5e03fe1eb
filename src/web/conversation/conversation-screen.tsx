import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ConversationId } from '../../protocol/ids.ts';
import { titleOf } from '../conversations/conversation-row.tsx';
import type { ConversationItem, OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { BackButton } from '../parts/bar.tsx';
import { isolated, nameOf } from '../parts/name.tsx';
import { Notice } from '../parts/notice.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { leftConversation, peopleInMain, shownConversation } from '../screen-state.ts';
import { twoPanes } from '../viewport.ts';
import { Composer } from './composer.tsx';
import { ConversationHead } from './conversation-head.tsx';
import { EndButton } from './end-button.tsx';
import { MessageList } from './message-list.tsx';
import type { Row } from './message-rows.ts';
import { MessageSheet, type Point } from './message-sheet.tsx';
import { type Goal, makeMessageView } from './message-view.ts';
import { MessagesSkeleton } from './messages-skeleton.tsx';
import { useReading } from './reading.ts';

export function ConversationScreen({ id, seq }: { id: ConversationId; seq: number | null }) {
  const engine = useEngine();
  const open = useMemo(() => engine.open(id), [engine, id]);
  useEffect(() => {
    // Whoever showed it before may have closed it after this was drawn first.
    engine.open(id);
    return () => open.close();
  }, [engine, id]);
  const item = open.item.value;
  useEffect(() => {
    shownConversation.value = id;
    peopleInMain.value = item?.peer === null || item === null ? [] : [item.peer.userId];
    return () => {
      shownConversation.value = null;
      leftConversation.value = id;
      peopleInMain.value = [];
    };
  }, [id, item?.peer?.userId]);
  if (item === null) return <Unknown ready={engine.connection.value === 'ready' && engine.me.value !== null} />;
  return <Conversation open={open} item={item} seq={seq} />;
}

function Unknown({ ready }: { ready: boolean }) {
  const { conversation, join } = words();
  return (
    <main class="pane main-pane conversation">
      <header class="bar">{!twoPanes.value && <BackButton above={paths.list} />}</header>
      {ready ? (
        <Notice icon="chat" title={conversation.notFound} alone>
          <p>{conversation.notFoundText}</p>
          <a class="button" href={paths.list}>
            {join.toConversations}
          </a>
        </Notice>
      ) : (
        <MessagesSkeleton />
      )}
    </main>
  );
}

interface ConversationProps {
  readonly open: OpenConversation;
  readonly item: ConversationItem;
  readonly seq: number | null;
}

function Conversation({ open, item, seq }: ConversationProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const acting = useSignal<{ key: string; at: Point | null } | null>(null);
  const editing = useSignal<{ seq: number; text: string } | null>(null);
  const unfolded = useSignal<ReadonlySet<string>>(new Set());
  const focused = useSignal<string | null>(null);
  const flash = useSignal<number | null>(null);
  const reading = useReading(open);
  const view = useMemo(
    () =>
      makeMessageView({
        onNearStart: () => load(open, 'older'),
        onNearEnd: () => load(open, 'newer'),
        onMoved: () => reading.current?.(),
      }),
    [open],
  );
  reading.view = view;

  useEffect(() => {
    if (seq === null) return undefined;
    flash.value = seq;
    open.jumpTo(seq).then(
      () => view.go({ at: 'row', find: isSeq(seq), share: 0.4 }),
      () => undefined,
    );
    const timer = setTimeout(() => {
      flash.value = null;
    }, 2_500);
    return () => clearTimeout(timer);
  }, [seq, open]);

  const messages = open.messages.value;
  const toEnd = () => {
    if (open.atEnd.peek()) view.go({ at: 'end' });
    else
      open.jumpTo('end').then(
        () => view.go({ at: 'end' }),
        () => undefined,
      );
  };
  const send = () => {
    const edited = editing.value;
    if (edited !== null) {
      if (edited.text.trim() !== originalText(messages, edited.seq)) open.edit(edited.seq, edited.text.trim());
      editing.value = null;
      return;
    }
    const text = open.draft.peek().trim();
    open.setDraft('');
    open.send(text);
    toEnd();
  };
  const edit = (shown: ShownMessage | undefined) => {
    if (shown?.seq != null) editing.value = { seq: shown.seq, text: shown.text };
  };
  const acted = acting.value === null ? undefined : messages.find((shown) => shown.key === acting.value?.key);
  const writable = item.conversation.mine.member && item.peer?.gone !== true;

  return (
    <main class="pane main-pane conversation">
      <ConversationHead item={item} />
      <div class="conversation-body">
        {messages.length === 0 ? (
          <NoMessages open={open} item={item} />
        ) : (
          <MessageList
            open={open}
            item={item}
            view={view}
            opening={(rows) => openingGoal(rows, seq)}
            unfolded={unfolded}
            focused={focused}
            flash={flash.value}
            onActions={(key, at) => (acting.value = { key, at })}
            onLeave={() => field.current?.focus()}
          />
        )}
        <EndButton open={open} view={view} onClick={toEnd} />
      </div>
      {writable ? (
        <Composer
          field={field}
          text={editing.value?.text ?? open.draft.value}
          editing={editing.value !== null}
          onText={(text) => {
            if (editing.value === null) open.setDraft(text);
            else editing.value = { ...editing.value, text };
          }}
          onSend={send}
          onEditLast={() =>
            edit(
              messages.findLast(
                (shown) => shown.mine && shown.seq !== null && !shown.removed && shown.message?.kind === 'message',
              ),
            )
          }
          onCancel={() => {
            if (editing.value !== null) editing.value = null;
            else if (!twoPanes.peek()) navigate(paths.list);
          }}
        />
      ) : (
        <Closed item={item} />
      )}
      <Announcements open={open} />
      {acting.value !== null && acted !== undefined && (
        <MessageSheet
          open={open}
          item={item}
          shown={acted}
          at={acting.value.at}
          onEdit={() => edit(acted)}
          onClose={() => (acting.value = null)}
        />
      )}
    </main>
  );
}

const isSeq = (seq: number) => (row: Row) => (row.kind === 'message' || row.kind === 'notice') && row.shown.seq === seq;

function openingGoal(rows: readonly Row[], seq: number | null): Goal {
  if (seq !== null) return { at: 'row', find: isSeq(seq), share: 0.4 };
  const isUnread = (row: Row) => row.kind === 'unread';
  return rows.some(isUnread) ? { at: 'row', find: isUnread, share: 0.15 } : { at: 'end' };
}

const originalText = (messages: readonly ShownMessage[], seq: number) =>
  messages.find((shown) => shown.seq === seq)?.text;

/** Asked for again only when the view moves, so a failure repeats at the person's own pace. */
function load(open: OpenConversation, which: 'older' | 'newer'): void {
  if (open.loading.peek() !== null) return;
  if (which === 'older' && open.hasOlder.peek()) open.loadOlder().catch(() => undefined);
  if (which === 'newer' && !open.atEnd.peek()) open.loadNewer().catch(() => undefined);
}

function NoMessages({ open, item }: { open: OpenConversation; item: ConversationItem }) {
  const { conversation } = words();
  if (open.loading.value !== null) return <MessagesSkeleton />;
  if (item.last !== null) return <NotLoaded open={open} />;
  const text = item.self
    ? conversation.emptySelf
    : item.conversation.kind === 'group'
      ? conversation.emptyGroup
      : conversation.emptyDirect(isolated(titleOf(item)));
  return (
    <Notice icon={item.self ? 'bookmark' : 'chat'} title={conversation.empty}>
      <p>{text}</p>
    </Notice>
  );
}

/** There are messages, but none here and none to be had: tried again as soon as there is a connection. */
function NotLoaded({ open }: { open: OpenConversation }) {
  const { conversation, common, errors } = words();
  const { connection } = useEngine();
  const load = () => {
    open.jumpTo('end').catch(() => undefined);
  };
  const ready = connection.value === 'ready';
  useEffect(() => {
    if (ready) load();
  }, [ready]);
  return (
    <Notice icon="warning" title={conversation.loadFailed}>
      <p>{ready ? errors.unavailable : errors.reasons.offline}</p>
      <button type="button" class="button" onClick={load}>
        {common.tryAgain}
      </button>
    </Notice>
  );
}

function Closed({ item }: { item: ConversationItem }) {
  const { conversation } = words();
  if (item.conversation.mine.member) return <p class="closed">{conversation.peerGone}</p>;
  return (
    <p class="closed">
      <strong>{conversation.gone}</strong>
      <span>{conversation.goneText}</span>
    </p>
  );
}

/** Says what others write to those who do not see it, in turn and without interrupting. */
function Announcements({ open }: { open: OpenConversation }) {
  const { conversation } = words();
  const last = open.atEnd.value ? open.messages.value.at(-1) : undefined;
  const from = useRef(last?.time ?? Date.now());
  const fresh = last !== undefined && !last.mine && last.message?.kind === 'message' && last.time > from.current;
  return (
    <p class="hidden-visually" aria-live="polite" aria-atomic="true">
      {fresh ? conversation.said(nameOf(last.sender), last.text.slice(0, 500)) : ''}
    </p>
  );
}
