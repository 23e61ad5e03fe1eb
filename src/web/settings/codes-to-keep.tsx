import { words } from '../i18n/language.ts';
import { RecoveryCodes } from '../second-factor/recovery-codes.tsx';
import { Step } from './step.tsx';

/** New recovery codes, before anything else. */
export function CodesToKeep({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { secondFactor } = words();
  return (
    <Step title={secondFactor.keepCodes} text={secondFactor.keepCodesText}>
      <RecoveryCodes codes={codes} onKept={onKept} />
    </Step>
  );
}
