import './join.css';
import { useSignal } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Problem } from '../parts/notice.tsx';
import { paths } from '../routing/route.ts';
import { Doorway, Welcome } from './doorway.tsx';
import { PasswordField } from './password-field.tsx';

export function SignInScreen() {
  const engine = useEngine();
  const { signIn, join } = words();
  const name = useSignal('');
  const password = useSignal('');
  const problem = useSignal<string | null>(null);
  const { busy, run } = useAction((text, cause) => {
    problem.value = cause instanceof AppError && isWrong(cause) ? signIn.wrong : text;
  });
  const about = engine.about.value;
  const because = engine.signedOutBecause.value;
  const ready = name.value.trim() !== '' && password.value !== '';
  const submit = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    problem.value = null;
    run(() => engine.auth.signIn({ name: name.peek().trim(), password: password.peek() }));
  };
  return (
    <Doorway>
      <Welcome title={about?.name ?? signIn.title} text={null} />
      {because !== null && problem.value === null && (
        <Problem>{because === 'session_closed' ? signIn.sessionClosed : signIn.sessionReused}</Problem>
      )}
      <form class="doorway-form" onSubmit={submit}>
        <label class="field">
          <span class="field-label">{signIn.name}</span>
          <input
            class="input"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            autoCorrect="off"
            spellcheck={false}
            required
            value={name.value}
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <PasswordField
          label={signIn.password}
          value={password.value}
          autoComplete="current-password"
          onInput={(value) => (password.value = value)}
        />
        {problem.value !== null && <Problem>{problem.value}</Problem>}
        <button type="submit" class="button main wide" disabled={!ready || busy} aria-busy={busy}>
          {signIn.submit}
        </button>
      </form>
      {about?.registration === 'open' ? (
        <a class="button plain wide" href={paths.join}>
          {signIn.join}
        </a>
      ) : (
        <p class="doorway-small">{about?.registration === 'closed' ? join.closedText : signIn.haveInvite}</p>
      )}
    </Doorway>
  );
}

const isWrong = (error: AppError): boolean =>
  error.code === 'unauthenticated' || error.code === 'forbidden' || error.code === 'invalid';
