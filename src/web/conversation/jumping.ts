import type { Signal } from '@preact/signals';
import type { OpenConversation } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { failureText } from '../parts/failure.ts';
import { say } from '../parts/toast.tsx';
import type { Row } from './message-rows.ts';
import type { Goal, MessageView } from './message-view.ts';

/** Brings a message into view, lets it light up and gives it the focus; where it cannot, it says why. */
export type Jump = (seq: number, how?: JumpHow) => void;

interface JumpHow {
  /** Who goes from hit to hit stays where they press. */
  readonly keepsFocus?: boolean;
  /** It came, or will not. */
  readonly onArrived?: () => void;
}

export const isSeq = (seq: number) => (row: Row) =>
  (row.kind === 'message' || row.kind === 'notice') && row.shown.seq === seq;

export const goalAt = (seq: number): Goal => ({ at: 'row', find: isSeq(seq), share: 0.4 });

const flashMs = 2_500;

interface Jumping {
  readonly open: OpenConversation;
  readonly view: MessageView;
  readonly flash: Signal<number | null>;
  /** What the messages are drawn into. */
  readonly list: { readonly current: HTMLElement | null };
}

export function makeJump({ open, view, flash, list }: Jumping): Jump {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  function show(seq: number, keepsFocus: boolean) {
    clearTimeout(timer);
    flash.value = seq;
    timer = setTimeout(() => {
      flash.value = null;
    }, flashMs);
    view.go(goalAt(seq));
    if (!keepsFocus) focusOn(seq, list, () => flash.peek() === seq);
  }

  return (seq, { keepsFocus = false, onArrived = () => undefined } = {}) => {
    const mine = ++latest;
    open.jumpTo(seq).then(
      (jumped) => {
        onArrived();
        if (mine !== latest) return;
        if (jumped === 'there') show(seq, keepsFocus);
        else say(words().conversation.jumped[jumped], { problem: true });
      },
      (cause: unknown) => {
        onArrived();
        if (mine === latest) say(failureText(cause), { problem: true });
      },
    );
  };
}

const framesToDraw = 30;

/** As soon as it is drawn. */
function focusOn(seq: number, list: Jumping['list'], isWanted: () => boolean): void {
  let frames = 0;
  const look = () => {
    if (!isWanted()) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (row) row.focus({ preventScroll: true });
    else if (++frames < framesToDraw) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
