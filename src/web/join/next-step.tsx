import type { Needed } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { RecoveryCodes } from '../second-factor/recovery-codes.tsx';
import { ApprovalScreen } from './approval-screen.tsx';
import { Doorway, Welcome } from './doorway.tsx';
import { EnrolmentScreen } from './enrolment-screen.tsx';
import { SecondFactorScreen } from './second-factor-screen.tsx';

/** What is asked for once name and password were right. `onOver`: back to them, with the reason where there is one. */
export interface StepProps {
  readonly onOver: (because: string | null) => void;
}

export function NextStep({ needed, onOver }: StepProps & { readonly needed: Needed }) {
  switch (needed.status) {
    case 'second_factor_needed':
      return <SecondFactorScreen needed={needed} onOver={onOver} />;
    case 'enrolment_needed':
      return <EnrolmentScreen onOver={onOver} />;
    case 'codes_to_keep':
      return <CodesToKeep codes={needed.recoveryCodes} />;
    case 'waiting_for_approval':
      return <ApprovalScreen onOver={onOver} />;
  }
}

function CodesToKeep({ codes }: { codes: readonly string[] }) {
  const { auth } = useEngine();
  const { secondFactor } = words();
  return (
    <Doorway>
      <Welcome icon="lock" title={secondFactor.keepCodes} text={secondFactor.keepCodesText} />
      <RecoveryCodes codes={codes} onKept={auth.enter} />
    </Doorway>
  );
}
