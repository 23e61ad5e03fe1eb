import { useSignal } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import { useEngine } from '../engine-context.ts';
import { clockTime, words } from '../i18n/language.ts';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { isolated } from '../parts/name.tsx';
import { Doorway, Welcome } from './doorway.tsx';
import type { StepProps } from './next-step.tsx';

/** The account is made, and an admin has not let it in yet. */
export function ApprovalScreen({ onOver }: StepProps) {
  const engine = useEngine();
  const { join } = words();
  const looked = useSignal<number | null>(null);
  const attempt = useAttempt();
  const look = async () => {
    try {
      await engine.auth.checkApproval();
    } catch (cause) {
      if (!(cause instanceof AppError && cause.reason === 'account_waiting')) throw cause;
      looked.value = Date.now();
    }
  };
  return (
    <Doorway>
      <Welcome
        icon="clock"
        title={join.waiting}
        text={join.waitingText(isolated(engine.about.value?.name ?? 'Messenger'))}
      />
      <form
        class="doorway-form"
        onSubmit={(event) => {
          event.preventDefault();
          attempt.run(look);
        }}
      >
        <p class="doorway-small" role="status">
          {looked.value !== null && join.stillWaiting(clockTime(looked.value))}
        </p>
        <Submit attempt={attempt}>{join.checkAgain}</Submit>
      </form>
      <button type="button" class="button plain wide" onClick={() => onOver(null)}>
        {words().secondFactor.otherAccount}
      </button>
    </Doorway>
  );
}
