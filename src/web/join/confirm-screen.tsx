import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { fragment } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { isUseless } from './dead-link.ts';
import { Doorway, Message } from './doorway.tsx';

/** Opened from a mail: /confirm#TOKEN. Opening it is the confirmation. */
export function ConfirmScreen() {
  const engine = useEngine();
  const { confirm, join, common, errors } = words();
  const token = fragment.value;
  const [confirmed, again] = useLoaded(() => engine.auth.confirmEmail(token), [token]);
  const isIn = engine.phase.value === 'signed_in';
  const onward = (
    <a class="button main" href={isIn ? paths.list : paths.signIn}>
      {isIn ? join.toConversations : join.toSignIn}
    </a>
  );
  if (confirmed.state === 'loading') return <Doorway busy />;
  if (confirmed.state === 'ready') {
    return (
      <Message icon="check" title={confirm.done} text={confirm.doneText}>
        {onward}
      </Message>
    );
  }
  if (isUseless(confirmed.cause)) {
    return (
      <Message icon="link" title={confirm.useless} text={confirm.uselessText}>
        {onward}
      </Message>
    );
  }
  return (
    <Message icon="warning" title={errors.title} text={failureText(confirmed.cause)}>
      <button type="button" class="button main" onClick={again}>
        {common.tryAgain}
      </button>
    </Message>
  );
}
