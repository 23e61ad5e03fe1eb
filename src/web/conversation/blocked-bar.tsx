import '../apart/apart.css';
import type { Profile } from '../../protocol/models.ts';
import { setBlock } from '../apart/block-question.tsx';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { isolated, nameOf } from '../parts/name.tsx';

/** In place of the field to write in: I block the other person, and can take it back. */
export function BlockedBar({ person }: { person: Profile }) {
  const engine = useEngine();
  const { conversation, blocking } = words();
  return (
    <div class="blocked-bar">
      <span>{conversation.peerBlocked(isolated(nameOf(person)))}</span>
      <button type="button" class="button plain" onClick={() => setBlock(engine, person, false)}>
        {blocking.undo}
      </button>
    </div>
  );
}
