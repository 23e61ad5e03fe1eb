import './join.css';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { AppError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { deriveName, isLongEnough, numberedName } from '../../protocol/names.ts';
import type { Output } from '../../protocol/operations.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { isolated } from '../parts/name.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { fragment, navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { Doorway, Welcome } from './doorway.tsx';
import { PasswordField } from './password-field.tsx';

/** Opened from an invite link: /join#TOKEN. The token stays behind the #, so no server log sees it. */
export function JoinScreen() {
  const engine = useEngine();
  const { join } = words();
  const token = fragment.value;
  if (engine.phase.value === 'signed_in') {
    return (
      <Message title={join.signedIn} text={join.signedInText}>
        <a class="button main" href={paths.list}>
          {join.toConversations}
        </a>
      </Message>
    );
  }
  return token === '' ? <WithoutInvite /> : <WithInvite key={token} token={token} />;
}

function WithInvite({ token }: { token: string }) {
  const engine = useEngine();
  const [invite, again] = useLoaded(() => engine.auth.look(token), [token]);
  if (invite.state === 'loading') return <Doorway busy />;
  if (invite.state === 'ready') return <Form token={token} invite={invite.value} />;
  const { join, common } = words();
  if (invite.cause instanceof AppError && useless.has(invite.cause.code)) {
    return <Message title={join.usedUp} text={join.usedUpText} />;
  }
  return (
    <Message title={words().errors.title} text={failureText(invite.cause)}>
      <button type="button" class="button main" onClick={again}>
        {common.tryAgain}
      </button>
    </Message>
  );
}

const useless = new Set(['not_found', 'forbidden', 'conflict', 'invalid']);

function WithoutInvite() {
  const { about } = useEngine();
  const { join } = words();
  if (about.value === null) return <Doorway busy />;
  switch (about.value.registration) {
    case 'open':
      return <Form token={null} invite={null} />;
    case 'invite':
      return <Message title={join.noInvite} text={join.noInviteText} />;
    case 'closed':
      return <Message title={join.closed} text={join.closedText} />;
  }
}

function Message({ title, text, children }: { title: string; text: string; children?: ComponentChildren }) {
  const { join } = words();
  return (
    <Doorway>
      <Notice icon="invite" title={title} alone>
        <p>{text}</p>
        {children ?? (
          <a class="button" href={paths.signIn}>
            {join.haveAccount}
          </a>
        )}
      </Notice>
    </Doorway>
  );
}

function Form({ token, invite }: { token: string | null; invite: Output<'invite.look'> | null }) {
  const engine = useEngine();
  const { join } = words();
  const typed = useSignal('');
  const password = useSignal('');
  const taken = useSignal<{ name: string; number: number } | null>(null);
  const problem = useSignal<string | null>(null);
  const { busy, run } = useAction((text, cause) => {
    if (cause instanceof AppError && cause.code === 'conflict') {
      taken.value = { name, number: taken.peek()?.name === name ? (taken.peek()?.number ?? 1) + 1 : 2 };
      problem.value = null;
    } else problem.value = text;
  });
  const name = deriveName(typed.value);
  const signInName = taken.value?.name === name ? numberedName(name, taken.value.number) : name;
  const ready = isLongEnough(name) && password.value.length >= limits.passwordLength.min;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    problem.value = null;
    run(async () => {
      await engine.auth.register({
        ...(token === null ? {} : { invite: token }),
        name: signInName,
        displayName: typed.peek().trim(),
        password: password.peek(),
      });
      navigate(paths.list, { replace: true });
    });
  };
  return (
    <Doorway>
      <Welcome
        title={titleOf(invite, engine.about.value?.name ?? 'Messenger')}
        text={invite?.role === 'owner' ? join.firstOwner : null}
      />
      <form class="doorway-form" onSubmit={submit}>
        <label class="field">
          <span class="field-label">{join.name}</span>
          <input
            class="input"
            name="display-name"
            autoComplete="name"
            autoCapitalize="words"
            required
            maxLength={limits.displayNameLength}
            value={typed.value}
            aria-describedby="sign-in-name"
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
          <span class="field-hint" id="sign-in-name" aria-live="polite">
            {hint(signInName, taken.value?.name === name ? name : null)}
          </span>
        </label>
        {/* So that a password manager stores the name that signs in. */}
        <input
          class="hidden-visually"
          name="username"
          autoComplete="username"
          value={signInName}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <PasswordField
          label={join.password}
          hint={join.passwordHint(limits.passwordLength.min)}
          value={password.value}
          autoComplete="new-password"
          minLength={limits.passwordLength.min}
          onInput={(value) => (password.value = value)}
        />
        {problem.value !== null && <Problem>{problem.value}</Problem>}
        <button type="submit" class="button main wide" disabled={!ready || busy} aria-busy={busy}>
          {join.submit}
        </button>
      </form>
      <a class="button plain wide" href={paths.signIn}>
        {join.haveAccount}
      </a>
      <p class="doorway-small">{join.readable}</p>
    </Doorway>
  );
}

function hint(signInName: string, taken: string | null): string {
  const { join } = words();
  if (!isLongEnough(signInName)) return join.signInNameHint;
  return taken === null ? join.signInName(isolated(signInName)) : join.nameTaken(isolated(taken), isolated(signInName));
}

function titleOf(invite: Output<'invite.look'> | null, instance: string): string {
  const { join } = words();
  if (invite === null) return join.open(isolated(instance));
  const where = isolated(invite.instanceName);
  return invite.invitedBy === null ? join.invited(where) : join.invitedBy(isolated(invite.invitedBy), where);
}
