import { limits } from '../../protocol/limits.ts';
import { useNoticeText } from '../conversation/notice-text.ts';
import { Ticks } from '../conversation/ticks.tsx';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { cappedCount, rowTime, words } from '../i18n/language.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';
import { isolated, nameOf } from '../parts/name.tsx';
import { type Point, usePress } from '../parts/press.ts';
import { paths } from '../routing/route.ts';
import { isMuted } from './keeping-actions.tsx';

export const titleOf = (item: ConversationItem): string => (item.self ? words().list.self : item.title);
export const avatarKind = (item: ConversationItem) =>
  item.self ? ('self' as const) : item.conversation.kind === 'group' ? ('group' as const) : ('person' as const);
export const pictureOf = ({ self, peer, conversation }: ConversationItem): string | null =>
  self ? null : (peer?.avatar ?? conversation.settings.avatar);
export const avatarId = (item: ConversationItem): string => item.peer?.userId ?? item.conversation.conversationId;

interface RowProps {
  readonly item: ConversationItem;
  readonly top: number;
  readonly current: boolean;
  readonly tabbable: boolean;
  readonly onFocus: () => void;
  readonly onActions: (at: Point | null) => void;
}

export function ConversationRow({ item, top, current, tabbable, onFocus, onActions }: RowProps) {
  const press = usePress({ onMenu: onActions });
  const id = item.conversation.conversationId;
  const { last } = item;
  return (
    <li class="conversation-row" style={{ transform: `translateY(${top}px)` }}>
      <a
        href={paths.conversation(id)}
        aria-current={current ? 'page' : undefined}
        tabIndex={tabbable ? 0 : -1}
        onFocus={onFocus}
        draggable={false}
        {...press}
      >
        <Picture item={item} />
        <span class="conversation-row-main">
          <span class="conversation-row-line">
            <span class="conversation-row-title">
              <bdi class="cut">{titleOf(item)}</bdi>
              {isMuted(item) && <Mark icon="bellOff" text={words().list.muted} />}
            </span>
            {item.draft === '' && last?.mine === true && last.state !== null && <Ticks state={last.state} />}
            {last !== null && <time class="conversation-row-time">{rowTime(item.time)}</time>}
          </span>
          <span class="conversation-row-line">
            <Preview item={item} />
            <Badges item={item} />
          </span>
        </span>
      </a>
    </li>
  );
}

function Badges({ item }: { item: ConversationItem }) {
  const { list } = words();
  const { unread, mentions, conversation } = item;
  const { pinned, markedUnread, archived } = conversation.mine;
  const quiet = isMuted(item) || archived ? ' is-quiet' : '';
  return (
    <>
      {mentions > 0 && (
        <span class="badge is-mention">
          <span aria-hidden="true">@</span>
          <span class="hidden-visually">{list.mentions(mentions)}</span>
        </span>
      )}
      {unread > 0 && (
        <span class={`badge${quiet}`}>
          <span aria-hidden="true">{cappedCount(unread, 99)}</span>
          <span class="hidden-visually">{list.unread(unread, cappedCount(unread, limits.unreadCount))}</span>
        </span>
      )}
      {unread === 0 && markedUnread && (
        <span class={`badge is-dot${quiet}`}>
          <span class="hidden-visually">{list.markedUnread}</span>
        </span>
      )}
      {unread === 0 && !markedUnread && pinned && <Mark icon="pin" text={list.pinned} />}
    </>
  );
}

function Mark({ icon, text }: { icon: 'bellOff' | 'pin'; text: string }) {
  return (
    <span class="row-mark">
      <Icon name={icon} size={16} />
      <span class="hidden-visually">{text}</span>
    </span>
  );
}

function Picture({ item }: { item: ConversationItem }) {
  const engine = useEngine();
  const online = item.peer !== null && !item.self && engine.presence(item.peer.userId).value?.online === true;
  return (
    <>
      <Avatar
        id={avatarId(item)}
        picture={pictureOf(item)}
        name={titleOf(item)}
        kind={avatarKind(item)}
        online={online}
      />
      {online && <span class="hidden-visually">{words().list.online}</span>}
    </>
  );
}

function Preview({ item }: { item: ConversationItem }) {
  const { list } = words();
  const noticeText = useNoticeText();
  if (item.typing.length > 0) return <span class="preview cut is-typing">{typingText(item)}</span>;
  if (item.draft !== '') {
    return (
      <span class="preview cut">
        <span class="preview-draft">{list.draft}</span> <bdi>{oneLine(item.draft)}</bdi>
      </span>
    );
  }
  const { last } = item;
  if (last === null) return <span class="preview cut">{list.nothing}</span>;
  if (last.state === 'failed') {
    return (
      <span class="preview cut">
        <span class="preview-draft">{list.failed}</span> <bdi>{oneLine(last.text)}</bdi>
      </span>
    );
  }
  if (last.blocked) return <span class="preview cut">{words().conversation.blocked}</span>;
  if (last.message !== null && last.message.kind !== 'message' && last.poll === null && !last.removed) {
    return <span class="preview cut">{noticeText(last.message)}</span>;
  }
  const text = last.removed ? list.removed : last.poll === null ? oneLine(last.text) : list.poll(oneLine(last.text));
  const named = item.conversation.kind === 'group' && !last.mine;
  return (
    <span class="preview cut" dir="auto">
      {named ? list.by(isolated(nameOf(item.lastSender ?? last.sender)), text) : text}
    </span>
  );
}

/** Who is typing, as the list and the head of a conversation say it. */
export function typingText({ conversation, typing }: Pick<ConversationItem, 'conversation' | 'typing'>): string {
  const { list } = words();
  const [first] = typing;
  if (conversation.kind === 'direct' || first === undefined) return list.typing;
  return typing.length === 1 ? list.typingOne(isolated(nameOf(first))) : list.typingMany(typing.length);
}

const oneLine = (text: string): string => text.slice(0, 200).replace(/\s+/gu, ' ').trim();
