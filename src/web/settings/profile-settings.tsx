import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Avatar } from '../parts/avatar.tsx';
import { PictureChoice } from '../parts/picture-choice.tsx';
import { say } from '../parts/toast.tsx';

export function ProfileSettings() {
  const engine = useEngine();
  const { settings, common } = words();
  const me = engine.me.value;
  const typed = useSignal<string | null>(null);
  const { busy, run } = useAction();
  if (me === null) return null;
  const name = typed.value ?? me.displayName;
  const changed = name.trim() !== '' && name.trim() !== me.displayName;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!changed) return;
    run(async () => {
      await engine.auth.rename(name.trim());
      typed.value = null;
      say(settings.saved);
    });
  };
  return (
    <form class="settings-block" onSubmit={submit}>
      <div class="settings-picture">
        <Avatar id={me.userId} picture={me.avatar} name={name} size="huge" />
        <PictureChoice has={me.avatar !== undefined} onChange={engine.pictures.setMine} />
      </div>
      <label class="field">
        <span class="field-label">{settings.name}</span>
        <input
          class="input"
          autoComplete="name"
          maxLength={limits.displayNameLength}
          required
          value={name}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
        <span class="field-hint">{settings.nameText}</span>
      </label>
      <dl class="settings-facts">
        <dt>{settings.signInName}</dt>
        <dd>
          <bdi>{me.name}</bdi>
        </dd>
        <dt>{settings.role}</dt>
        <dd>{settings.roles[me.role]}</dd>
      </dl>
      <button type="submit" class="button main" disabled={!changed || busy}>
        {common.save}
      </button>
    </form>
  );
}
