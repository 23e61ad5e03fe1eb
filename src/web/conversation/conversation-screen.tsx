import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { ConversationItem, OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { BackButton } from '../parts/bar.tsx';
import { Notice } from '../parts/notice.tsx';
import type { Point } from '../parts/press.ts';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { leftConversation, peopleInMain, shownConversation } from '../screen-state.ts';
import { twoPanes } from '../viewport.ts';
import { Announcements } from './announcements.tsx';
import { Closed } from './closed.tsx';
import { Composer } from './composer.tsx';
import { ConversationDialogs, type Dialog } from './conversation-dialogs.tsx';
import { ConversationHead } from './conversation-head.tsx';
import { EndButton } from './end-button.tsx';
import { MentionButton } from './mention-button.tsx';
import type { Mentioning } from './mentioning.ts';
import { makeMessageDeeds } from './message-deeds.ts';
import { MessageList } from './message-list.tsx';
import type { Row } from './message-rows.ts';
import { MessageSheet } from './message-sheet.tsx';
import { type Goal, type MessageView, makeMessageView } from './message-view.ts';
import { MessagesSkeleton } from './messages-skeleton.tsx';
import { NoMessages } from './no-messages.tsx';
import { PinnedBar } from './pinned-bar.tsx';
import { useReading } from './reading.ts';
import { mayWriteIn } from './writing.ts';

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
  const dialog = useSignal<Dialog | null>(null);
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
  const { jump, deeds } = useMemo(() => {
    const jump = makeJump(open, view, flash);
    const deeds = makeMessageDeeds({
      open,
      jump,
      show: (kind, { key }) => {
        dialog.value = { kind, key };
      },
    });
    return { jump, deeds };
  }, [open, view]);
  const engine = useEngine();
  const mentioning = useMemo(() => mentioningIn(open, () => engine.me.peek()?.userId), [open, engine]);

  useEffect(() => {
    if (seq !== null) jump(seq);
  }, [seq, jump]);

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
    open.send(open.draft.peek().trim());
    toEnd();
  };
  const edit = (shown: ShownMessage | undefined) => {
    if (shown?.seq != null) editing.value = { seq: shown.seq, text: shown.text };
  };
  const cancel = () => {
    if (editing.value !== null) editing.value = null;
    else if (open.replyingTo.peek() !== null) open.reply(null);
    else if (!twoPanes.peek()) navigate(paths.list);
  };
  const acted = acting.value === null ? undefined : messages.find((shown) => shown.key === acting.value?.key);

  return (
    <main class="pane main-pane conversation">
      <ConversationHead item={item} />
      <PinnedBar open={open} onJump={jump} />
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
            deeds={deeds}
            onActions={(key, at) => (acting.value = { key, at })}
            onLeave={() => field.current?.focus()}
          />
        )}
        <div class="jump-buttons">
          <MentionButton open={open} onJump={jump} />
          <EndButton open={open} view={view} onClick={toEnd} />
        </div>
      </div>
      {mayWriteIn(item) ? (
        <Composer
          field={field}
          text={editing.value?.text ?? open.draft.value}
          editing={editing.value !== null}
          replyingTo={open.replyingTo.value}
          mentioning={item.conversation.kind === 'group' ? mentioning : null}
          onText={(text) => {
            if (editing.value === null) open.setDraft(text);
            else editing.value = { ...editing.value, text };
          }}
          onSend={send}
          onEditLast={() => edit(messages.findLast(isEditable))}
          onCancel={cancel}
          onAdd={() => (dialog.value = { kind: 'add' })}
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
          deeds={deeds}
          onEdit={() => edit(acted)}
          onClose={() => (acting.value = null)}
        />
      )}
      <ConversationDialogs open={open} dialog={dialog} deeds={deeds} onSent={toEnd} />
    </main>
  );
}

const isSeq = (seq: number) => (row: Row) => (row.kind === 'message' || row.kind === 'notice') && row.shown.seq === seq;

function openingGoal(rows: readonly Row[], seq: number | null): Goal {
  if (seq !== null) return { at: 'row', find: isSeq(seq), share: 0.4 };
  const isUnread = (row: Row) => row.kind === 'unread';
  return rows.some(isUnread) ? { at: 'row', find: isUnread, share: 0.15 } : { at: 'end' };
}

const flashMs = 2_500;

/** Brings a message into view and lets it light up. */
function makeJump(open: OpenConversation, view: MessageView, flash: Signal<number | null>): (seq: number) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (seq) => {
    clearTimeout(timer);
    flash.value = seq;
    open.jumpTo(seq).then(
      () => view.go({ at: 'row', find: isSeq(seq), share: 0.4 }),
      () => undefined,
    );
    timer = setTimeout(() => {
      flash.value = null;
    }, flashMs);
  };
}

/** Those who wrote lately stand first; all may be mentioned by those who lead. */
function mentioningIn(open: OpenConversation, me: () => UserId | undefined): Mentioning {
  return {
    known: () => {
      const senders = open.messages.peek().flatMap(({ sender, mine }) => (sender === null || mine ? [] : [sender]));
      return [...new Map(senders.toReversed().map((one) => [one.userId, one])).values()];
    },
    members: async () => (await open.members()).filter(({ userId }) => userId !== me()),
    get all() {
      return open.item.peek()?.conversation.mine.role !== 'member';
    },
  };
}

const isEditable = (shown: ShownMessage) =>
  shown.mine && shown.seq !== null && !shown.removed && shown.message?.kind === 'message' && shown.forwarded === null;

const originalText = (messages: readonly ShownMessage[], seq: number) =>
  messages.find((shown) => shown.seq === seq)?.text;

/** Asked for again only when the view moves, so a failure repeats at the person's own pace. */
function load(open: OpenConversation, which: 'older' | 'newer'): void {
  if (open.loading.peek() !== null) return;
  if (which === 'older' && open.hasOlder.peek()) open.loadOlder().catch(() => undefined);
  if (which === 'newer' && !open.atEnd.peek()) open.loadNewer().catch(() => undefined);
}
