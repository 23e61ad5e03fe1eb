import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import type { Output } from '../../protocol/operations.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { isolated } from '../parts/name.tsx';
import { fragment } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { isUseless } from './dead-link.ts';
import { Doorway, Message, Welcome } from './doorway.tsx';
import { KnownName, PasswordField } from './password-field.tsx';

/** Opened from a link by mail or from an admin: /reset#TOKEN. */
export function ResetScreen() {
  const engine = useEngine();
  const { reset, common, signIn } = words();
  const token = fragment.value;
  const [owner, again] = useLoaded(() => engine.auth.resetLook(token), [token]);
  const changed = useSignal(false);
  if (changed.value) return <Message icon="check" title={reset.done} text={reset.doneText} />;
  if (owner.state === 'loading') return <Doorway busy />;
  if (owner.state === 'ready') {
    return <NewPassword token={token} owner={owner.value} onChanged={() => (changed.value = true)} />;
  }
  if (isUseless(owner.cause)) {
    return (
      <Message icon="link" title={reset.useless} text={reset.uselessText}>
        <a class="button main" href={paths.forgot}>
          {signIn.forgot}
        </a>
        <a class="button plain" href={paths.signIn}>
          {words().join.toSignIn}
        </a>
      </Message>
    );
  }
  return (
    <Message icon="warning" title={words().errors.title} text={failureText(owner.cause)}>
      <button type="button" class="button main" onClick={again}>
        {common.tryAgain}
      </button>
    </Message>
  );
}

interface NewPasswordProps {
  readonly token: string;
  readonly owner: Output<'auth.resetLook'>;
  readonly onChanged: () => void;
}

function NewPassword({ token, owner, onChanged }: NewPasswordProps) {
  const { auth } = useEngine();
  const { reset, join } = words();
  const password = useSignal('');
  const attempt = useAttempt();
  const { min } = limits.passwordLength;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    attempt.run(async () => {
      await auth.resetPassword({ token, password: password.peek() });
      onChanged();
    });
  };
  return (
    <Doorway>
      <Welcome
        icon="key"
        title={reset.title}
        text={reset.forAccount(isolated(owner.displayName), isolated(owner.name))}
      />
      <form class="doorway-form" onSubmit={submit}>
        <KnownName name={owner.name} />
        <PasswordField
          label={reset.password}
          hint={join.passwordHint(min)}
          value={password.value}
          autoComplete="new-password"
          minLength={min}
          onInput={(value) => (password.value = value)}
        />
        <Submit attempt={attempt} ready={password.value.length >= min}>
          {reset.submit}
        </Submit>
      </form>
      <p class="doorway-small">{reset.closes}</p>
    </Doorway>
  );
}
