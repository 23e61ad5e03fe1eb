import './second-factor.css';
import { useSignal } from '@preact/signals';
import { words } from '../i18n/language.ts';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { copyText } from '../parts/clipboard.ts';
import { Icon } from '../parts/icon.tsx';
import { lazy } from '../parts/lazy.tsx';
import { say } from '../parts/toast.tsx';
import { CodeField, isComplete } from './code-field.tsx';

const QrCode = lazy(() => import('../parts/qr-code.tsx').then((part) => part.QrCode));

interface AuthenticatorSetupProps {
  readonly secret: string;
  /** otpauth://totp/… */
  readonly uri: string;
  readonly onCode: (code: string) => Promise<void>;
}

/** Takes the secret into an authenticator app (by code, by link on the same phone, or typed), and a code back. */
export function AuthenticatorSetup({ secret, uri, onCode }: AuthenticatorSetupProps) {
  const { secondFactor, common } = words();
  const code = useSignal('');
  const attempt = useAttempt();
  const finish = (typed: string) =>
    attempt.run(async () => {
      try {
        await onCode(typed);
      } catch (cause) {
        code.value = '';
        throw cause;
      }
    });
  const copy = () =>
    copyText(secret).then(
      (copied) => say(copied ? common.copied : secondFactor.copyByHand, { problem: !copied }),
      () => undefined,
    );
  return (
    <form
      class="doorway-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete('totp', code.peek())) finish(code.peek());
      }}
    >
      <div class="authenticator">
        <div class="authenticator-code">
          <QrCode text={uri} label={secondFactor.qrCode} />
        </div>
        <p class="soft">{secondFactor.scan}</p>
        <a class="button wide" href={uri}>
          <Icon name="device" size={20} />
          {secondFactor.openApp}
        </a>
      </div>
      <div class="field">
        <span class="field-label">{secondFactor.secret}</span>
        <div class="secret">
          <code>{inFours(secret)}</code>
          <button type="button" class="icon-button" aria-label={secondFactor.copySecret} onClick={copy}>
            <Icon name="copy" />
          </button>
        </div>
      </div>
      <CodeField
        kind="totp"
        label={secondFactor.code}
        hint={secondFactor.setupHint}
        value={code.value}
        onInput={(value) => (code.value = value)}
        onFull={finish}
      />
      <Submit attempt={attempt} ready={isComplete('totp', code.value)}>
        {secondFactor.confirm}
      </Submit>
    </form>
  );
}

/** Easier to read and to type; authenticator apps ignore the spaces. */
const inFours = (secret: string): string => secret.replace(/(.{4})(?=.)/gu, '$1 ');
