import type { MessageLog } from '../../ports/message-log.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Entry, kinds, type Message, type Span } from '../../protocol/models.ts';
import { type Handlers, person } from '../call.ts';
import { covers, type RulesCache, spansOf } from './rules.ts';

type Place = { readonly conversationId: ConversationId; readonly seq: number };
type Wordings = { text: string; time: number }[];

/** Single messages, as they are now and as they came to be. All cut to what the person may read. */
export function makeMessageLooks({
  messages,
  rules,
}: Pick<Platform, 'messages'> & { rules: RulesCache }): Pick<Handlers, 'message.look' | 'message.edits'> {
  return {
    'message.look': async ({ conversationId, seqs }, call) => {
      const spans = spansOf(await rules.get(conversationId), person(call).userId);
      const wanted = [...new Set(seqs)].sort((a, b) => a - b);
      const looked = await Promise.all(wanted.map((seq) => lookAt(messages, { conversationId, seq }, spans)));
      const found = looked.filter((message) => message !== null);
      const fitting = onOnePage(found);
      return { messages: fitting, more: fitting.length < found.length };
    },

    'message.edits': async (place, call) => {
      const spans = spansOf(await rules.get(place.conversationId), person(call).userId);
      if (!covers(spans, place.seq)) throw new AppError('not_found', 'no_such_message');
      const first = await messages.entry(place.conversationId, place.seq);
      if (first?.kind !== 'message') throw new AppError('not_found', 'no_such_message');
      if (first.emptied) return { wordings: [] };
      const wordings: Wordings = [{ text: first.body.text, time: first.time }];
      let bytes = 0;
      for await (const entry of targeting(messages, place, spans)) {
        if (entry.kind === 'removal' || (entry.kind === 'edit' && entry.emptied)) return { wordings: [] };
        if (entry.kind !== 'edit') continue;
        wordings.push({ text: entry.body.text, time: entry.time });
        bytes += 3 * entry.body.text.length;
        // The first wording and the last ones say most.
        while (bytes > limits.pageBytes && wordings.length > 2)
          bytes -= 3 * (wordings.splice(1, 1)[0]?.text.length ?? 0);
      }
      return { wordings };
    },
  };
}

const bytes = new TextEncoder();

/** The first of them that one page has room for, at least one. */
function onOnePage(messages: readonly Message[]): Message[] {
  let left: number = limits.pageBytes;
  const end = messages.findIndex((message, i) => {
    left -= bytes.encode(JSON.stringify(message)).length;
    return left < 0 && i > 0;
  });
  return messages.slice(0, end < 0 ? messages.length : end);
}

/** What people say, unlike edits, and unlike notices of what happened. */
export const isSaid = ({ kind }: Entry): boolean => kinds[kind].counts;

/** As `lookAt`. Throws `not_found no_such_message` for what is no message. */
export async function mustBeSaid(messages: MessageLog, place: Place, spans: readonly Span[]): Promise<Message> {
  const message = await lookAt(messages, place, spans);
  if (message === null || !isSaid(message)) throw new AppError('not_found', 'no_such_message');
  return message;
}

/** What stands at a place within the spans, as it is now; null: nothing that has a place in history. */
export async function lookAt(
  messages: MessageLog,
  { conversationId, seq }: Place,
  spans: readonly Span[],
): Promise<Message | null> {
  const ask = { conversationId, before: seq + 1, spans, limit: 1, maxBytes: limits.pageBytes };
  const [message] = (await messages.history(ask)).messages;
  return message?.seq === seq ? message : null;
}

/** All that targets an entry within the spans, in order. */
export async function* targeting(
  messages: MessageLog,
  { conversationId, seq }: Place,
  spans: readonly Span[],
): AsyncGenerator<Entry, void, void> {
  for (let after = 0; ; ) {
    const limit = limits.pageItems;
    const page = await messages.targeting({ conversationId, target: seq, spans, after, limit });
    yield* page;
    if (page.length < limit) return;
    after = page.at(-1)?.seq ?? after;
  }
}
