import { useId } from 'preact/hooks';

interface TextFieldProps {
  readonly label: string;
  readonly name: string;
  readonly autoComplete: 'username' | 'username webauthn' | 'email';
  readonly kind?: 'text' | 'email';
  readonly value: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly onInput: (value: string) => void;
}

/** A name or an address: nothing that a keyboard should correct. */
export function TextField(props: TextFieldProps) {
  const { label, name, autoComplete, kind = 'text', value, hint, required = true, onInput } = props;
  const id = useId();
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="input"
        type={kind as 'text'}
        name={name}
        autoComplete={autoComplete as 'username'}
        autoCapitalize="none"
        autoCorrect="off"
        spellcheck={false}
        required={required}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <span class="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}
