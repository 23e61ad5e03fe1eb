import { useSignal } from '@preact/signals';
import type { UserId } from '../../protocol/ids.ts';
import type { ConversationItem, OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { fullTime, words } from '../i18n/language.ts';
import { copyText } from '../parts/clipboard.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { Name } from '../parts/name.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { say } from '../parts/toast.tsx';
import { paths } from '../routing/route.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface MessageSheetProps {
  readonly open: OpenConversation;
  readonly item: ConversationItem;
  readonly shown: ShownMessage;
  readonly at: Point | null;
  readonly onEdit: () => void;
  readonly onClose: () => void;
}

/** What can be done with one message. */
export function MessageSheet({ open, item, shown, at, onEdit, onClose }: MessageSheetProps) {
  const { actions, common } = words();
  const sure = useSignal(false);
  const { seq, key } = shown;
  const { member, role } = item.conversation.mine;
  const mayRemove =
    seq !== null &&
    member &&
    !shown.removed &&
    (shown.mine || (item.conversation.kind === 'group' && role !== 'member'));
  const mayEdit = shown.mine && seq !== null && member && !shown.removed;
  const copy = (text: string) => {
    onClose();
    copyText(text).then(
      (copied) => copied && say(common.copied),
      () => undefined,
    );
  };
  const then = (act: () => void) => () => {
    onClose();
    act();
  };
  return (
    <Sheet label={actions.title} onClose={onClose} at={at ?? undefined}>
      {shown.state === 'failed' && <Action icon="again" text={actions.retry} onClick={then(() => open.retry(key))} />}
      {!shown.removed && <Action icon="copy" text={actions.copy} onClick={() => copy(shown.text)} />}
      {seq !== null && (
        <Action
          icon="link"
          text={actions.copyLink}
          onClick={() => copy(`${location.origin}${paths.conversation(item.conversation.conversationId, seq)}`)}
        />
      )}
      {mayEdit && <Action icon="pencil" text={actions.edit} onClick={then(onEdit)} />}
      {seq === null && shown.mine && (
        <Action icon="bin" text={actions.discard} danger onClick={then(() => open.discard(key))} />
      )}
      {mayRemove && !sure.value && (
        <Action icon="bin" text={actions.remove} danger onClick={() => (sure.value = true)} />
      )}
      {mayRemove && sure.value && (
        <Action icon="bin" text={actions.removeSure} danger onClick={then(() => open.remove(seq))} />
      )}
      {shown.mine && seq !== null && item.conversation.kind === 'group' && (
        <Readers open={open} item={item} seq={seq} />
      )}
      <p class="sheet-foot soft">{fullTime(shown.time)}</p>
    </Sheet>
  );
}

interface ActionProps {
  readonly icon: IconName;
  readonly text: string;
  readonly danger?: boolean;
  readonly onClick: () => void;
}

function Action({ icon, text, danger = false, onClick }: ActionProps) {
  return (
    <button type="button" class={danger ? 'row danger' : 'row'} onClick={onClick}>
      <Icon name={icon} />
      <span class="row-main">{text}</span>
    </button>
  );
}

const namesShown = 12;

function Readers({ open, item, seq }: { open: OpenConversation; item: ConversationItem; seq: number }) {
  const engine = useEngine();
  const [loaded] = useLoaded(() => open.marks(), [open]);
  if (loaded.state !== 'ready') return null;
  const me = engine.me.value?.userId;
  const readers = loaded.value.filter((mark) => mark.userId !== me && mark.readSeq >= seq).map((mark) => mark.userId);
  return (
    <div class="readers">
      <p class="soft">{words().actions.readByCount(readers.length, Math.max(0, item.conversation.memberCount - 1))}</p>
      {readers.slice(0, namesShown).map((userId) => (
        <Reader key={userId} userId={userId} />
      ))}
    </div>
  );
}

function Reader({ userId }: { userId: UserId }) {
  return (
    <p>
      <Name of={useEngine().profile(userId).value} cut />
    </p>
  );
}
