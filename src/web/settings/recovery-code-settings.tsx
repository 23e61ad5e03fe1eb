import { useSignal } from '@preact/signals';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { CodesToKeep } from './codes-to-keep.tsx';
import { PresentPassword } from './present-password.tsx';
import type { PartProps } from './security-screen.tsx';
import { secondStepsOf } from './security-state.ts';
import { Step } from './step.tsx';

/** At so few it is time for new ones. */
const few = 3;

export function RecoveryCodeSettings({ shown, onChanged }: PartProps) {
  const engine = useEngine();
  const { security } = words();
  const asking = useSignal(false);
  const codes = useSignal<readonly string[] | null>(null);
  if (codes.value !== null) return <CodesToKeep codes={codes.value} onKept={() => (codes.value = null)} />;
  if (asking.value) {
    return (
      <PresentPassword
        title={security.renew}
        text={security.renewText}
        submit={security.renew}
        onCancel={() => (asking.value = false)}
        onPassword={async (present) => {
          codes.value = await engine.security.renewRecoveryCodes(present);
          asking.value = false;
          await onChanged();
        }}
      />
    );
  }
  if (secondStepsOf(shown) === 0) return <Step title={security.none} text={security.recoveryNone} />;
  const left = shown.recoveryCodesLeft;
  return (
    <Step title={left === 0 ? security.none : security.recoveryLeft(left)} text={security.recoveryText}>
      {left <= few && <p>{security.recoveryFew}</p>}
      <button
        type="button"
        class={left <= few ? 'button main wide' : 'button wide'}
        onClick={() => (asking.value = true)}
      >
        {security.renew}
      </button>
    </Step>
  );
}
