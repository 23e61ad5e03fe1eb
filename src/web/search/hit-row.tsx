import { avatarId, avatarKind, pictureOf, titleOf } from '../conversations/conversation-row.tsx';
import type { ConversationItem, SearchHit } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { rowTime, words } from '../i18n/language.ts';
import { Avatar } from '../parts/avatar.tsx';
import { nameOf } from '../parts/name.tsx';
import { paths } from '../routing/route.ts';
import { snippetOf } from './snippet.ts';

export const keyOf = ({ conversationId, seq }: SearchHit): string => `${conversationId}/${seq}`;

interface HitRowProps {
  readonly hit: SearchHit;
  /** Null where the conversation is not known here. */
  readonly item: ConversationItem | null;
  readonly onLeave: (key: string) => void;
}

/** A message that was found, as a link to where it stands. */
export function HitRow({ hit, item, onLeave }: HitRowProps) {
  const { common, conversation } = words();
  const engine = useEngine();
  const { senderId, time } = hit.message;
  const title = item === null ? common.somebody : titleOf(item);
  const mine = senderId !== null && senderId === engine.me.value?.userId;
  const isGroup = item?.conversation.kind === 'group';
  const folded = isGroup && senderId !== null && engine.blocks.value.has(senderId);
  const sender = senderId === null ? null : engine.profile(senderId).value;
  return (
    <li class="hit">
      <a
        class="hit-row"
        href={paths.conversation(hit.conversationId, hit.seq)}
        data-hit={keyOf(hit)}
        onClick={() => onLeave(keyOf(hit))}
      >
        <Avatar
          id={item === null ? hit.conversationId : avatarId(item)}
          picture={item === null ? null : pictureOf(item)}
          name={title}
          kind={item === null ? 'person' : avatarKind(item)}
          size="small"
        />
        <span class="hit-lines">
          <span class="hit-top">
            <bdi class="hit-title cut">{title}</bdi>
            <time class="hit-time">{rowTime(time)}</time>
          </span>
          {(isGroup || mine) && <bdi class="hit-sender cut">{mine ? common.you : nameOf(sender)}</bdi>}
          <span class="hit-text" dir="auto">
            {folded
              ? conversation.blocked
              : snippetOf(hit).map((piece, index) => (piece.hit ? <mark key={index}>{piece.text}</mark> : piece.text))}
          </span>
        </span>
      </a>
    </li>
  );
}
