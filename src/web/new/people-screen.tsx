import './new.css';
import type { UserId } from '../../protocol/ids.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Bar } from '../parts/bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { NobodyFound, SearchField, usePeopleSearch } from './people-search.tsx';
import { Person } from './person-row.tsx';

export function PeopleScreen() {
  const engine = useEngine();
  const texts = words();
  const search = usePeopleSearch();
  const { busy, run } = useAction();
  const me = engine.me.value;
  const write = (userId: UserId) =>
    run(async () => {
      const id = await engine.groups.openDirect(userId);
      navigate(paths.conversation(id), { replace: true });
    });
  const people = search.found?.people.filter((person) => person.userId !== me?.userId) ?? [];
  return (
    <main class="pane main-pane">
      <Bar title={texts.new.title} above={paths.list} />
      <SearchField query={search.query} label={texts.new.search} />
      <div class="scroll">
        <div class="column">
          {search.query.value === '' && (
            <>
              <a class="row" href={paths.newGroup}>
                <span class="row-icon">
                  <Icon name="people" />
                </span>
                <span class="row-main">{texts.new.group}</span>
              </a>
              <a class="row" href={paths.newChannel}>
                <span class="row-icon">
                  <Icon name="channel" />
                </span>
                <span class="row-main">{texts.new.channel}</span>
              </a>
              <a class="row" href={paths.invite}>
                <span class="row-icon">
                  <Icon name="invite" />
                </span>
                <span class="row-main">{texts.new.invite}</span>
              </a>
              {me !== null && (
                <button type="button" class="row" disabled={busy} onClick={() => write(me.userId)}>
                  <Avatar id={me.userId} name="" kind="self" size="small" />
                  <span class="row-main">{texts.new.self}</span>
                </button>
              )}
            </>
          )}
          {people.length > 0 && <h2 class="section-title">{texts.new.people}</h2>}
          <ul>
            {people.map((person) => (
              <li key={person.userId}>
                <button type="button" class="row" disabled={busy} onClick={() => write(person.userId)}>
                  <Person person={person} />
                </button>
              </li>
            ))}
          </ul>
          <NobodyFound search={search} />
        </div>
      </div>
    </main>
  );
}
