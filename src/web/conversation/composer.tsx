import './composer.css';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { limits } from '../../protocol/limits.ts';
import { words } from '../i18n/language.ts';
import { Icon, SendIcon } from '../parts/icon.tsx';
import { touch } from '../viewport.ts';

interface ComposerProps {
  /** The draft, or the text of the message being edited. */
  readonly text: string;
  readonly editing: boolean;
  readonly onText: (text: string) => void;
  readonly onSend: () => void;
  readonly onEditLast: () => void;
  readonly onCancel: () => void;
  readonly field: { current: HTMLTextAreaElement | null };
}

const bytes = new TextEncoder();

/** Where a message is written. Grows to six lines; Enter sends where there is a keyboard. */
export function Composer({ text, editing, onText, onSend, onEditLast, onCancel, field }: ComposerProps) {
  const { composer } = words();
  const own = useRef<HTMLTextAreaElement>(null);
  const over = text.length * 3 <= limits.textBytes ? 0 : bytes.encode(text).length - limits.textBytes;
  const sendable = text.trim() !== '' && over <= 0;

  useLayoutEffect(() => {
    field.current = own.current;
    const element = own.current;
    if (element === null) return;
    if (element.value !== text) element.value = text;
    grow(element);
  }, [text, editing]);
  useEffect(() => {
    if (!touch.peek()) own.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    const element = own.current;
    if (!editing || element === null) return;
    element.focus();
    element.setSelectionRange(element.value.length, element.value.length);
  }, [editing]);

  const send = () => {
    if (!sendable) return;
    onSend();
    own.current?.focus({ preventScroll: true });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (
      event.key === 'Enter' &&
      !event.shiftKey &&
      !event.altKey &&
      (!touch.peek() || event.ctrlKey || event.metaKey)
    ) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && !event.altKey && text === '' && !editing) {
      event.preventDefault();
      onEditLast();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      onCancel();
    }
  };
  return (
    <div class="composer">
      {editing && (
        <div class="composer-note">
          <Icon name="pencil" size={20} />
          <span class="row-main">{composer.editing}</span>
          <button type="button" class="icon-button" aria-label={composer.stopEditing} onClick={onCancel}>
            <Icon name="close" size={20} />
          </button>
        </div>
      )}
      {over > 0 && (
        <p class="composer-problem" role="alert">
          {composer.tooLong(over)}
        </p>
      )}
      <div class="composer-line">
        <textarea
          ref={own}
          class="composer-field"
          rows={1}
          dir="auto"
          placeholder={composer.placeholder}
          aria-label={composer.label}
          enterkeyhint={touch.value ? 'enter' : 'send'}
          autoCapitalize="sentences"
          onInput={(event) => onText(event.currentTarget.value)}
          onKeyDown={onKey}
        />
        <button
          type="button"
          class={sendable ? 'composer-send is-ready' : 'composer-send'}
          disabled={!sendable}
          aria-label={editing ? composer.saveEdit : composer.send}
          onPointerDown={(event) => event.preventDefault()}
          onClick={send}
        >
          {editing ? <Icon name="check" /> : <SendIcon />}
        </button>
      </div>
    </div>
  );
}

const growsByItself = CSS.supports('field-sizing', 'content');

function grow(element: HTMLTextAreaElement): void {
  if (growsByItself) return;
  element.style.height = 'auto';
  element.style.height = `${element.scrollHeight + 2}px`;
}
