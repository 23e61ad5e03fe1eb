import { useSignal } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import type { Output } from '../../protocol/operations.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { failureText } from '../parts/failure.ts';
import { say } from '../parts/toast.tsx';
import { AuthenticatorSetup } from '../second-factor/authenticator-setup.tsx';
import { CodesToKeep } from './codes-to-keep.tsx';
import { PresentPassword } from './present-password.tsx';
import type { PartProps } from './security-screen.tsx';
import { secondStepsOf } from './security-state.ts';
import { Step } from './step.tsx';

type At =
  | { readonly step: 'look' }
  | { readonly step: 'begin'; readonly problem: string | null }
  | { readonly step: 'set_up'; readonly begun: Output<'totp.begin'> }
  | { readonly step: 'keep'; readonly codes: readonly string[] }
  | { readonly step: 'remove' };

const look: At = { step: 'look' };

export function AuthenticatorSettings({ shown, onChanged }: PartProps) {
  const engine = useEngine();
  const { security, common } = words();
  const at = useSignal<At>(look);
  const now = at.value;
  const leave = () => {
    at.value = look;
  };
  /** A secret that waited too long for its first code is worth nothing: it begins again. */
  const whileItCounts = <T,>(answer: Promise<T>): Promise<T> =>
    answer.catch((cause: unknown) => {
      if (isLapsed(cause)) at.value = { step: 'begin', problem: failureText(cause) };
      throw cause;
    });
  switch (now.step) {
    case 'look':
      return (
        <Look
          shown={shown}
          onSetUp={() => (at.value = { step: 'begin', problem: null })}
          onRemove={() => (at.value = { step: 'remove' })}
        />
      );
    case 'begin':
      return (
        <PresentPassword
          title={security.setUpTitle}
          text={shown.totp ? security.replaceText : security.authenticatorText}
          submit={security.next}
          problem={now.problem}
          onCancel={leave}
          onPassword={async (present) => {
            at.value = { step: 'set_up', begun: await engine.security.totpBegin(present) };
          }}
        />
      );
    case 'set_up':
      return (
        <Step title={security.setUpTitle}>
          <AuthenticatorSetup
            {...now.begun}
            onCode={async (code) => {
              const codes = await whileItCounts(engine.security.totpFinish(code));
              if (codes !== null) at.value = { step: 'keep', codes };
              await onChanged();
              if (codes !== null) return;
              leave();
              say(security.setUpDone);
            }}
          />
          <button type="button" class="button plain wide" onClick={leave}>
            {common.cancel}
          </button>
        </Step>
      );
    case 'keep':
      return <CodesToKeep codes={now.codes} onKept={leave} />;
    case 'remove':
      return (
        <PresentPassword
          title={security.removeTitle}
          text={secondStepsOf(shown) === 1 ? security.removeLastText : security.removeText}
          submit={security.remove}
          onCancel={leave}
          onPassword={async (present) => {
            await engine.security.totpRemove(present);
            await onChanged();
            leave();
            say(security.removed);
          }}
        />
      );
  }
}

const isLapsed = (cause: unknown) => cause instanceof AppError && cause.reason === 'totp_not_begun';

interface LookProps extends Pick<PartProps, 'shown'> {
  readonly onSetUp: () => void;
  readonly onRemove: () => void;
}

function Look({ shown, onSetUp, onRemove }: LookProps) {
  const { security } = words();
  if (!shown.totp) {
    return (
      <Step title={security.off} text={security.authenticatorText}>
        <button type="button" class="button main wide" onClick={onSetUp}>
          {security.setUp}
        </button>
      </Step>
    );
  }
  const isNeeded = shown.twoFactorRequired && secondStepsOf(shown) === 1;
  return (
    <Step title={security.on} text={security.authenticatorOn}>
      <button type="button" class="button wide" onClick={onSetUp}>
        {security.replace}
      </button>
      {isNeeded ? (
        <p class="soft">{security.removeRefused}</p>
      ) : (
        <button type="button" class="button danger wide" onClick={onRemove}>
          {security.remove}
        </button>
      )}
    </Step>
  );
}
