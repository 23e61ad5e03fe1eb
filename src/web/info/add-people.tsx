import { useSignal } from '@preact/signals';
import type { Member, Profile } from '../../protocol/models.ts';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { PeopleChooser } from '../new/people-chooser.tsx';
import { useAction } from '../parts/action.ts';

interface AddPeopleProps {
  readonly item: ConversationItem;
  readonly members: readonly Member[];
  readonly onDone: () => void;
  readonly onChanged: () => Promise<void>;
}

export function AddPeople({ item, members, onDone, onChanged }: AddPeopleProps) {
  const engine = useEngine();
  const { info, common } = words();
  const chosen = useSignal<readonly Profile[]>([]);
  const { busy, run } = useAction();
  const add = () =>
    run(async () => {
      const userIds = chosen.peek().map((person) => person.userId);
      await engine.groups.addMembers(item.conversation.conversationId, userIds);
      onDone();
      await onChanged();
    });
  return (
    <div class="add-people">
      <h2 class="add-title">{info.addPeople}</h2>
      <PeopleChooser chosen={chosen} present={new Set(members.map((member) => member.profile.userId))} />
      <div class="sheet-buttons">
        <button type="button" class="button plain" onClick={onDone}>
          {common.cancel}
        </button>
        <button type="button" class="button main" disabled={busy || chosen.value.length === 0} onClick={add}>
          {info.chosen(chosen.value.length)}
        </button>
      </div>
    </div>
  );
}
