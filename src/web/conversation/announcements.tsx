import { useRef } from 'preact/hooks';
import type { OpenConversation } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { nameOf } from '../parts/name.tsx';

/** Says what others write to those who do not see it, in turn and without interrupting. */
export function Announcements({ open }: { open: OpenConversation }) {
  const { conversation } = words();
  const last = open.atEnd.value ? open.messages.value.at(-1) : undefined;
  const from = useRef(last?.time ?? Date.now());
  const fresh =
    last !== undefined &&
    !last.mine &&
    !last.blocked &&
    (last.message?.kind === 'message' || last.poll !== null) &&
    last.time > from.current;
  return (
    <p class="hidden-visually" aria-live="polite" aria-atomic="true">
      {fresh ? conversation.said(nameOf(last.sender), last.text.slice(0, 500)) : ''}
    </p>
  );
}
