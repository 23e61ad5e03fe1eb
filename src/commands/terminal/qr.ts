import { renderUnicodeCompact } from 'uqr';

/** A QR code for a terminal, dark on light whatever the terminal's colours, where it has colours. */
export function qrCode(text: string): string {
  const lines = renderUnicodeCompact(text, { border: 2 }).split('\n');
  if (!process.stdout.isTTY || process.env.NO_COLOR) return lines.map((line) => `  ${line}`).join('\n');
  return lines.map((line) => `  \x1b[38;5;231m\x1b[48;5;16m${line}\x1b[0m`).join('\n');
}
