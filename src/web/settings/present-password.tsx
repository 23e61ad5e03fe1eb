import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { KnownName, PasswordField } from '../join/password-field.tsx';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { Step } from './step.tsx';

interface PresentPasswordProps {
  readonly title: string;
  readonly text?: string;
  /** What the button says. */
  readonly submit: string;
  /** Something that was said before: it has to begin again. */
  readonly problem?: string | null;
  readonly onPassword: (present: string) => Promise<void>;
  readonly onCancel: () => void;
}

/** Before anything that guards the account changes: is it really them? */
export function PresentPassword({ title, text, submit, problem = null, onPassword, onCancel }: PresentPasswordProps) {
  const { me } = useEngine();
  const { security, common } = words();
  const present = useSignal('');
  const form = useRef<HTMLFormElement>(null);
  const attempt = useAttempt();
  const told = attempt.problem ?? problem;
  return (
    <Step title={title} text={text}>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          attempt.run(async () => {
            try {
              await onPassword(present.peek());
            } catch (cause) {
              form.current?.querySelector<HTMLInputElement>('[name=password]')?.select();
              throw cause;
            }
          });
        }}
      >
        <KnownName name={me.value?.name ?? ''} />
        <PasswordField
          label={security.present}
          hint={security.presentText}
          value={present.value}
          autoComplete="current-password"
          onInput={(value) => (present.value = value)}
        />
        <Submit attempt={{ ...attempt, problem: told }} ready={present.value !== ''}>
          {submit}
        </Submit>
        <button type="button" class="button plain wide" disabled={attempt.busy} onClick={onCancel}>
          {common.cancel}
        </button>
      </form>
    </Step>
  );
}
