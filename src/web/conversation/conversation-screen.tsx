import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { ConversationItem, Engine, OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { dayAndTime, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { BackButton } from '../parts/bar.tsx';
import { lazy } from '../parts/lazy.tsx';
import { Notice } from '../parts/notice.tsx';
import type { Point } from '../parts/press.ts';
import { say } from '../parts/toast.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { ScheduledBar } from '../scheduled/scheduled-bar.tsx';
import { leftConversation, peopleInMain, shownConversation } from '../screen-state.ts';
import { twoPanes } from '../viewport.ts';
import { Announcements } from './announcements.tsx';
import { BlockedBar } from './blocked-bar.tsx';
import { Closed } from './closed.tsx';
import { Composer } from './composer.tsx';
import { ConversationDialogs, type Dialog } from './conversation-dialogs.tsx';
import { ConversationHead } from './conversation-head.tsx';
import { EndButton } from './end-button.tsx';
import { firstLinkIn } from './first-link.ts';
import { goalAt, isSeq, type Jump, makeJump } from './jumping.ts';
import { MentionButton } from './mention-button.tsx';
import type { Mentioning } from './mentioning.ts';
import { makeMessageDeeds } from './message-deeds.ts';
import { MessageList } from './message-list.tsx';
import type { Row } from './message-rows.ts';
import { MessageSheet } from './message-sheet.tsx';
import { type Goal, makeMessageView } from './message-view.ts';
import { MessagesSkeleton } from './messages-skeleton.tsx';
import { NoMessages } from './no-messages.tsx';
import { PinnedBar } from './pinned-bar.tsx';
import { useReading } from './reading.ts';
import { mayWriteIn } from './writing.ts';

const emptyBar = () => <header class="bar" />;
const FindBar = lazy(() => import('../search/find-bar.tsx').then((part) => part.FindBar), emptyBar);

interface ConversationScreenProps {
  readonly id: ConversationId;
  readonly seq: number | null;
  /** Messages of it are looked for. */
  readonly find: boolean;
}

export function ConversationScreen({ id, seq, find }: ConversationScreenProps) {
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
  return <Conversation open={open} item={item} seq={seq} find={find} />;
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
  readonly find: boolean;
}

function Conversation({ open, item, seq, find }: ConversationProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const acting = useSignal<{ key: string; at: Point | null } | null>(null);
  const dialog = useSignal<Dialog | null>(null);
  const editing = useSignal<{ seq: number; text: string } | null>(null);
  const unfolded = useSignal<ReadonlySet<string>>(new Set());
  const focused = useSignal<string | null>(null);
  const flash = useSignal<number | null>(null);
  /** A link whose preview the person does not want. */
  const unwanted = useSignal<string | null>(null);
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
  const engine = useEngine();
  const { jump, deeds } = useMemo(() => {
    const jump = makeJump({ open, view, flash, list: body });
    const deeds = makeMessageDeeds({
      open,
      reaches: () => !isBlocked(engine, open),
      jump,
      show: (kind, { key }) => {
        dialog.value = { kind, key };
      },
    });
    return { jump, deeds };
  }, [open, view, engine]);
  const mentioning = useMemo(() => mentioningIn(open, () => engine.me.peek()?.userId), [open, engine]);

  const arriving = useArrival(open, seq, jump);

  const { peer } = item;
  const previews = item.conversation.settings.previews && engine.about.value?.linkPreviews !== false;
  const link = previews ? firstLinkIn(open.draft.value) : null;
  const messages = open.messages.value;
  const toEnd = () => {
    if (open.atEnd.peek()) view.go({ at: 'end' });
    else
      open.jumpTo('end').then(
        () => view.go({ at: 'end' }),
        () => undefined,
      );
  };
  const wishFor = (text: string): { preview?: false } =>
    unwanted.value !== null && firstLinkIn(text)?.url === unwanted.value ? { preview: false } : {};
  const send = () => {
    const edited = editing.value;
    if (edited !== null) {
      if (edited.text.trim() !== originalText(messages, edited.seq)) open.edit(edited.seq, edited.text.trim());
      editing.value = null;
      return;
    }
    const text = open.draft.peek().trim();
    open.send(text, wishFor(text));
    unwanted.value = null;
    toEnd();
  };
  const { run } = useAction();
  const sendLater = (sendAt: number) => {
    const text = open.draft.peek().trim();
    const replyTo = open.replyingTo.peek()?.seq;
    run(async () => {
      const { conversationId } = item.conversation;
      const reply = replyTo === undefined ? {} : { replyTo };
      await engine.scheduled.create({ conversationId, text, sendAt, ...reply, ...wishFor(text) });
      unwanted.value = null;
      if (open.draft.peek().trim() === text) open.setDraft('');
      open.reply(null);
      say(words().scheduled.done(dayAndTime(sendAt)));
    });
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
      {find ? (
        <FindBar id={item.conversation.conversationId} onJump={(seq) => jump(seq, { keepsFocus: true })} />
      ) : (
        <ConversationHead item={item} />
      )}
      <PinnedBar open={open} onJump={jump} />
      <div class="conversation-body" ref={body}>
        {arriving ? (
          <MessagesSkeleton />
        ) : messages.length === 0 ? (
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
      <ScheduledBar id={item.conversation.conversationId} onOpen={() => (dialog.value = { kind: 'scheduled' })} />
      {peer !== null && isBlocked(engine, open) ? (
        <BlockedBar person={peer} />
      ) : mayWriteIn(item) ? (
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
          onLater={() => (dialog.value = { kind: 'later' })}
          previewOf={link === null || link.url === unwanted.value ? null : link.host}
          onNoPreview={() => {
            unwanted.value = link?.url ?? null;
          }}
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
      <ConversationDialogs open={open} dialog={dialog} deeds={deeds} onSent={toEnd} onLater={sendLater} />
    </main>
  );
}

const isBlocked = (engine: Engine, open: OpenConversation): boolean => {
  const peer = open.item.value?.peer ?? null;
  return peer !== null && engine.blocks.value.has(peer.userId);
};

function openingGoal(rows: readonly Row[], seq: number | null): Goal {
  if (seq !== null && rows.some(isSeq(seq))) return goalAt(seq);
  const isUnread = (row: Row) => row.kind === 'unread';
  return rows.some(isUnread) ? { at: 'row', find: isUnread, share: 0.15 } : { at: 'end' };
}

/** A stored message takes this long to come; before that, what is shown otherwise would only flicker. */
const arrivalMs = 1_500;

/** Until a message that the address names is there: nothing is shown that would be left at once. */
function useArrival(open: OpenConversation, seq: number | null, jump: Jump): boolean {
  const arriving = useSignal(seq !== null && !open.messages.peek().some((shown) => shown.seq === seq));
  useEffect(() => {
    if (seq === null) return undefined;
    const arrived = () => {
      arriving.value = false;
    };
    const timer = setTimeout(arrived, arrivalMs);
    jump(seq, { onArrived: arrived });
    return () => clearTimeout(timer);
  }, [seq, jump]);
  return arriving.value;
}

/** Those who wrote lately stand first; all may be mentioned by those who lead. */
function mentioningIn(open: OpenConversation, me: () => UserId | undefined): Mentioning {
  return {
    known: () => {
      const senders = open.messages.peek().flatMap(({ sender, mine }) => (sender === null || mine ? [] : [sender]));
      return [...new Map(senders.toReversed().map((one) => [one.userId, one])).values()];
    },
    members: async () => (await open.members()).filter(({ userId }) => userId !== me()),
    find: async (query) => {
      const { memberCount } = open.item.peek()?.conversation ?? { memberCount: 0 };
      return memberCount > limits.pageItems ? await open.findMembers(query) : [];
    },
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
