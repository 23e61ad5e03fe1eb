import './settings.css';
import type { FunctionComponent } from 'preact';
import { words } from '../i18n/language.ts';
import { Bar } from '../parts/bar.tsx';
import { failureText } from '../parts/failure.ts';
import { Problem } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { paths, type SecurityPart } from '../routing/route.ts';
import { AuthenticatorSettings } from './authenticator-settings.tsx';
import { EmailSettings } from './email-settings.tsx';
import { PasskeySettings } from './passkey-settings.tsx';
import { PasswordChange } from './password-change.tsx';
import { RecoveryCodeSettings } from './recovery-code-settings.tsx';
import { type SecurityShown, useSecurity } from './security-state.ts';

/** What a part of the security settings is given: how things are, and a way to look again. */
export interface PartProps {
  readonly shown: SecurityShown;
  /** Resolves when `shown` is new. */
  readonly onChanged: () => Promise<void>;
}

const parts = {
  password: { word: 'password', Part: PasswordChange },
  email: { word: 'email', Part: EmailSettings },
  authenticator: { word: 'authenticator', Part: AuthenticatorSettings },
  passkeys: { word: 'passkeys', Part: PasskeySettings },
  'recovery-codes': { word: 'recoveryCodes', Part: RecoveryCodeSettings },
} as const satisfies Record<SecurityPart, { readonly word: string; readonly Part: FunctionComponent<PartProps> }>;

/** One of the ways in which the account is guarded. */
export function SecurityScreen({ part }: { part: SecurityPart }) {
  const { word, Part } = parts[part];
  const { shown, failure, reload } = useSecurity();
  const { security, common } = words();
  return (
    <main class="pane main-pane">
      <Bar title={security[word]} above={paths.settings('security')} />
      <div class="scroll">
        <div class="column settings">
          {shown !== null && <Part shown={shown} onChanged={reload} />}
          {shown === null && failure === null && <Skeleton rows={3} />}
          {shown === null && failure !== null && (
            <div class="settings-block">
              <Problem>{failureText(failure)}</Problem>
              <button type="button" class="button" onClick={() => void reload()}>
                {common.tryAgain}
              </button>
            </div>
          )}
        </div>
      </div>
    </main>
  );
}
