import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import { useEngine } from '../engine-context.ts';
import { momentAgo, words } from '../i18n/language.ts';
import { KnownName, PasswordField } from '../join/password-field.tsx';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { Tick } from '../parts/tick.tsx';
import { say } from '../parts/toast.tsx';
import { goBack } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import type { PartProps } from './security-screen.tsx';

export function PasswordChange({ shown }: PartProps) {
  const engine = useEngine();
  const { security } = words();
  const present = useSignal('');
  const password = useSignal('');
  const closing = useSignal(true);
  const attempt = useAttempt();
  const { min } = limits.passwordLength;
  const submit = (event: Event) => {
    event.preventDefault();
    attempt.run(async () => {
      const keepOthers = !closing.peek();
      await engine.security.changePassword({ present: present.peek(), password: password.peek(), keepOthers });
      say(security.changedPassword);
      goBack(paths.settings('security'));
    });
  };
  return (
    <form class="settings-block" onSubmit={submit}>
      <p class="soft">{security.passwordChanged(momentAgo(shown.passwordChangedAt))}</p>
      <KnownName name={engine.me.value?.name ?? ''} />
      <PasswordField
        label={security.present}
        value={present.value}
        autoComplete="current-password"
        onInput={(value) => (present.value = value)}
      />
      <PasswordField
        label={security.newPassword}
        hint={security.passwordHint(min)}
        value={password.value}
        autoComplete="new-password"
        minLength={min}
        onInput={(value) => (password.value = value)}
      />
      <Tick
        label={security.closeOthers}
        hint={security.closeOthersHint}
        checked={closing.value}
        onChange={(next) => (closing.value = next)}
      />
      <Submit attempt={attempt} ready={present.value !== '' && password.value.length >= min}>
        {security.changePassword}
      </Submit>
    </form>
  );
}
