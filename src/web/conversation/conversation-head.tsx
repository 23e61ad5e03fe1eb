import './conversation-head.css';
import { useEffect, useRef } from 'preact/hooks';
import { useConnectionText } from '../conversations/connection-text.ts';
import { avatarId, avatarKind, pictureOf, titleOf, typingText } from '../conversations/conversation-row.tsx';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { duration, minute, momentAgo, words } from '../i18n/language.ts';
import { Avatar } from '../parts/avatar.tsx';
import { BackButton } from '../parts/bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { paths } from '../routing/route.ts';
import { infoBeside } from '../screen-state.ts';
import { threePanes, touch, twoPanes } from '../viewport.ts';

export function ConversationHead({ item }: { item: ConversationItem }) {
  const title = titleOf(item);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Where there is a keyboard, the field to write in takes the focus.
    if (touch.peek()) heading.current?.focus({ preventScroll: true });
  }, [item.conversation.conversationId]);
  const { conversation } = words();
  const info = paths.info(item.conversation.conversationId);
  return (
    <header class="bar conversation-head">
      {!twoPanes.value && <BackButton above={paths.list} />}
      <a class="head-link" href={info}>
        <Avatar id={avatarId(item)} picture={pictureOf(item)} name={title} kind={avatarKind(item)} size="small" />
        <span class="head-text">
          <h1 class="head-title" ref={heading} tabIndex={-1}>
            <bdi class="cut">{title}</bdi>
          </h1>
          <Subtitle item={item} />
        </span>
      </a>
      <Disappearing item={item} />
      {twoPanes.value && (
        <a class="icon-button" href={paths.find(item.conversation.conversationId)} aria-label={words().search.inThis}>
          <Icon name="search" />
        </a>
      )}
      {threePanes.value ? (
        <button
          type="button"
          class="icon-button"
          aria-label={conversation.info}
          aria-pressed={infoBeside.value}
          onClick={() => (infoBeside.value = !infoBeside.value)}
        >
          <Icon name="info" />
        </button>
      ) : (
        <a class="icon-button" href={info} aria-label={conversation.info}>
          <Icon name="info" />
        </a>
      )}
    </header>
  );
}

/** That what is written here will not stay. */
function Disappearing({ item }: { item: ConversationItem }) {
  const { disappearAfter } = item.conversation.settings;
  if (disappearAfter === null) return null;
  const text = words().terms.disappearsAfter(duration(disappearAfter));
  return (
    <span class="head-timer" title={text}>
      <Icon name="timer" size={20} />
      <span class="hidden-visually">{text}</span>
    </span>
  );
}

function Subtitle({ item }: { item: ConversationItem }) {
  const { conversation, list } = words();
  const engine = useEngine();
  const connection = useConnectionText();
  const presence = item.peer === null ? null : engine.presence(item.peer.userId).value;
  if (connection !== null && !twoPanes.value) return <span class="head-more cut">{connection}</span>;
  if (item.typing.length > 0) return <span class="head-more is-live cut">{typingText(item)}</span>;
  if (item.conversation.kind === 'group')
    return <span class="head-more cut">{conversation.members(item.conversation.memberCount)}</span>;
  if (item.self || presence === null) return null;
  if (presence.online) return <span class="head-more is-live cut">{list.online}</span>;
  return presence.lastSeenAt === null ? null : <span class="head-more cut">{seenText(presence.lastSeenAt)}</span>;
}

export function seenText(lastSeenAt: number): string {
  const { conversation } = words();
  return minute.value - lastSeenAt < 60_000 ? conversation.seenJustNow : conversation.seen(momentAgo(lastSeenAt));
}
