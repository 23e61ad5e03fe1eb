import type { ComponentChildren } from 'preact';
import { words } from '../i18n/language.ts';
import { Sheet } from './sheet.tsx';

interface QuestionProps {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly onYes: () => void;
  readonly onClose: () => void;
  readonly danger?: boolean;
  readonly children?: ComponentChildren;
}

/** For what cannot be undone. */
export function Question({ title, text, yes, onYes, onClose, danger = true, children }: QuestionProps) {
  return (
    <Sheet label={title} onClose={onClose} kind="question">
      <div class="sheet-text">
        <h2>{title}</h2>
        <p class="soft">{text}</p>
        {children}
      </div>
      <div class="sheet-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {words().common.cancel}
        </button>
        <button
          type="button"
          class={danger ? 'button danger' : 'button main'}
          onClick={() => {
            onClose();
            onYes();
          }}
        >
          {yes}
        </button>
      </div>
    </Sheet>
  );
}
