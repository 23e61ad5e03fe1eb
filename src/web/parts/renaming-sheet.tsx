import { useSignal } from '@preact/signals';
import { words } from '../i18n/language.ts';
import { useAttempt } from './attempt.tsx';
import { Problem } from './notice.tsx';
import { Sheet } from './sheet.tsx';

interface RenamingSheetProps {
  readonly title: string;
  readonly text?: string;
  /** What the button says that changes nothing. */
  readonly leave?: string;
  readonly label: string;
  /** As it is called now. */
  readonly name: string;
  readonly maxLength: number;
  readonly onName: (name: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks what a thing is to be called. Closes by itself once it is. */
export function RenamingSheet({ title, text, leave, label, name, maxLength, onName, onClose }: RenamingSheetProps) {
  const { common } = words();
  const typed = useSignal(name);
  const attempt = useAttempt();
  const submit = (event: Event) => {
    event.preventDefault();
    const wanted = typed.peek().trim();
    if (wanted === '') return;
    if (wanted === name) return onClose();
    attempt.run(async () => {
      await onName(wanted);
      onClose();
    });
  };
  return (
    <Sheet label={title} onClose={onClose} kind="question">
      <form onSubmit={submit}>
        <div class="sheet-text">
          <h2>{title}</h2>
          {text !== undefined && <p class="soft">{text}</p>}
          <label class="field">
            <span class="field-label">{label}</span>
            <input
              class="input"
              required
              autoComplete="off"
              maxLength={maxLength}
              value={typed.value}
              onInput={(event) => (typed.value = event.currentTarget.value)}
            />
          </label>
          {attempt.problem !== null && <Problem>{attempt.problem}</Problem>}
        </div>
        <div class="sheet-buttons">
          <button type="button" class="button plain" onClick={onClose}>
            {leave ?? common.cancel}
          </button>
          <button
            type="submit"
            class="button main"
            disabled={attempt.busy || attempt.wait > 0 || typed.value.trim() === ''}
          >
            {common.save}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
