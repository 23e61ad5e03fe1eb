import type { Profile } from '../../protocol/models.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import { isolated, nameOf } from '../parts/name.tsx';
import { setBlock } from './block-question.tsx';

interface BlockRowProps {
  readonly person: Profile;
  /** Asks before it blocks. */
  readonly onBlock: () => void;
  readonly onUnblocked?: () => void;
}

/** A row that blocks a person, or no longer. */
export function BlockRow({ person, onBlock, onUnblocked }: BlockRowProps) {
  const engine = useEngine();
  const { blocking } = words();
  const name = isolated(nameOf(person));
  if (engine.blocks.value.has(person.userId)) {
    const unblock = () => {
      setBlock(engine, person, false);
      onUnblocked?.();
    };
    return (
      <button type="button" class="row" onClick={unblock}>
        <Icon name="block" />
        <span class="row-main">{blocking.unblock(name)}</span>
      </button>
    );
  }
  return (
    <button type="button" class="row danger" onClick={onBlock}>
      <Icon name="block" />
      <span class="row-main">{blocking.block(name)}</span>
    </button>
  );
}
