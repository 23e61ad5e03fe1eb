import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';

interface PasswordFieldProps {
  readonly label: string;
  readonly value: string;
  readonly autoComplete: 'new-password' | 'current-password';
  readonly hint?: string;
  readonly minLength?: number;
  readonly onInput: (value: string) => void;
}

export function PasswordField({ label, value, autoComplete, hint, minLength, onInput }: PasswordFieldProps) {
  const { join } = words();
  const id = useId();
  const visible = useSignal(false);
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <div class="input-with-button">
        <input
          id={id}
          class="input"
          type={(visible.value ? 'text' : 'password') as 'password'}
          name="password"
          autoComplete={autoComplete}
          required
          minLength={minLength}
          value={value}
          spellcheck={false}
          autoCapitalize="none"
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <button
          type="button"
          class="icon-button"
          aria-label={visible.value ? join.hide : join.show}
          aria-pressed={visible.value}
          onClick={() => (visible.value = !visible.value)}
        >
          <Icon name={visible.value ? 'eyeOff' : 'eye'} />
        </button>
      </div>
      {hint !== undefined && (
        <span class="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** So that a password manager stores the password under the name that signs in. */
export function KnownName({ name }: { name: string }) {
  return (
    <input
      class="hidden-visually"
      name="username"
      autoComplete="username"
      value={name}
      readOnly
      tabIndex={-1}
      aria-hidden="true"
    />
  );
}
