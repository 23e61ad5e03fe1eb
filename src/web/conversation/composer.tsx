import './composer.css';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { limits } from '../../protocol/limits.ts';
import type { Quote } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { Icon, SendIcon } from '../parts/icon.tsx';
import { isolated, nameOf } from '../parts/name.tsx';
import { usePress } from '../parts/press.ts';
import { touch } from '../viewport.ts';
import { MentionPicker } from './mention-picker.tsx';
import { type Mentioning, useMentioning } from './mentioning.ts';
import { quoteText } from './quote-view.tsx';

interface ComposerProps {
  /** The draft, or the text of the message being edited. */
  readonly text: string;
  readonly editing: boolean;
  /** What is being answered. */
  readonly replyingTo: Quote | null;
  /** Null where nobody else reads. */
  readonly mentioning: Mentioning | null;
  readonly onText: (text: string) => void;
  readonly onSend: () => void;
  /** The button that sends was held, or asked for its menu. */
  readonly onLater: () => void;
  /** The host of a link that will be shown with a preview; null: none. */
  readonly previewOf: string | null;
  readonly onNoPreview: () => void;
  readonly onEditLast: () => void;
  readonly onCancel: () => void;
  readonly onAdd: () => void;
  readonly field: { current: HTMLTextAreaElement | null };
}

const bytes = new TextEncoder();

/** Where a message is written. Grows to six lines; Enter sends where there is a keyboard. */
export function Composer(props: ComposerProps) {
  const { text, editing, replyingTo, onText, onSend, onEditLast, onCancel, onAdd, field } = props;
  const { composer } = words();
  const own = useRef<HTMLTextAreaElement>(null);
  const over = text.length * 3 <= limits.textBytes ? 0 : bytes.encode(text).length - limits.textBytes;
  const sendable = text.trim() !== '' && over <= 0;
  const mention = useMentioning(own, props.mentioning, onText);

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
  const replySeq = replyingTo?.seq;
  const before = useRef(replySeq);
  useEffect(() => {
    const element = own.current;
    const isNew = editing || (replySeq !== undefined && replySeq !== before.current);
    before.current = replySeq;
    if (!isNew || element === null) return;
    element.focus();
    element.setSelectionRange(element.value.length, element.value.length);
  }, [editing, replySeq]);

  const send = () => {
    if (!sendable) return;
    mention.close();
    onSend();
    own.current?.focus({ preventScroll: true });
  };
  const press = usePress({
    onMenu: () => {
      if (sendable && !editing) props.onLater();
    },
  });
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229 || mention.onKey(event)) return;
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
      {mention.found.length > 0 && (
        <MentionPicker found={mention.found} chosen={mention.chosen} onChoose={mention.choose} />
      )}
      {editing ? (
        <Note icon="pencil" title={composer.editing} cancel={composer.stopEditing} onCancel={onCancel} />
      ) : (
        replyingTo !== null && (
          <Note
            icon="reply"
            title={replyingTo.mine ? composer.replyToMe : composer.replyTo(isolated(nameOf(replyingTo.sender)))}
            more={quoteText(replyingTo)}
            cancel={composer.stopReplying}
            onCancel={onCancel}
          />
        )
      )}
      {props.previewOf !== null && !editing && (
        <Note
          icon="link"
          title={composer.preview}
          more={props.previewOf}
          cancel={composer.withoutPreview}
          onCancel={props.onNoPreview}
        />
      )}
      {over > 0 && (
        <p class="composer-problem" role="alert">
          {composer.tooLong(over)}
        </p>
      )}
      <div class="composer-line">
        {!editing && (
          <button
            type="button"
            class="icon-button"
            aria-label={composer.add}
            aria-haspopup="dialog"
            onPointerDown={(event) => event.preventDefault()}
            onClick={onAdd}
          >
            <Icon name="plus" />
          </button>
        )}
        <textarea
          ref={own}
          class="composer-field"
          rows={1}
          dir="auto"
          placeholder={composer.placeholder}
          aria-label={composer.label}
          aria-autocomplete="list"
          aria-controls={mention.found.length > 0 ? 'mentions' : undefined}
          aria-activedescendant={mention.found.length > 0 ? `mention-${mention.chosen}` : undefined}
          enterkeyhint={touch.value ? 'enter' : 'send'}
          autoCapitalize="sentences"
          onInput={(event) => {
            onText(event.currentTarget.value);
            mention.look();
          }}
          onClick={mention.look}
          onBlur={mention.close}
          onKeyDown={onKey}
        />
        <button
          type="button"
          class={sendable ? 'composer-send is-ready' : 'composer-send'}
          disabled={!sendable}
          aria-label={editing ? composer.saveEdit : composer.send}
          {...press}
          onPointerDown={(event) => {
            event.preventDefault();
            press.onPointerDown(event);
          }}
          onClick={send}
        >
          {editing ? <Icon name="check" /> : <SendIcon />}
        </button>
      </div>
    </div>
  );
}

interface NoteProps {
  readonly icon: 'pencil' | 'reply' | 'link';
  readonly title: string;
  readonly more?: string;
  readonly cancel: string;
  readonly onCancel: () => void;
}

function Note({ icon, title, more, cancel, onCancel }: NoteProps) {
  return (
    <div class="composer-note">
      <Icon name={icon} size={20} />
      <span class="row-main">
        <span class="composer-note-title cut">{title}</span>
        {more !== undefined && (
          <span class="composer-note-more cut" dir="auto">
            {more}
          </span>
        )}
      </span>
      <button type="button" class="icon-button" aria-label={cancel} onClick={onCancel}>
        <Icon name="close" size={20} />
      </button>
    </div>
  );
}

const growsByItself = CSS.supports('field-sizing', 'content');

function grow(element: HTMLTextAreaElement): void {
  if (growsByItself) return;
  element.style.height = 'auto';
  element.style.height = `${element.scrollHeight + 2}px`;
}
