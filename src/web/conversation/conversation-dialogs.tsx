import type { Signal } from '@preact/signals';
import { BlockQuestion } from '../apart/block-question.tsx';
import type { OpenConversation } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { lazy } from '../parts/lazy.tsx';
import { Sheet } from '../parts/sheet.tsx';
import type { About, MessageDeeds } from './message-deeds.ts';
import { Action } from './message-sheet.tsx';

const AboutMessage = lazy(() => import('./about-message.tsx').then((part) => part.AboutMessage));
const SendLater = lazy(() => import('../scheduled/send-later.tsx').then((part) => part.SendLater));
const ScheduledList = lazy(() => import('../scheduled/scheduled-list.tsx').then((part) => part.ScheduledList));
const NewPoll = lazy(() => import('./new-poll.tsx').then((part) => part.NewPoll));

/** The sheet that is open: about a message, or for something else to send than text. */
export type Dialog =
  | { readonly kind: About; readonly key: string }
  | { readonly kind: 'add' }
  | { readonly kind: 'poll' }
  | { readonly kind: 'later' }
  | { readonly kind: 'scheduled' };

interface ConversationDialogsProps {
  readonly open: OpenConversation;
  readonly dialog: Signal<Dialog | null>;
  readonly deeds: MessageDeeds;
  readonly onSent: () => void;
  readonly onLater: (sendAt: number) => void;
}

export function ConversationDialogs({ open, dialog, deeds, onSent, onLater }: ConversationDialogsProps) {
  const now = dialog.value;
  if (now === null) return null;
  const { composer, poll, scheduled } = words();
  const close = () => {
    dialog.value = null;
  };
  if (now.kind === 'add') {
    return (
      <Sheet key="add" label={composer.add} onClose={close}>
        <Action icon="poll" text={composer.poll} onClick={() => (dialog.value = { kind: 'poll' })} />
        {open.draft.value.trim() !== '' && (
          <Action icon="clock" text={scheduled.later} onClick={() => (dialog.value = { kind: 'later' })} />
        )}
      </Sheet>
    );
  }
  if (now.kind === 'poll') {
    const create = (made: Parameters<OpenConversation['sendPoll']>[0]) => {
      open.sendPoll(made);
      onSent();
    };
    return (
      <Sheet key="poll" label={poll.title} onClose={close} kind="question">
        <NewPoll onCreate={create} onClose={close} />
      </Sheet>
    );
  }
  if (now.kind === 'later') {
    return (
      <Sheet key="later" label={scheduled.title} onClose={close} kind="question">
        <SendLater onChoose={onLater} onClose={close} />
      </Sheet>
    );
  }
  if (now.kind === 'scheduled') {
    const id = open.item.value?.conversation.conversationId;
    return id === undefined ? null : (
      <Sheet key="scheduled" label={scheduled.list} onClose={close} kind="question">
        <ScheduledList id={id} onClose={close} />
      </Sheet>
    );
  }
  const shown = open.messages.value.find((one) => one.key === now.key);
  if (shown === undefined) return null;
  if (now.kind === 'block') return shown.sender && <BlockQuestion key="block" person={shown.sender} onClose={close} />;
  return (
    <Sheet key={now.kind} label={labelOf(now.kind)} onClose={close} kind="question">
      <AboutMessage about={now.kind} open={open} shown={shown} deeds={deeds} onClose={close} />
    </Sheet>
  );
}

function labelOf(about: Exclude<About, 'block'>): string {
  const { reactions, forward, poll, wordings, messageInfo, reports } = words();
  return {
    info: messageInfo.title,
    emoji: reactions.more,
    reactions: reactions.title,
    forward: forward.title,
    votes: poll.votes,
    wordings: wordings.title,
    report: reports.title,
  }[about];
}
