import type { ConversationItem } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';

/** In place of the field to write in: why there is none. */
export function Closed({ item }: { item: ConversationItem }) {
  const { conversation } = words();
  if (item.conversation.mine.member) {
    return <p class="closed">{item.peer?.gone === true ? conversation.peerGone : conversation.onlyAdmins}</p>;
  }
  return (
    <p class="closed">
      <strong>{conversation.gone}</strong>
      <span>{conversation.goneText}</span>
    </p>
  );
}
