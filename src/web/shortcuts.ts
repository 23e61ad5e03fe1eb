import type { Engine } from './engine/engine.ts';
import { navigate, route } from './routing/navigation.ts';
import { paths } from './routing/route.ts';
import { jumping } from './screen-state.ts';

/** Keys that work everywhere. Answers the way to stop them. */
export function startShortcuts(engine: Engine): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === 'KeyK') {
      event.preventDefault();
      jumping.value = true;
    } else if (event.altKey && !event.ctrlKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      switchConversation(engine, event.key === 'ArrowDown' ? 1 : -1);
    }
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

function switchConversation(engine: Engine, step: 1 | -1): void {
  const at = route.peek();
  const items = engine.conversations.peek();
  const index = at.page === 'conversation' ? items.findIndex((item) => item.conversation.conversationId === at.id) : -1;
  const next = index === -1 ? items[0] : items[index + step];
  if (next !== undefined) navigate(paths.conversation(next.conversation.conversationId), { replace: index !== -1 });
}
