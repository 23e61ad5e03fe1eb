import './new.css';
import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import type { Profile } from '../../protocol/models.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Bar } from '../parts/bar.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { PeopleChooser } from './people-chooser.tsx';

export function GroupScreen({ channel = false }: { channel?: boolean }) {
  const engine = useEngine();
  const texts = words();
  const title = useSignal('');
  const chosen = useSignal<readonly Profile[]>([]);
  const { busy, run } = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    if (title.peek().trim() === '') return;
    run(async () => {
      const userIds = chosen.peek().map((person) => person.userId);
      const settings = channel ? ({ posting: 'admins', showsPast: true } as const) : {};
      const id = await engine.groups.create({ title: title.peek().trim(), userIds, settings });
      navigate(paths.conversation(id), { replace: true });
    });
  };
  return (
    <main class="pane main-pane">
      <Bar title={channel ? texts.new.channel : texts.new.group} above={paths.new} />
      <form class="chooser-form" onSubmit={submit}>
        <div class="group-name">
          <label class="field">
            <span class="field-label">{channel ? texts.new.channelName : texts.new.groupName}</span>
            <input
              class="input"
              name="title"
              required
              autoComplete="off"
              maxLength={limits.titleLength}
              value={title.value}
              onInput={(event) => (title.value = event.currentTarget.value)}
            />
            {channel && <span class="field-hint">{texts.new.channelText}</span>}
          </label>
        </div>
        <PeopleChooser chosen={chosen} />
        <div class="foot">
          <button type="submit" class="button main wide" disabled={busy || title.value.trim() === ''} aria-busy={busy}>
            {channel ? texts.new.createChannel : texts.new.create}
          </button>
        </div>
      </form>
    </main>
  );
}
