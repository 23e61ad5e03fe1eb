import { useSignal } from '@preact/signals';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { dayAndTime, minute, words } from '../i18n/language.ts';
import { Icon, type IconName } from '../parts/icon.tsx';

const hour = 60 * 60_000;
/** The last day that a calendar of four digits knows. */
const forGood = 253_402_300_799_000;

export const isMuted = ({ conversation: { mine } }: ConversationItem): boolean =>
  mine.mutedUntil !== null && mine.mutedUntil > minute.value;

interface KeepingActionsProps {
  readonly item: ConversationItem;
  readonly onDone?: () => void;
}

/** How I keep a conversation: on top, quiet, out of the way, read or not. */
export function KeepingActions({ item, onDone = () => undefined }: KeepingActionsProps) {
  const engine = useEngine();
  const { keeping } = words();
  const muting = useSignal(false);
  const { conversationId, mine } = item.conversation;
  const set = (change: Parameters<typeof engine.keeping.set>[1]) => () => {
    onDone();
    muting.value = false;
    engine.keeping.set(conversationId, change);
  };
  if (muting.value) {
    const until = (ms: number) => set({ mutedUntil: Date.now() + ms });
    return (
      <>
        <Keep icon="bellOff" text={keeping.hour} onClick={until(hour)} />
        <Keep icon="bellOff" text={keeping.hours} onClick={until(8 * hour)} />
        <Keep icon="bellOff" text={keeping.week} onClick={until(7 * 24 * hour)} />
        <Keep icon="bellOff" text={keeping.forGood} onClick={set({ mutedUntil: forGood })} />
      </>
    );
  }
  const isUnread = item.unread > 0 || mine.markedUnread;
  const muted = isMuted(item);
  return (
    <>
      {isUnread ? (
        <Keep
          icon="check"
          text={keeping.markRead}
          onClick={() => {
            onDone();
            engine.keeping.markRead(conversationId);
          }}
        />
      ) : (
        <Keep icon="unread" text={keeping.markUnread} onClick={set({ markedUnread: true })} />
      )}
      <Keep
        icon={mine.pinned ? 'unpin' : 'pin'}
        text={mine.pinned ? keeping.unpin : keeping.pin}
        onClick={set({ pinned: !mine.pinned })}
      />
      {muted ? (
        <Keep icon="bell" text={keeping.unmute} more={mutedText(mine.mutedUntil)} onClick={set({ mutedUntil: null })} />
      ) : (
        !item.self && <Keep icon="bellOff" text={keeping.mute} onClick={() => (muting.value = true)} />
      )}
      <Keep
        icon="archive"
        text={mine.archived ? keeping.unarchive : keeping.archive}
        onClick={set({ archived: !mine.archived })}
      />
    </>
  );
}

function mutedText(until: number | null): string {
  const { keeping } = words();
  return until === null || until >= forGood ? keeping.mutedForGood : keeping.mutedUntil(dayAndTime(until));
}

interface KeepProps {
  readonly icon: IconName;
  readonly text: string;
  readonly more?: string;
  readonly onClick: () => void;
}

function Keep({ icon, text, more, onClick }: KeepProps) {
  return (
    <button type="button" class="row" onClick={onClick}>
      <Icon name={icon} />
      <span class="row-main">
        {text}
        {more !== undefined && <span class="row-more keeping-more">{more}</span>}
      </span>
    </button>
  );
}
