import './message-sheet.css';
import { useSignal } from '@preact/signals';
import { BlockRow } from '../apart/block-row.tsx';
import type { ConversationItem, OpenConversation, ShownMessage } from '../engine/engine.ts';
import { fullTime, words } from '../i18n/language.ts';
import { copyText } from '../parts/clipboard.ts';
import { failureText } from '../parts/failure.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import type { Point } from '../parts/press.ts';
import { Sheet } from '../parts/sheet.tsx';
import { say } from '../parts/toast.tsx';
import { paths } from '../routing/route.ts';
import { type MessageDeeds, quickEmoji } from './message-deeds.ts';

interface MessageSheetProps {
  readonly open: OpenConversation;
  readonly item: ConversationItem;
  readonly shown: ShownMessage;
  readonly at: Point | null;
  readonly deeds: MessageDeeds;
  readonly onEdit: () => void;
  readonly onClose: () => void;
}

/** What can be done with one message. */
export function MessageSheet({ open, item, shown, at, deeds, onEdit, onClose }: MessageSheetProps) {
  const { actions, common } = words();
  const { seq, key, removed } = shown;
  const may = rightsTo(shown, item, deeds);
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
  const ask = (work: () => Promise<void>) =>
    then(() => {
      work().catch((cause: unknown) => say(failureText(cause), { problem: true }));
    });
  const pinned = seq !== null && item.conversation.pins.includes(seq);
  return (
    <Sheet label={actions.title} onClose={onClose} at={at ?? undefined}>
      {may.react && (
        <QuickReactions
          shown={shown}
          onReact={(emoji, on) => then(() => deeds.react(shown, emoji, on))()}
          onMore={then(() => deeds.show('emoji', shown))}
        />
      )}
      {shown.state === 'failed' && <Action icon="again" text={actions.retry} onClick={then(() => open.retry(key))} />}
      {may.reply && <Action icon="reply" text={actions.reply} onClick={then(() => deeds.reply(shown))} />}
      {!removed && <Action icon="copy" text={actions.copy} onClick={() => copy(shown.text)} />}
      {seq !== null && (
        <Action
          icon="link"
          text={actions.copyLink}
          onClick={() => copy(`${location.origin}${paths.conversation(item.conversation.conversationId, seq)}`)}
        />
      )}
      {may.forward && (
        <Action icon="sendOn" text={actions.forward} onClick={then(() => deeds.show('forward', shown))} />
      )}
      {may.pin && seq !== null && (
        <Action
          icon={pinned ? 'unpin' : 'pin'}
          text={pinned ? actions.unpin : actions.pin}
          onClick={ask(() => open.pin(seq, !pinned))}
        />
      )}
      {may.edit && <Action icon="pencil" text={actions.edit} onClick={then(onEdit)} />}
      {deeds.hasReceivers(shown) && (
        <Action icon="info" text={actions.info} onClick={then(() => deeds.show('info', shown))} />
      )}
      {shown.reactions.length > 0 && (
        <Action icon="smile" text={actions.reactions} onClick={then(() => deeds.show('reactions', shown))} />
      )}
      {shown.poll !== null && shown.poll.voters > 0 && (
        <Action icon="poll" text={actions.votes} onClick={then(() => deeds.show('votes', shown))} />
      )}
      {may.closePoll && seq !== null && (
        <Sure
          icon="lock"
          text={actions.closePoll}
          sure={actions.closePollSure}
          onClick={ask(() => open.closePoll(seq))}
        />
      )}
      {seq === null && shown.mine && (
        <Action icon="bin" text={actions.discard} danger onClick={then(() => open.discard(key))} />
      )}
      {may.report && <Action icon="flag" text={actions.report} onClick={then(() => deeds.show('report', shown))} />}
      {may.report && shown.sender !== null && (
        <BlockRow person={shown.sender} onBlock={then(() => deeds.show('block', shown))} onUnblocked={onClose} />
      )}
      {may.hide && seq !== null && (
        <Sure icon="eyeOff" text={actions.hide} sure={actions.hideSure} danger onClick={then(() => open.hide(seq))} />
      )}
      {may.remove && seq !== null && (
        <Sure
          icon="bin"
          text={actions.remove}
          sure={actions.removeSure}
          danger
          onClick={then(() => open.remove(seq))}
        />
      )}
      <p class="sheet-foot soft">{fullTime(shown.time)}</p>
    </Sheet>
  );
}

function rightsTo(shown: ShownMessage, { conversation }: ConversationItem, deeds: MessageDeeds) {
  const { kind, mine } = conversation;
  const { message, removed } = shown;
  const stands = shown.seq !== null && message !== null && !removed;
  const leads = kind === 'group' && mine.role !== 'member';
  return {
    react: stands && mine.member && deeds.reaches(),
    reply: stands && deeds.mayWrite(),
    forward: stands && message.kind === 'message',
    pin: stands && mine.member && (kind === 'direct' || leads),
    edit: stands && shown.mine && mine.member && message.kind === 'message' && shown.forwarded === null,
    closePoll: stands && mine.member && shown.poll?.closed === false && (shown.mine || leads),
    report: stands && !shown.mine && (message.kind === 'message' || message.kind === 'poll'),
    hide: shown.seq !== null && message !== null,
    remove: stands && mine.member && (shown.mine || leads),
  };
}

interface QuickReactionsProps {
  readonly shown: ShownMessage;
  readonly onReact: (emoji: string, on: boolean) => void;
  readonly onMore: () => void;
}

function QuickReactions({ shown, onReact, onMore }: QuickReactionsProps) {
  const { reactions } = words();
  return (
    <div class="quick-reactions">
      {quickEmoji.map((emoji) => {
        const mine = shown.reactions.some((one) => one.emoji === emoji && one.mine);
        return (
          <button
            key={emoji}
            type="button"
            class={mine ? 'quick-reaction is-mine' : 'quick-reaction'}
            aria-pressed={mine}
            aria-label={reactions.quick(emoji)}
            onClick={() => onReact(emoji, !mine)}
          >
            {emoji}
          </button>
        );
      })}
      <button type="button" class="quick-reaction" aria-label={reactions.more} onClick={onMore}>
        <Icon name="plus" />
      </button>
    </div>
  );
}

interface ActionProps {
  readonly icon: IconName;
  readonly text: string;
  readonly danger?: boolean;
  readonly onClick: () => void;
}

export function Action({ icon, text, danger = false, onClick }: ActionProps) {
  return (
    <button type="button" class={danger ? 'row danger' : 'row'} onClick={onClick}>
      <Icon name={icon} />
      <span class="row-main">{text}</span>
    </button>
  );
}

/** Asks once more, in its own place, before it does what cannot be undone. */
function Sure({ text, sure, onClick, ...rest }: ActionProps & { readonly sure: string }) {
  const asked = useSignal(false);
  return (
    <Action {...rest} text={asked.value ? sure : text} onClick={asked.value ? onClick : () => (asked.value = true)} />
  );
}
