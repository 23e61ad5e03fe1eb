import { useSignal } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { deriveName, isLongEnough, numberedName } from '../../protocol/names.ts';
import type { Output } from '../../protocol/operations.ts';
import { useEngine } from '../engine-context.ts';
import { listText, words } from '../i18n/language.ts';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { isolated } from '../parts/name.tsx';
import { fragment, navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { isUseless } from './dead-link.ts';
import { Doorway, Message, Welcome } from './doorway.tsx';
import { KnownName, PasswordField } from './password-field.tsx';
import { TextField } from './text-field.tsx';

type Invite = Output<'invite.look'>;

/** Opened from an invite link: /join#TOKEN. The token stays behind the #, so no server log sees it. */
export function JoinScreen() {
  const engine = useEngine();
  const { join } = words();
  const token = fragment.value;
  if (engine.phase.value === 'signed_in') {
    return (
      <Message icon="invite" title={join.signedIn} text={join.signedInText}>
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
  const { join, common, errors } = words();
  if (isUseless(invite.cause)) return <Message icon="invite" title={join.usedUp} text={join.usedUpText} />;
  return (
    <Message icon="warning" title={errors.title} text={failureText(invite.cause)}>
      <button type="button" class="button main" onClick={again}>
        {common.tryAgain}
      </button>
    </Message>
  );
}

function WithoutInvite() {
  const { about } = useEngine();
  const { join } = words();
  if (about.value === null) return <Doorway busy />;
  switch (about.value.registration) {
    case 'open':
    case 'approval':
      return <Form token={null} invite={null} />;
    case 'invite':
      return <Message icon="invite" title={join.noInvite} text={join.noInviteText} />;
    case 'closed':
      return <Message icon="lock" title={join.closed} text={join.closedText} />;
  }
}

function Form({ token, invite }: { token: string | null; invite: Invite | null }) {
  const engine = useEngine();
  const { join } = words();
  const about = engine.about.value;
  const typed = useSignal('');
  const password = useSignal('');
  const email = useSignal<string | null>(null);
  const taken = useSignal<{ name: string; number: number } | null>(null);
  const attempt = useAttempt();
  const name = deriveName(typed.value);
  const signInName = taken.value?.name === name ? numberedName(name, taken.value.number) : name;
  const ready = isLongEnough(name) && password.value.length >= limits.passwordLength.min;
  const register = async () => {
    const address = email.peek()?.trim() ?? '';
    try {
      await engine.auth.register({
        ...(token === null ? {} : { invite: token }),
        ...(address === '' ? {} : { email: address }),
        name: signInName,
        displayName: typed.peek().trim(),
        password: password.peek(),
      });
      navigate(engine.phase.peek() === 'signed_in' ? paths.list : paths.signIn, { replace: true });
    } catch (cause) {
      if (!(cause instanceof AppError && cause.reason === 'name_taken')) throw cause;
      taken.value = { name, number: taken.peek()?.name === name ? (taken.peek()?.number ?? 1) + 1 : 2 };
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!ready) return;
    attempt.run(register);
  };
  return (
    <Doorway>
      <Welcome title={titleOf(invite, about?.name ?? 'Messenger')} text={textOf(invite, about?.registration)} />
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
        <KnownName name={signInName} />
        <PasswordField
          label={join.password}
          hint={join.passwordHint(limits.passwordLength.min)}
          value={password.value}
          autoComplete="new-password"
          minLength={limits.passwordLength.min}
          onInput={(value) => (password.value = value)}
        />
        {about?.mail && <Email value={email.value} onInput={(value) => (email.value = value)} />}
        <Submit attempt={attempt} ready={ready}>
          {join.submit}
        </Submit>
      </form>
      <a class="button plain wide" href={paths.signIn}>
        {join.haveAccount}
      </a>
      <p class="doorway-small">{join.readable}</p>
    </Doorway>
  );
}

/** Asked for only from those who want it: two fields are enough to come in. */
function Email({ value, onInput }: { value: string | null; onInput: (value: string) => void }) {
  const { join } = words();
  if (value === null) {
    return (
      <button type="button" class="button plain" onClick={() => onInput('')}>
        {join.addEmail}
      </button>
    );
  }
  return (
    <TextField
      label={join.email}
      hint={join.emailHint}
      name="email"
      kind="email"
      autoComplete="email"
      required={false}
      value={value}
      onInput={onInput}
    />
  );
}

function textOf(invite: Invite | null, registration: Output<'instance.about'>['registration'] | undefined) {
  const { join } = words();
  if (invite === null) return registration === 'approval' ? join.approval : null;
  if (invite.role === 'owner') return join.firstOwner;
  const groups = invite.groups ?? [];
  return groups.length === 0 ? null : join.groups(groups.length, listText(groups.map(isolated)));
}

function hint(signInName: string, taken: string | null): string {
  const { join } = words();
  if (!isLongEnough(signInName)) return join.signInNameHint;
  return taken === null ? join.signInName(isolated(signInName)) : join.nameTaken(isolated(taken), isolated(signInName));
}

function titleOf(invite: Invite | null, instance: string): string {
  const { join } = words();
  if (invite === null) return join.open(isolated(instance));
  const where = isolated(invite.instanceName);
  return invite.invitedBy === null ? join.invited(where) : join.invitedBy(isolated(invite.invitedBy), where);
}
