import { useEffect } from 'preact/hooks';
import { titleOf } from '../conversations/conversation-row.tsx';
import type { ConversationItem, OpenConversation } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { isolated } from '../parts/name.tsx';
import { Notice } from '../parts/notice.tsx';
import { MessagesSkeleton } from './messages-skeleton.tsx';

/** What stands where messages would: loading, none yet, or none to be had. */
export function NoMessages({ open, item }: { open: OpenConversation; item: ConversationItem }) {
  const { conversation } = words();
  if (open.loading.value !== null) return <MessagesSkeleton />;
  if (item.last !== null) return <NotLoaded open={open} />;
  const text = item.self
    ? conversation.emptySelf
    : item.conversation.kind === 'group'
      ? conversation.emptyGroup
      : conversation.emptyDirect(isolated(titleOf(item)));
  return (
    <Notice icon={item.self ? 'bookmark' : 'chat'} title={conversation.empty}>
      <p>{text}</p>
    </Notice>
  );
}

/** There are messages, but none here and none to be had: tried again as soon as there is a connection. */
function NotLoaded({ open }: { open: OpenConversation }) {
  const { conversation, common, errors } = words();
  const { connection } = useEngine();
  const load = () => {
    open.jumpTo('end').catch(() => undefined);
  };
  const ready = connection.value === 'ready';
  useEffect(() => {
    if (ready) load();
  }, [ready]);
  return (
    <Notice icon="warning" title={conversation.loadFailed}>
      <p>{ready ? errors.unavailable : errors.reasons.offline}</p>
      <button type="button" class="button" onClick={load}>
        {common.tryAgain}
      </button>
    </Notice>
  );
}
