import { useSignal } from '@preact/signals';
import type { Member, MemberRole } from '../../protocol/models.ts';
import { BlockRow } from '../apart/block-row.tsx';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Person } from '../new/person-row.tsx';
import { useAction } from '../parts/action.ts';
import { Icon } from '../parts/icon.tsx';
import { isolated, nameOf } from '../parts/name.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';

interface MemberSheetProps {
  readonly item: ConversationItem;
  readonly member: Member;
  readonly onChanged: () => Promise<void>;
  readonly onBlock: () => void;
  readonly onClose: () => void;
}

/** What I may do with a member: owners everything, admins remove members. */
export function MemberSheet({ item, member, onChanged, onBlock, onClose }: MemberSheetProps) {
  const engine = useEngine();
  const { info } = words();
  const { busy, run } = useAction();
  const sure = useSignal(false);
  const { conversationId, mine } = item.conversation;
  const { userId } = member.profile;
  const owns = mine.role === 'owner';
  const mayRemove = owns || (mine.role === 'admin' && member.role === 'member');
  const change = (work: () => Promise<void>) =>
    run(async () => {
      await work();
      onClose();
      await onChanged();
    });
  const setRole = (role: MemberRole) => () => change(() => engine.groups.setRole(conversationId, userId, role));
  const write = () =>
    run(async () => {
      const id = await engine.groups.openDirect(userId);
      onClose();
      navigate(paths.conversation(id));
    });
  return (
    <Sheet label={info.actionsFor(isolated(nameOf(member.profile)))} onClose={onClose}>
      <div class="row">
        <Person person={member.profile} />
      </div>
      <button type="button" class="row" disabled={busy} onClick={write}>
        <Icon name="chat" />
        <span class="row-main">{info.message}</span>
      </button>
      {owns && member.role === 'member' && (
        <button type="button" class="row" disabled={busy} onClick={setRole('admin')}>
          <Icon name="shield" />
          <span class="row-main">{info.makeAdmin}</span>
        </button>
      )}
      {owns && member.role === 'admin' && (
        <button type="button" class="row" disabled={busy} onClick={setRole('member')}>
          <Icon name="shield" />
          <span class="row-main">{info.makeMember}</span>
        </button>
      )}
      {owns && (
        <button
          type="button"
          class="row"
          disabled={busy}
          onClick={sure.value ? setRole('owner') : () => (sure.value = true)}
        >
          <Icon name="crown" />
          <span class="row-main">{sure.value ? info.makeOwnerSure : info.makeOwner}</span>
        </button>
      )}
      <BlockRow person={member.profile} onBlock={onBlock} onUnblocked={onClose} />
      {mayRemove && (
        <button
          type="button"
          class="row danger"
          disabled={busy}
          onClick={() => change(() => engine.groups.removeMember(conversationId, userId))}
        >
          <Icon name="bin" />
          <span class="row-main">{info.remove}</span>
        </button>
      )}
    </Sheet>
  );
}
