import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { Problem } from '../parts/notice.tsx';
import { AuthenticatorSetup } from '../second-factor/authenticator-setup.tsx';
import { Doorway, Welcome } from './doorway.tsx';
import type { StepProps } from './next-step.tsx';
import { whileItCounts } from './ticket.ts';

/** The instance requires a second factor: one is set up before the person is in. */
export function EnrolmentScreen({ onOver }: StepProps) {
  const { auth } = useEngine();
  const { secondFactor, common } = words();
  const [begun, again] = useLoaded(() => whileItCounts(auth.enrolBegin(), onOver), []);
  if (begun.state === 'loading') return <Doorway busy />;
  return (
    <Doorway>
      <Welcome icon="shield" title={secondFactor.enrol} text={secondFactor.enrolText} />
      {begun.state === 'ready' ? (
        <AuthenticatorSetup {...begun.value} onCode={(code) => whileItCounts(auth.enrolFinish(code), onOver)} />
      ) : (
        <>
          <Problem>{failureText(begun.cause)}</Problem>
          <button type="button" class="button main wide" onClick={again}>
            {common.tryAgain}
          </button>
        </>
      )}
      <button type="button" class="button plain wide" onClick={() => onOver(null)}>
        {secondFactor.otherAccount}
      </button>
    </Doorway>
  );
}
