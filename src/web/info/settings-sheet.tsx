import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import type { GroupSettings } from '../../protocol/models.ts';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Sheet } from '../parts/sheet.tsx';
import { Choice } from '../settings/choice.tsx';

/** What a group is about, who writes in it, and what those who join read. */
export function SettingsSheet({ item, onClose }: { item: ConversationItem; onClose: () => void }) {
  const engine = useEngine();
  const { info, common } = words();
  const { conversationId, settings } = item.conversation;
  const draft = useSignal<GroupSettings>(settings);
  const { busy, run } = useAction();
  const change = (part: Partial<GroupSettings>) => {
    draft.value = { ...draft.peek(), ...part };
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const now = { ...draft.peek(), description: draft.peek().description.trim() };
    const changed = changesOf(settings, now);
    if (Object.keys(changed).length === 0) return onClose();
    run(async () => {
      await engine.groups.setSettings(conversationId, changed);
      onClose();
    });
  };
  return (
    <Sheet label={info.settings} onClose={onClose} kind="question">
      <form onSubmit={submit}>
        <div class="sheet-text group-settings">
          <label class="field">
            <span class="field-label">{info.description}</span>
            <textarea
              class="input"
              rows={3}
              dir="auto"
              maxLength={limits.descriptionLength}
              value={draft.value.description}
              onInput={(event) => change({ description: event.currentTarget.value })}
            />
            <span class="field-hint">{info.descriptionHint}</span>
          </label>
          <Choice
            title={info.posting}
            value={draft.value.posting}
            options={[
              ['members', info.postingMembers],
              ['admins', info.postingAdmins],
            ]}
            onChange={(posting) => change({ posting })}
          />
          <Choice
            title={info.past}
            value={draft.value.showsPast ? 'shown' : 'hidden'}
            options={[
              ['hidden', info.pastHidden],
              ['shown', info.pastShown],
            ]}
            onChange={(past) => change({ showsPast: past === 'shown' })}
          />
          {engine.about.value?.linkPreviews !== false && (
            <Choice
              title={info.previews}
              value={draft.value.previews ? 'shown' : 'hidden'}
              options={[
                ['shown', info.previewsShown],
                ['hidden', info.previewsHidden],
              ]}
              onChange={(previews) => change({ previews: previews === 'shown' })}
            />
          )}
        </div>
        <div class="sheet-buttons">
          <button type="button" class="button plain" onClick={onClose}>
            {common.cancel}
          </button>
          <button type="submit" class="button main" disabled={busy}>
            {common.save}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

/** What was not touched is not sent: somebody else may be changing it. */
function changesOf(before: GroupSettings, now: GroupSettings): Partial<GroupSettings> {
  const names = Object.keys(now) as (keyof GroupSettings)[];
  return Object.fromEntries(names.filter((name) => before[name] !== now[name]).map((name) => [name, now[name]]));
}
