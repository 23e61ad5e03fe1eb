import type { ComponentChildren } from 'preact';
import { useEngine } from '../engine-context.ts';
import { momentAgo, words } from '../i18n/language.ts';
import { failureText } from '../parts/failure.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Problem } from '../parts/notice.tsx';
import { paths } from '../routing/route.ts';
import { type SecurityShown, useSecurity } from './security-state.ts';

/** How my account is guarded, and the ways to change it. */
export function Security() {
  const { about, me } = useEngine();
  const { security, settings, common } = words();
  const { shown, failure, reload } = useSecurity();
  const email = me.value?.email ?? null;
  return (
    <>
      <Way to={paths.security('password')} icon="lock" name={security.password}>
        {shown && security.passwordChanged(momentAgo(shown.passwordChangedAt))}
      </Way>
      {((about.value?.mail ?? false) || email !== null) && (
        <Way to={paths.security('email')} icon="mail" name={security.email}>
          {shown?.unconfirmedEmail ? security.emailWaits : <bdi>{email ?? security.none}</bdi>}
        </Way>
      )}
      <Way to={paths.settings('sessions')} icon="device" name={settings.sessions} />
      <h2 class="section-title">{security.secondStep}</h2>
      <Way to={paths.security('authenticator')} icon="shield" name={security.authenticator}>
        {shown && (shown.totp ? security.on : security.off)}
      </Way>
      <Way to={paths.security('passkeys')} icon="key" name={security.passkeys}>
        {shown && (shown.passkeys.length === 0 ? security.none : shown.passkeys.length)}
      </Way>
      <Way to={paths.security('recovery-codes')} icon="ticket" name={security.recoveryCodes}>
        {shown && codesLeft(shown)}
      </Way>
      <p class="settings-note soft">{shown?.twoFactorRequired ? security.required : security.secondStepText}</p>
      {failure !== null && (
        <div class="settings-block">
          <Problem>{failureText(failure)}</Problem>
          <button type="button" class="button" onClick={() => void reload()}>
            {common.tryAgain}
          </button>
        </div>
      )}
    </>
  );
}

function codesLeft({ recoveryCodesLeft }: SecurityShown): string {
  const { security } = words();
  return recoveryCodesLeft === 0 ? security.none : security.recoveryLeft(recoveryCodesLeft);
}

interface WayProps {
  readonly to: string;
  readonly icon: IconName;
  readonly name: string;
  /** How it is at present. */
  readonly children?: ComponentChildren;
}

function Way({ to, icon, name, children }: WayProps) {
  return (
    <a class="row security-way" href={to}>
      <Icon name={icon} />
      <span class="row-main">
        {name}
        {children !== undefined && <span class="row-more">{children || '\u00a0'}</span>}
      </span>
      <Icon name="forward" size={20} />
    </a>
  );
}
