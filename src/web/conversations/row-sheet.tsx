import type { ConversationItem } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { isolated } from '../parts/name.tsx';
import type { Point } from '../parts/press.ts';
import { Sheet } from '../parts/sheet.tsx';
import { titleOf } from './conversation-row.tsx';
import { KeepingActions } from './keeping-actions.tsx';

interface RowSheetProps {
  readonly item: ConversationItem;
  readonly at: Point | null;
  readonly onClose: () => void;
}

/** What can be done with a conversation from the list. */
export function RowSheet({ item, at, onClose }: RowSheetProps) {
  return (
    <Sheet label={words().info.actionsFor(isolated(titleOf(item)))} onClose={onClose} at={at ?? undefined}>
      <KeepingActions item={item} onDone={onClose} />
    </Sheet>
  );
}
