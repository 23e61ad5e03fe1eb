import type { Message, Report } from '../../protocol/models.ts';
import { words } from '../i18n/language.ts';

/** What a reported message says. */
export function textOf(message: Message): string {
  const { conversation, list } = words();
  if (message.emptied) return conversation.removed;
  if (message.kind === 'message') return message.body.text;
  return message.kind === 'poll' ? list.poll(message.body.question) : conversation.updateApp;
}

/** Where it was said. */
export const placeOf = ({ conversation: { kind, title } }: Report): string =>
  kind === 'direct' ? words().reports.directly : title;
