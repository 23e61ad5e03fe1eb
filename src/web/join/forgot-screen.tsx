import { useSignal } from '@preact/signals';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { paths } from '../routing/route.ts';
import { Doorway, Message, Welcome } from './doorway.tsx';
import { TextField } from './text-field.tsx';

/** A link for a new password, by mail; where the instance sends none, from an admin. */
export function ForgotScreen() {
  const engine = useEngine();
  const { forgot, signIn } = words();
  const account = useSignal('');
  const byMail = useSignal<boolean | null>(null);
  const attempt = useAttempt();
  if (engine.about.value === null) return <Doorway busy />;
  if (!engine.about.value.mail || byMail.value === false) {
    return <Message icon="key" title={forgot.askAdmin} text={forgot.askAdminText} />;
  }
  if (byMail.value === true) return <Message icon="mail" title={forgot.sent} text={forgot.sentText} />;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    attempt.run(async () => {
      byMail.value = (await engine.auth.forgotPassword(account.peek().trim())).byMail;
    });
  };
  return (
    <Doorway>
      <Welcome icon="key" title={forgot.title} text={forgot.text} />
      <form class="doorway-form" onSubmit={submit}>
        <TextField
          label={signIn.nameOrEmail}
          name="username"
          autoComplete="username"
          value={account.value}
          onInput={(value) => (account.value = value)}
        />
        <Submit attempt={attempt}>{forgot.submit}</Submit>
      </form>
      <a class="button plain wide" href={paths.signIn}>
        {forgot.back}
      </a>
    </Doorway>
  );
}
