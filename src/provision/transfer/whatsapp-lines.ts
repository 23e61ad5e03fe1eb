import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Problem } from '../../config/problem.ts';
import {
  contentOf,
  cutSender,
  type DateOrder,
  readBeginning,
  readNotice,
  type WhatsAppLine,
  wallTimeOf,
} from './whatsapp-format.ts';
import { zipFiles } from './zip.ts';

/** A message longer than this is cut, in UTF-16 units: WhatsApp itself takes 65,536. */
const mostUnits = 1024 * 1024;

/** A message or a notice with all its lines. */
export interface WhatsAppPart extends WhatsAppLine {
  /** The line it begins with, as it stands there. */
  readonly line: string;
}

/** Where the text of a chat is: a file of its own, or one in an archive. Null: there is none in the archive. */
export async function findChat(path: string): Promise<{ readonly name: string; text(): AsyncIterable<string> } | null> {
  if (!/\.zip$/i.test(path)) {
    return { name: basename(path), text: () => createReadStream(path, { encoding: 'utf8' }) };
  }
  const files = (await zipFiles(path)).filter(({ name }) => /\.txt$/i.test(name));
  const chat = files.find(({ name }) => basename(name) === '_chat.txt') ?? files[0];
  return chat === undefined ? null : { name: basename(path), text: () => chat.text() };
}

/** Messages and notices in order. What stands before the first of them is left out. */
export async function* whatsAppParts(text: AsyncIterable<string>): AsyncGenerator<WhatsAppPart> {
  let present: WhatsAppPart | null = null;
  for await (const line of linesOf(text)) {
    const begun = readBeginning(line);
    if (begun !== null) {
      if (present !== null) yield present;
      present = { ...begun, line };
    } else if (present !== null) {
      present = further(present, line);
    }
  }
  if (present !== null) yield present;
}

function further(part: WhatsAppPart, line: string): WhatsAppPart {
  return part.rest.length < mostUnits ? { ...part, rest: `${part.rest}\n${line}` } : part;
}

async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest.replace(/\r$/, '');
}

export interface WhatsAppScan {
  /** Who wrote, in order. */
  readonly senders: readonly string[];
  /** Whom notices name besides. */
  readonly named: readonly string[];
  readonly isGroup: boolean;
  /** Who made the group. */
  readonly creator: string | null;
  readonly order: DateOrder;
  /** No other order is as likely. */
  readonly sure: boolean;
  /** What tells this chat from others: the same each time it is exported. */
  readonly begins: string;
}

/** Reads a chat through once. Throws Problem `import_unknown` where it is none. */
export async function scanWhatsApp(path: string, text: AsyncIterable<string>): Promise<WhatsAppScan> {
  const senders = new Set<string>();
  const named = new Set<string>();
  const dates = makeDateWatch();
  const begins: string[] = [];
  let [isGroup, creator]: [boolean, string | null] = [false, null];
  for await (const part of whatsAppParts(text)) {
    dates.note(part);
    const { sender, text: said } = cutSender(part.rest);
    const notice = sender === null || /^\s?\u200e/.test(said) ? readNotice(sender === null ? part.rest : said) : null;
    if (notice !== null) {
      isGroup = true;
      if (notice.kind === 'created') creator ??= notice.by;
      if (notice.kind === 'added') for (const who of notice.who) named.add(who);
    }
    const isSaid = sender !== null && notice === null && contentOf(said).kind !== 'notice';
    if (isSaid) senders.add(sender);
    if (begins.length === 0 || (begins.length === 1 && isSaid)) begins.push(part.line);
  }
  if (begins.length === 0) throw new Problem('import_unknown', { path });
  const others = [...named].filter((who) => !senders.has(who));
  return {
    ...{ senders: [...senders], named: others, isGroup: isGroup || senders.size > 2, creator },
    ...dates.judge(),
    begins: begins.join('\n').replace(/[\u200e\u200f\ufeff]/g, ''),
  };
}

/** Finds out in which order days, months and years stand. */
function makeDateWatch() {
  const orders = ['dmy', 'mdy'] as const;
  const impossible = { dmy: 0, mdy: 0 };
  const backwards = { dmy: 0, mdy: 0 };
  const before = { dmy: 0, mdy: 0 };
  let [count, yearsFirst, american, dots] = [0, 0, 0, 0];
  return {
    note(part: WhatsAppPart) {
      count++;
      if (part.date[0] > 31) yearsFirst++;
      if (part.separator === '/' && part.isTwelveHours) american++;
      if (part.separator === '.') dots++;
      for (const order of orders) {
        const wall = wallTimeOf(part, order);
        if (wall === null) impossible[order]++;
        else {
          const { year, month, day, hour, minute } = wall;
          const at = Date.UTC(year, month - 1, day, hour, minute);
          if (at < before[order]) backwards[order]++;
          before[order] = at;
        }
      }
    },
    judge(): { readonly order: DateOrder; readonly sure: boolean } {
      if (yearsFirst * 2 > count) return { order: 'ymd', sure: true };
      if (impossible.dmy !== impossible.mdy)
        return { order: impossible.dmy < impossible.mdy ? 'dmy' : 'mdy', sure: true };
      if (backwards.dmy !== backwards.mdy) return { order: backwards.dmy < backwards.mdy ? 'dmy' : 'mdy', sure: true };
      return { order: american * 2 > count ? 'mdy' : 'dmy', sure: dots * 2 > count };
    },
  };
}
