import '../new/new.css';
import type { UserId } from '../../protocol/ids.ts';
import type { Privacy } from '../../protocol/models.ts';
import { setBlock } from '../apart/block-question.tsx';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Person } from '../new/person-row.tsx';
import { useAction } from '../parts/action.ts';
import { isolated, nameOf } from '../parts/name.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { Choice } from './choice.tsx';

const audiences = ['everybody', 'contacts', 'nobody'] as const;

/** What others see of me, and whom I block. Each choice counts at once. */
export function PrivacySettings() {
  const engine = useEngine();
  const { privacy } = words();
  const { run } = useAction();
  const decided = engine.privacy.value;
  const set = (change: Partial<Privacy>) => run(() => engine.people.setPrivacy(change));
  return (
    <>
      {decided === null ? (
        <Skeleton rows={3} />
      ) : (
        <>
          <div class="settings-block">
            <Choice
              title={privacy.lastSeen}
              value={decided.lastSeen}
              options={audiences.map((one) => [one, privacy.lastSeenOf[one]] as const)}
              onChange={(lastSeen) => set({ lastSeen })}
            />
            <p class="field-hint">{privacy.lastSeenText}</p>
          </div>
          <div class="settings-block">
            <Choice
              title={privacy.receipts}
              value={decided.readReceipts ? 'on' : 'off'}
              options={[
                ['on', privacy.receiptsOf.on],
                ['off', privacy.receiptsOf.off],
              ]}
              onChange={(value) => set({ readReceipts: value === 'on' })}
            />
            <p class="field-hint">{privacy.receiptsText}</p>
          </div>
        </>
      )}
      <Blocked />
    </>
  );
}

function Blocked() {
  const engine = useEngine();
  const { blocking } = words();
  const blocks = [...engine.blocks.value];
  return (
    <section>
      <h2 class="section-title">{blocking.title}</h2>
      {blocks.length === 0 && <p class="settings-note soft">{blocking.none}</p>}
      <ul>
        {blocks.map((userId) => (
          <BlockedPerson key={userId} userId={userId} />
        ))}
      </ul>
    </section>
  );
}

function BlockedPerson({ userId }: { userId: UserId }) {
  const engine = useEngine();
  const { blocking } = words();
  const person = engine.profile(userId).value ?? {
    userId,
    name: '',
    displayName: words().common.somebody,
    gone: false,
  };
  return (
    <li class="row">
      <Person person={person}>
        <button
          type="button"
          class="button plain"
          aria-label={blocking.unblock(isolated(nameOf(person)))}
          onClick={() => setBlock(engine, person, false)}
        >
          {blocking.undo}
        </button>
      </Person>
    </li>
  );
}
