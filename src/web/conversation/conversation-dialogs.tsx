import type { Signal } from '@preact/signals';
import { BlockQuestion } from '../apart/block-question.tsx';
import type { OpenConversation } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { lazy } from '../parts/lazy.tsx';
import { Sheet } from '../parts/sheet.tsx';
import type { About, MessageDeeds } from './message-deeds.ts';
import { Action } from './message-sheet.tsx';

const AboutMessage = lazy(() => import('./about-message.tsx').then((part) => part.AboutMessage));
const NewPoll = lazy(() => import('./new-poll.tsx').then((part) => part.NewPoll));

/** The sheet that is open: about a message, or for something else to send than text. */
export type Dialog =
  | { readonly kind: About; readonly key: string }
  | { readonly kind: 'add' }
  | { readonly kind: 'poll' };

interface ConversationDialogsProps {
  readonly open: OpenConversation;
  readonly dialog: Signal<Dialog | null>;
  readonly deeds: MessageDeeds;
  readonly onSent: () => void;
}

export function ConversationDialogs({ open, dialog, deeds, onSent }: ConversationDialogsProps) {
  const now = dialog.value;
  if (now === null) return null;
  const { composer, poll } = words();
  const close = () => {
    dialog.value = null;
  };
  if (now.kind === 'add') {
    return (
      <Sheet key="add" label={composer.add} onClose={close}>
        <Action icon="poll" text={composer.poll} onClick={() => (dialog.value = { kind: 'poll' })} />
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
