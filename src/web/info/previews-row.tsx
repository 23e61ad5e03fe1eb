import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Icon } from '../parts/icon.tsx';

/** Whether links are looked up, in a conversation of two: each of them decides. */
export function PreviewsRow({ item }: { item: ConversationItem }) {
  const engine = useEngine();
  const { info } = words();
  const { busy, run } = useAction();
  const { conversationId, settings } = item.conversation;
  const { previews } = settings;
  if (engine.about.value?.linkPreviews === false) return null;
  return (
    <button
      type="button"
      class="row"
      role="switch"
      aria-checked={previews}
      disabled={busy}
      onClick={() => run(() => engine.groups.setSettings(conversationId, { previews: !previews }))}
    >
      <Icon name="link" />
      <span class="row-main">
        {info.previews}
        <span class="row-more">{previews ? info.previewsShown : info.previewsHidden}</span>
      </span>
    </button>
  );
}
