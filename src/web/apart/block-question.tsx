import type { Profile } from '../../protocol/models.ts';
import type { Engine } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { isolated, nameOf } from '../parts/name.tsx';
import { Question } from '../parts/question.tsx';
import { say } from '../parts/toast.tsx';

/** Blocks or unblocks at once, says so, and offers the way back. */
export function setBlock(engine: Engine, person: Profile, on: boolean): void {
  const { blocking } = words();
  const name = isolated(nameOf(person));
  engine.people.block(person.userId, on);
  say(on ? blocking.done(name) : blocking.undone(name), {
    undo: () => engine.people.block(person.userId, !on),
  });
}

/** Says what blocking does before it is done. */
export function BlockQuestion({ person, onClose }: { person: Profile; onClose: () => void }) {
  const engine = useEngine();
  const { blocking } = words();
  return (
    <Question
      title={blocking.sure(isolated(nameOf(person)))}
      text={blocking.text}
      yes={blocking.yes}
      onClose={onClose}
      onYes={() => setBlock(engine, person, true)}
    />
  );
}
