import type { ConversationId } from '../../protocol/ids.ts';
import { openView, type View, type ViewParts } from './conversation-view.ts';

/** One object per conversation in use. Those that no screen shows are kept ready, so long as there are few. */
export interface Views {
  open(conversationId: ConversationId): View;
  isShown(conversationId: ConversationId): boolean;
  /** What is stored was forgotten: all are read anew. */
  reload(): void;
  end(): void;
}

const keptReady = 4;

export function makeViews(
  parts: Omit<ViewParts, 'item' | 'onUse'>,
  itemOf: (id: ConversationId) => ViewParts['item'],
): Views {
  /** The one used last stands last. */
  const views = new Map<ConversationId, View>();
  const shown = new Set<ConversationId>();

  function use(id: ConversationId, isUsed: boolean) {
    const view = views.get(id);
    if (!view) return;
    views.delete(id);
    views.set(id, view);
    if (isUsed) shown.add(id);
    else shown.delete(id);
    const idle = [...views.keys()].filter((one) => !shown.has(one));
    for (const one of idle.slice(0, -keptReady)) {
      views.get(one)?.end();
      views.delete(one);
    }
  }

  return {
    open(id) {
      const view = views.get(id) ?? openView(id, { ...parts, item: itemOf(id), onUse: (isUsed) => use(id, isUsed) });
      views.set(id, view);
      use(id, true);
      view.shown();
      return view;
    },
    isShown: (id) => shown.has(id),
    reload() {
      for (const view of views.values()) view.reload();
    },
    end() {
      for (const view of views.values()) view.end();
      views.clear();
      shown.clear();
    },
  };
}
