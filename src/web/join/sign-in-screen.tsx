import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { AppError } from '../../protocol/errors.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { lazy } from '../parts/lazy.tsx';
import { Problem } from '../parts/notice.tsx';
import { route } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { Doorway, Welcome } from './doorway.tsx';
import { PasswordField } from './password-field.tsx';
import { TextField } from './text-field.tsx';

const NextStep = lazy(() => import('./next-step.tsx').then((part) => part.NextStep));

/** Name and password, or a passkey; and what is asked for after them. */
export function SignInScreen() {
  const { auth } = useEngine();
  const over = useSignal<string | null>(null);
  const needed = auth.needed.value;
  if (needed === null) return <Credentials problem={over.value} />;
  const startOver = (because: string | null) => {
    over.value = because;
    auth.startOver();
  };
  return <NextStep needed={needed} onOver={startOver} />;
}

function Credentials({ problem }: { problem: string | null }) {
  const engine = useEngine();
  const { signIn, join, links } = words();
  const name = useSignal('');
  const password = useSignal('');
  const attempt = useAttempt(signInFailure);
  const about = engine.about.value;
  const because = engine.signedOutBecause.value;
  const told = problem ?? (because === null ? null : signIn.because[because]);
  useEffect(() => engine.auth.offerPasskeys((cause) => attempt.say(signInFailure(cause))), [engine]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    attempt.run(() => engine.auth.signIn({ name: name.peek().trim(), password: password.peek() }));
  };
  return (
    <Doorway>
      <Welcome title={about?.name ?? signIn.title} text={route.value.page === 'link' ? links.signIn : null} />
      {told !== null && attempt.problem === null && <Problem>{told}</Problem>}
      <form class="doorway-form" onSubmit={submit}>
        <TextField
          label={about?.mail ? signIn.nameOrEmail : signIn.name}
          name="username"
          autoComplete={engine.auth.hasPasskeys ? 'username webauthn' : 'username'}
          value={name.value}
          onInput={(value) => (name.value = value)}
        />
        <PasswordField
          label={signIn.password}
          value={password.value}
          autoComplete="current-password"
          onInput={(value) => (password.value = value)}
        />
        <Submit attempt={attempt}>{signIn.submit}</Submit>
      </form>
      {engine.auth.hasPasskeys && (
        <button
          type="button"
          class="button wide"
          disabled={attempt.busy || attempt.wait > 0}
          onClick={() => attempt.run(() => engine.auth.passkeySignIn())}
        >
          <Icon name="key" size={20} />
          {signIn.withPasskey}
        </button>
      )}
      <a class="button plain wide" href={paths.forgot}>
        {signIn.forgot}
      </a>
      {about?.registration === 'open' || about?.registration === 'approval' ? (
        <a class="button plain wide" href={paths.join}>
          {signIn.join}
        </a>
      ) : (
        <p class="doorway-small">{about?.registration === 'closed' ? join.closedText : signIn.haveInvite}</p>
      )}
    </Doorway>
  );
}

function signInFailure(cause: unknown): string {
  const isWrong = cause instanceof AppError && (cause.reason === 'wrong_credentials' || cause.code === 'invalid');
  return isWrong ? words().signIn.wrong : failureText(cause);
}
