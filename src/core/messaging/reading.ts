import type { Platform } from '../../ports/platform.ts';
import { limits } from '../../protocol/limits.ts';
import type { Span } from '../../protocol/models.ts';
import { type Handlers, person } from '../call.ts';
import { type RulesCache, spansOf } from './rules.ts';

/** The two reads of a log: entries themselves, and messages as they are now. Both cut to what the person may read. */
export function makeReading({
  messages,
  rules,
}: Pick<Platform, 'messages'> & { rules: RulesCache }): Pick<
  Handlers,
  'conversation.entries' | 'conversation.history'
> {
  return {
    'conversation.entries': async ({ conversationId, after, limit }, call) => {
      const spans = spansOf(await rules.get(conversationId), person(call).userId);
      const page = await messages.entries({ conversationId, after, spans, limit, maxBytes: limits.pageBytes });
      return { entries: [...page.entries], more: page.more, head: visibleHead(spans, page.head) };
    },
    'conversation.history': async ({ conversationId, before, limit }, call) => {
      const spans = spansOf(await rules.get(conversationId), person(call).userId);
      const page = await messages.history({ conversationId, before, spans, limit, maxBytes: limits.pageBytes });
      const asOf = visibleHead(spans, page.asOf);
      const from = page.more ? (page.messages[0]?.seq ?? 1) : 1;
      const to = before === null ? asOf : Math.min(asOf, before - 1);
      return { messages: [...page.messages], asOf, more: page.more, hidden: gaps(spans, from, to) };
    },
  };
}

/** The head as far as these spans reach: somebody who left learns nothing of what came later. */
export function visibleHead(spans: readonly Span[], head: number): number {
  const last = spans.at(-1);
  return last ? Math.min(head, last.to ?? head) : 0;
}

/** What of `from`…`to` the spans leave out. Spans are in order and do not overlap. */
export function gaps(spans: readonly Span[], from: number, to: number): { from: number; to: number }[] {
  const left: { from: number; to: number }[] = [];
  let next = from;
  for (const span of spans) {
    if (span.from > next) left.push({ from: next, to: Math.min(span.from - 1, to) });
    next = Math.max(next, (span.to ?? to) + 1);
    if (next > to) break;
  }
  if (next <= to) left.push({ from: next, to });
  return left.filter((gap) => gap.from <= gap.to);
}
