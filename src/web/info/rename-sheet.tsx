import { limits } from '../../protocol/limits.ts';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { RenamingSheet } from '../parts/renaming-sheet.tsx';

export function RenameSheet({ item, onClose }: { item: ConversationItem; onClose: () => void }) {
  const engine = useEngine();
  const { info } = words();
  return (
    <RenamingSheet
      title={info.rename}
      label={info.groupName}
      name={item.title}
      maxLength={limits.titleLength}
      onName={(title) => engine.groups.setTitle(item.conversation.conversationId, title)}
      onClose={onClose}
    />
  );
}
