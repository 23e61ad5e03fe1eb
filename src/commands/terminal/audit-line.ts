import type { AuditEvent } from '../../protocol/models.ts';
import { timeIn } from '../../provision/words/format.ts';
import type { Language, Words } from '../../provision/words/words.ts';
import { harmless, style } from './printer.ts';

/** An event of the audit log for people: time, action, who did it to whom, from where, and the rest. */
export function auditLine(event: AuditEvent, { language, printing }: Words): string {
  const { at, action, actor, subject, address, details } = event;
  const { via, ...others } = details;
  const clock = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' }).format(at);
  const who =
    actor === null
      ? via === 'local'
        ? printing.audit.host
        : strangerIn(address, printing)
      : shownName(actor.name, actor.userId);
  const whom = subject === null || subject.id === actor?.userId ? '' : ` → ${shownName(subject.name, subject.id)}`;
  const from = address === null ? '' : `  ${style('dim', printing.audit.from(harmless(address)))}`;
  const shown = Object.entries(via === 'local' ? others : details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => `  ${style('dim', `${key}=`)}${harmless(shownDetail(key, value, language))}`);
  return `${style('dim', clock)}  ${style('bold', action)}  ${who}${whom}${from}${shown.join('')}`;
}

/** Somebody unknown has an address; what happens by itself has none. */
function strangerIn(address: string | null, { audit }: Words['printing']): string {
  return address === null ? audit.byItself : audit.nobody;
}

/** Times are called so: `expiresAt`. */
function shownDetail(key: string, value: unknown, language: Language): string {
  const shown = typeof value === 'number' && key.endsWith('At') ? timeIn(language, value) : String(value);
  return /\s/.test(shown) ? `“${shown}”` : shown;
}

function shownName(name: string | null, id: string): string {
  return harmless(name || id);
}
