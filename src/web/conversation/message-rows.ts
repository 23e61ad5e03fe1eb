import type { ShownMessage } from '../engine/engine.ts';

/** A row of the conversation: what the list measures and keeps in place. */
export type Row =
  | { readonly kind: 'start'; readonly key: 'start' }
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  | { readonly kind: 'unread'; readonly key: 'unread' }
  | { readonly kind: 'notice'; readonly key: string; readonly shown: ShownMessage }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly shown: ShownMessage;
      /** First and last of its sender's group: who says it and how its corners are round. */
      readonly first: boolean;
      readonly last: boolean;
    };
export type MessageRow = Extract<Row, { kind: 'message' }>;

const groupSpan = 5 * 60_000;

interface RowsOf {
  readonly messages: readonly ShownMessage[];
  /** The first unread seq; the line stands above the first row from it on that is not mine. */
  readonly unreadFrom: number | null;
  /** There is nothing older than the first message. */
  readonly fromStart: boolean;
  readonly startOfDay: (time: number) => number;
}

/** Messages of one sender within five minutes, with nothing between them, are a group. */
export function rowsOf({ messages, unreadFrom, fromStart, startOfDay }: RowsOf): readonly Row[] {
  const rows: Row[] = [];
  if (fromStart && messages.length > 0) rows.push({ kind: 'start', key: 'start' });
  let day: number | null = null;
  let unreadShown = unreadFrom === null;
  let open: MessageRow | null = null;
  messages.forEach((shown) => {
    const today = startOfDay(shown.time);
    if (today !== day) {
      day = today;
      rows.push({ kind: 'day', key: `day ${today}`, time: shown.time });
      open = null;
    }
    if (!unreadShown && unreadFrom !== null && shown.seq !== null && shown.seq >= unreadFrom && !shown.mine) {
      unreadShown = true;
      rows.push({ kind: 'unread', key: 'unread' });
      open = null;
    }
    if (!isMessage(shown)) {
      rows.push({ kind: 'notice', key: shown.key, shown });
      open = null;
      return;
    }
    const joins = open !== null && sameGroup(open.shown, shown);
    if (joins && open !== null) rows[rows.length - 1] = { ...open, last: false };
    open = { kind: 'message', key: shown.key, shown, first: !joins, last: true };
    rows.push(open);
  });
  return rows;
}

const isMessage = ({ message }: ShownMessage): boolean =>
  message === null || message.kind === 'message' || message.kind === 'poll';

const senderOf = (shown: ShownMessage): string =>
  shown.mine ? 'me' : (shown.sender?.userId ?? shown.message?.senderId ?? '');

/** Five minutes from one message to the next: a group goes on as long as its sender does. */
function sameGroup(before: ShownMessage, next: ShownMessage): boolean {
  return senderOf(before) === senderOf(next) && next.time - before.time < groupSpan;
}

/** Whether two rows look the same, so that the first need not be drawn again. */
export function sameRow(a: Row, b: Row): boolean {
  if (a.kind !== b.kind || a.key !== b.key) return false;
  if (a.kind === 'message' && b.kind === 'message')
    return a.shown === b.shown && a.first === b.first && a.last === b.last;
  if (a.kind === 'notice' && b.kind === 'notice') return a.shown === b.shown;
  return true;
}

function heightOfCard(preview: ShownMessage['preview']): number {
  if (preview === null) return 0;
  return 58 + (preview.description === '' ? 0 : preview.description.length < 50 ? 19 : 38);
}

/** What stands above, in place of and below the text. */
function heightOfMore({ quote, forwarded, poll, preview, reactions, removed }: ShownMessage): number {
  if (removed) return 0;
  const answers = poll === null ? 0 : 20 + 50 * poll.options.length + (poll.voted || poll.closed ? 44 : 28);
  return (
    (quote === null ? 0 : 50) +
    (forwarded === null ? 0 : 20) +
    answers +
    heightOfCard(preview) +
    (reactions.length === 0 ? 0 : 32)
  );
}

/** Roughly how high a row is before it was measured, in pixels at normal text size. */
export function guessHeight(row: Row, width: number): number {
  switch (row.kind) {
    case 'start':
      return 56;
    case 'day':
      return 44;
    case 'unread':
      return 44;
    case 'notice':
      return 36;
    case 'message': {
      if (row.shown.blocked) return 46;
      const perLine = Math.max(16, Math.min(width * 0.8, 560) / 8);
      let lines = 0;
      for (const line of row.shown.text.split('\n', 31)) lines += Math.max(1, Math.ceil(line.length / perLine));
      return Math.min(lines, 31) * 22 + 16 + (row.first ? 8 : 2) + heightOfMore(row.shown);
    }
  }
}
