import { useSignal } from '@preact/signals';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { KnownName, PasswordField } from '../join/password-field.tsx';
import { TextField } from '../join/text-field.tsx';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { isolated } from '../parts/name.tsx';
import { say } from '../parts/toast.tsx';
import { PresentPassword } from './present-password.tsx';
import type { PartProps } from './security-screen.tsx';
import { Step } from './step.tsx';

export function EmailSettings({ shown, onChanged }: PartProps) {
  const engine = useEngine();
  const { security } = words();
  const removing = useSignal(false);
  if (removing.value) {
    return (
      <PresentPassword
        title={security.emailRemove}
        text={security.emailRemoveText}
        submit={security.emailRemove}
        onCancel={() => (removing.value = false)}
        onPassword={async (present) => {
          await engine.security.setEmail({ present, email: null });
          await onChanged();
          removing.value = false;
          say(security.emailRemoved);
        }}
      />
    );
  }
  const { email, unconfirmedEmail, mail } = shown;
  return (
    <>
      <Step title={email === null ? security.emailNone : security.emailPresent}>
        {email !== null && <bdi class="settings-value">{email}</bdi>}
        <p class="soft">{mail ? security.emailText : security.emailOff}</p>
        {unconfirmedEmail !== null && (
          <p class="settings-waits">
            <strong>{security.emailWaits}</strong>
            <br />
            {security.emailWaitsText(isolated(unconfirmedEmail))}
          </p>
        )}
      </Step>
      {mail && <NewAddress onSent={onChanged} />}
      {(email !== null || unconfirmedEmail !== null) && (
        <div class="settings-block">
          <button type="button" class="button danger wide" onClick={() => (removing.value = true)}>
            {security.emailRemove}
          </button>
        </div>
      )}
    </>
  );
}

function NewAddress({ onSent }: { onSent: () => Promise<void> }) {
  const engine = useEngine();
  const { security } = words();
  const email = useSignal('');
  const present = useSignal('');
  const attempt = useAttempt();
  const submit = (event: Event) => {
    event.preventDefault();
    attempt.run(async () => {
      await engine.security.setEmail({ present: present.peek(), email: email.peek().trim() });
      email.value = '';
      present.value = '';
      await onSent();
      say(security.emailSent);
    });
  };
  return (
    <form class="settings-block" onSubmit={submit}>
      <TextField
        label={security.emailNew}
        name="email"
        kind="email"
        autoComplete="email"
        value={email.value}
        onInput={(value) => (email.value = value)}
      />
      <KnownName name={engine.me.value?.name ?? ''} />
      <PasswordField
        label={security.present}
        value={present.value}
        autoComplete="current-password"
        onInput={(value) => (present.value = value)}
      />
      <Submit attempt={attempt} ready={email.value.trim() !== '' && present.value !== ''}>
        {security.emailSend}
      </Submit>
    </form>
  );
}
