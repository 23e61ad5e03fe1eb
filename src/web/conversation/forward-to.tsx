import { ConversationChoice } from '../conversations/conversation-choice.tsx';
import { titleOf } from '../conversations/conversation-row.tsx';
import type { ConversationItem, OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { isolated } from '../parts/name.tsx';
import { say } from '../parts/toast.tsx';
import { mayWriteIn } from './writing.ts';

interface ForwardToProps {
  readonly open: OpenConversation;
  readonly shown: ShownMessage;
  readonly onClose: () => void;
}

/** Where a message goes on to: one of the conversations I may write in. */
export function ForwardTo({ open, shown, onClose }: ForwardToProps) {
  const { forward } = words();
  const writable = useEngine().conversations.value.filter(mayWriteIn);
  const choose = (item: ConversationItem) => {
    onClose();
    open.forward(shown, item.conversation.conversationId);
    say(forward.done(isolated(titleOf(item))));
  };
  return <ConversationChoice title={forward.title} items={writable} onChoose={choose} />;
}
