import { createHash } from 'node:crypto';
import { Problem } from '../../config/problem.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { ImportedEntry } from '../../protocol/transfer-operations.ts';
import { accountName, cutAt, displayedName } from './account-name.ts';
import { type ConversationScript, makeConversationScript } from './conversation-script.ts';
import { derivedId } from './ids.ts';
import { makeLocalTime } from './local-time.ts';
import { makeLeftOut, type Source, type SourceConversation, type SourceHow, type SourcePerson } from './source.ts';
import { textParts } from './text-parts.ts';
import { contentOf, cutSender, type Notice, readNotice, titleInName, wallTimeOf } from './whatsapp-format.ts';
import { findChat, scanWhatsApp, type WhatsAppPart, whatsAppParts } from './whatsapp-lines.ts';

/** Whoever exported the chat, where they never wrote. */
const unknownSelf = 'me';

/** One chat as WhatsApp exports it. */
export async function makeWhatsAppSource(path: string, how: SourceHow): Promise<Source> {
  const chat = await readable(path, () => findChat(path));
  if (chat === null) throw new Problem('import_unknown', { path });
  const scan = await readable(path, () => scanWhatsApp(path, chat.text()));
  const order = how.dateOrder ?? scan.order;
  const leftOut = makeLeftOut();
  const localTime = makeLocalTime(how.timeZone);
  const title = how.title ?? titleInName(chat.name);
  const idOf = (name: string) => derivedId('whatsapp', name) as UserId;
  const key = createHash('sha256').update(scan.begins).digest('hex').slice(0, 32);
  const pair = scan.isGroup ? null : pairOf(scan.senders, title);
  const self = pair?.[0] ?? null;
  const everybody = [...new Set([...scan.senders, ...scan.named, ...(pair ?? [])])];

  async function* people(): AsyncGenerator<SourcePerson> {
    for (const name of everybody) {
      const stand = `wa-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
      const called = name === unknownSelf ? 'Me' : name;
      const names = { name: accountName(called, stand), displayName: displayedName(called, stand) };
      const as = how.as !== null && name === self ? { as: how.as } : {};
      yield { userId: idOf(name), key: name, ...names, match: 'displayName', ...as };
    }
  }

  function conversation(): SourceConversation {
    const script = makeConversationScript('whatsapp', key);
    const owner = scan.creator !== null && everybody.includes(scan.creator) ? scan.creator : (scan.senders[0] ?? null);
    const ownerId = owner === null ? null : idOf(owner);
    for (const name of pair ?? scan.senders) script.enter(idOf(name));
    const conversion = makeConversion({ script, leftOut, idOf, everybody: new Set(everybody) });
    return {
      key,
      conversationId: derivedId('whatsapp', 'conversation', key) as ConversationId,
      title,
      pair: pair === null ? null : [idOf(pair[0]), idOf(pair[1])],
      async *entries() {
        for await (const part of whatsAppParts(chat?.text() ?? nothing())) {
          const wall = wallTimeOf(part, order);
          const time = wall === null ? script.time() : localTime(wall);
          if (script.next() === 1 && pair === null) {
            const body = { title: cutAt(title || '…', limits.titleLength), userIds: [] };
            yield script.write('created', body, { senderId: ownerId, time, source: 'created' });
          }
          yield* conversion(part, time);
        }
      },
      end: () => {
        const end = script.end({ ownerId, onlyAdminsWrite: false, isDeleted: () => false });
        return { ...end, title: pair === null ? cutAt(how.title ?? (end.title || title), limits.titleLength) : '' };
      },
    };
  }

  return {
    kind: 'whatsapp',
    people,
    async *conversations() {
      yield conversation();
    },
    leftOut,
    dates: { order, sure: how.dateOrder !== null || scan.sure },
  };
}

/** Whoever exported it, and the other one, after whom the file is called. */
function pairOf(senders: readonly string[], title: string): readonly [string, string] {
  const [first = unknownSelf, second] = senders;
  if (second === undefined) return first === title || title === '' ? [unknownSelf, first] : [first, title];
  return first === title ? [second, first] : [first, second];
}

function makeConversion(of: {
  readonly script: ConversationScript;
  readonly leftOut: Source['leftOut'];
  readonly idOf: (name: string) => UserId;
  readonly everybody: ReadonlySet<string>;
}) {
  const { script, leftOut, idOf, everybody } = of;
  /** How often the same stood there before: ids are made of what a line says. */
  const seen = new Map<string, number>();

  function idOfLine(line: string): string {
    const id = createHash('sha256').update(line).digest('base64url');
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    return `${id}:${times}`;
  }

  function* noticed(notice: Notice | null, time: number, source: string): Generator<ImportedEntry> {
    if (notice === null) return leftOut.add('service');
    if (notice.kind === 'left') {
      if (!everybody.has(notice.who)) return leftOut.add('service');
      const userId = idOf(notice.who);
      yield script.write('left', { userId, heir: null }, { senderId: userId, time, source });
      return script.leave(userId);
    }
    const senderId = everybody.has(notice.by) ? idOf(notice.by) : null;
    if ('title' in notice) {
      // What it is called now stands in its first entry.
      if (notice.kind === 'created') return leftOut.add('service');
      const title = cutAt(notice.title.trim(), limits.titleLength);
      if (title === '') return leftOut.add('service');
      return yield script.write('title', { title }, { senderId, time, source });
    }
    const who = notice.who.filter((each) => everybody.has(each)).map(idOf);
    if (who.length === 0) return leftOut.add('service');
    if (notice.kind === 'added') {
      for (const userId of who) script.enter(userId);
      return yield script.write('joined', { userIds: [...who] }, { senderId, time, source });
    }
    for (const userId of who) {
      yield script.write('removed', { userId }, { senderId, time, source, part: userId });
      script.leave(userId);
    }
  }

  return function* convert(part: WhatsAppPart, time: number): Generator<ImportedEntry> {
    const source = idOfLine(`${part.line}\n${part.rest}`);
    const { sender, text } = cutSender(part.rest);
    const isMarked = /^\s?\u200e/.test(text);
    const notice = sender === null || isMarked ? readNotice(sender === null ? part.rest : text) : null;
    if (sender === null || notice !== null) return yield* noticed(notice, time, source);
    const content = contentOf(text);
    if (content.kind === 'notice') return leftOut.add('service');
    if (content.kind === 'call') return leftOut.add('call');
    if (content.kind === 'deleted') return leftOut.add('deleted_message');
    if (content.kind === 'media') leftOut.add('media');
    const senderId = idOf(sender);
    const place = { senderId, time, source };
    const parts = textParts(content.text);
    if (parts.length === 0) return leftOut.add('empty');
    const first = script.next();
    for (const [at, each] of parts.entries()) {
      yield script.write('message', { text: each }, { ...place, part: at === 0 ? '' : String(at) });
    }
    if (content.kind !== 'text' || !content.edited) return;
    leftOut.add('edit_time');
    yield script.write('edit', { text: parts[0] ?? '' }, { ...place, part: 'edit', target: first });
  };
}

async function* nothing(): AsyncGenerator<string> {}

async function readable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) throw error;
    const says = error instanceof Error ? error.message : String(error);
    throw new Problem('import_unreadable', { path, says }, error);
  }
}
