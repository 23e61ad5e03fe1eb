import './sheet.css';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface SheetProps {
  readonly label: string;
  readonly onClose: () => void;
  /** Where a pointer asked for it; without it the sheet rises from the bottom, or stands in the middle of a wide window. */
  readonly at?: { readonly x: number; readonly y: number } | undefined;
  readonly kind?: 'menu' | 'question';
  readonly children: ComponentChildren;
}

const settleMs = 700;

/** A modal sheet: the rest is inert, Escape, the system's back and a tap beside it close it, focus returns. */
export function Sheet({ label, onClose, at, kind = 'menu', children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const openedAt = useRef(0);
  const pressed = useRef(false);
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null) return undefined;
    const before = document.activeElement;
    openedAt.current = performance.now();
    element.showModal();
    // What is loaded late may make it higher.
    const resized = at === undefined ? null : new ResizeObserver(() => place(element, at));
    resized?.observe(element);
    return () => {
      resized?.disconnect();
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`sheet ${kind} ${at === undefined ? 'risen' : 'placed'}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={() => {
        pressed.current = true;
      }}
      onClickCapture={(event) => {
        // The finger whose long press opened this is lifted over it: that chooses nothing.
        if (pressed.current || event.timeStamp - openedAt.current > settleMs) return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onClick={(event) => {
        if (event.target === dialog.current && pressed.current) onClose();
      }}
      onKeyDown={walkRows}
    >
      <div class="sheet-body">{children}</div>
    </dialog>
  );
}

/** Beside the pointer, inside the window. */
function place(element: HTMLElement, { x, y }: { x: number; y: number }): void {
  const { width, height } = element.getBoundingClientRect();
  const edge = 8;
  element.style.left = `${Math.max(edge, Math.min(x, innerWidth - width - edge))}px`;
  element.style.top = `${Math.max(edge, Math.min(y, innerHeight - height - edge))}px`;
}

function walkRows(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || !(event.currentTarget instanceof HTMLElement) || event.target instanceof HTMLInputElement) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('button:not(:disabled)')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  event.preventDefault();
  rows[(at + step + rows.length) % rows.length]?.focus();
}
