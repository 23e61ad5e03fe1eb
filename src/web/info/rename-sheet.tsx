import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Sheet } from '../parts/sheet.tsx';

export function RenameSheet({ item, onClose }: { item: ConversationItem; onClose: () => void }) {
  const engine = useEngine();
  const { info, common } = words();
  const title = useSignal(item.title);
  const { busy, run } = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    const wanted = title.peek().trim();
    if (wanted === '' || wanted === item.title) return onClose();
    run(async () => {
      await engine.groups.setTitle(item.conversation.conversationId, wanted);
      onClose();
    });
  };
  return (
    <Sheet label={info.rename} onClose={onClose} kind="question">
      <form onSubmit={submit}>
        <div class="sheet-text">
          <label class="field">
            <span class="field-label">{info.groupName}</span>
            <input
              class="input"
              required
              autoComplete="off"
              maxLength={limits.titleLength}
              value={title.value}
              onInput={(event) => (title.value = event.currentTarget.value)}
            />
          </label>
        </div>
        <div class="sheet-buttons">
          <button type="button" class="button plain" onClick={onClose}>
            {common.cancel}
          </button>
          <button type="submit" class="button main" disabled={busy || title.value.trim() === ''}>
            {common.save}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
