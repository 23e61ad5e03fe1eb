import { type Printer, style } from './printer.ts';
import { qrCode } from './qr.ts';

/** A link that is shown once, with what it says of itself before. */
export function printLink(printer: Printer, title: string, link: string, { qr }: { readonly qr: boolean }): void {
  printer.done(title);
  printer.line();
  printer.line(`  ${style('cyan', link)}`);
  printer.line();
  if (qr) printer.line(`${qrCode(link)}\n`);
}
