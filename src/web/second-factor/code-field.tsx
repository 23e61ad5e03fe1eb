import './second-factor.css';
import { useEffect, useId, useRef } from 'preact/hooks';

interface CodeFieldProps {
  readonly kind: 'totp' | 'recovery_code';
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  /** Takes the focus when it appears. */
  readonly focused?: boolean;
  readonly onInput: (value: string) => void;
  /** All six digits are there. */
  readonly onFull?: (value: string) => void;
}

const digits = 6;

/** Six digits of an authenticator app, which the system's keyboard may offer, or a recovery code. */
export function CodeField({ kind, label, value, hint, focused = false, onInput, onFull }: CodeFieldProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) field.current?.focus();
  }, [kind, focused]);
  const take = (typed: string) => {
    if (kind === 'recovery_code') return onInput(typed);
    const code = typed.replace(/\D/gu, '').slice(0, digits);
    onInput(code);
    if (code.length === digits && code !== value) onFull?.(code);
  };
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        key={kind}
        ref={field}
        id={id}
        class={kind === 'totp' ? 'input code-field' : 'input'}
        name="code"
        type="text"
        inputMode={kind === 'totp' ? 'numeric' : 'text'}
        autoComplete={kind === 'totp' ? 'one-time-code' : 'off'}
        autoCapitalize="none"
        autoCorrect="off"
        spellcheck={false}
        required
        maxLength={40}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => {
          take(event.currentTarget.value);
          // What was dropped must not stay visible, although the value is the same.
          if (kind === 'totp')
            event.currentTarget.value = event.currentTarget.value.replace(/\D/gu, '').slice(0, digits);
        }}
      />
      {hint !== undefined && (
        <span class="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

export const isComplete = (kind: 'totp' | 'recovery_code', code: string): boolean =>
  kind === 'totp' ? code.length === digits : code.trim() !== '';
