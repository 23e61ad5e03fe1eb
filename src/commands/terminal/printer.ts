import { stripVTControlCharacters, styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** A terminal's colours, where it has them and NO_COLOR is not set. */
export function style(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export interface Printer {
  line(text?: string): void;
  done(text: string): void;
  /** Label and value pairs, values in one column. */
  facts(rows: readonly (readonly [string, string])[]): void;
  table(heads: readonly string[], rows: readonly (readonly string[])[]): void;
  /** What to do next: each line a command, then what it is for. */
  next(title: string, lines: readonly string[]): void;
}

export function printer(write: (line: string) => void): Printer {
  const line = (text = '') => write(text);
  return {
    line,
    done: (text) => write(`${style('green', '✔')} ${text}`),
    facts(rows) {
      const width = Math.max(...rows.map(([label]) => widthOf(label)));
      for (const [label, value] of rows) {
        const [first = '', ...more] = value.split('\n');
        write(`  ${style('dim', padded(label, width))}  ${first}`);
        for (const other of more) write(`  ${' '.repeat(width)}  ${other}`);
      }
    },
    table(heads, rows) {
      const widths = heads.map((head, column) =>
        Math.max(widthOf(head), ...rows.map((row) => widthOf(row[column] ?? ''))),
      );
      const written = (row: readonly string[]) =>
        `  ${row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  ')}`.trimEnd();
      write(style('dim', written(heads)));
      for (const row of rows) write(written(row));
    },
    next(title, lines) {
      line();
      write(style('dim', title));
      const parts = lines.map((text) => text.split(/ {3,}/));
      const width = Math.max(...parts.map(([command = '']) => widthOf(command)));
      for (const [command = '', purpose = ''] of parts)
        write(`  ${style('cyan', padded(command, width))}  ${purpose}`.trimEnd());
    },
  };
}

const segmenter = new Intl.Segmenter();
/** Two columns in a terminal: CJK, full-width forms, emoji. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns a text takes in a terminal. */
function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) width += wide.test(segment) ? 2 : 1;
  return width;
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Text that people chose, without what would move the cursor or colour the terminal. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '�');
}
