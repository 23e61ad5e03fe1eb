import './terms.css';
import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { duration, words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import { TermSheet } from './term-sheet.tsx';

const hour = 3_600_000;
const day = 24 * hour;
const disappearPresets = [hour, day, 7 * day, 28 * day];
const keepPresets = [7 * day, 30 * day, 90 * day, 365 * day];

/** After how long what is written here disappears, for those who decide it. */
export function DisappearingRow({ item }: { item: ConversationItem }) {
  const engine = useEngine();
  const { terms } = words();
  const open = useSignal(false);
  const { conversationId, settings } = item.conversation;
  const { disappearAfter } = settings;
  return (
    <>
      <Row
        icon="timer"
        title={terms.disappearing}
        value={disappearAfter === null ? terms.off : duration(disappearAfter)}
        onClick={() => (open.value = true)}
      />
      {open.value && (
        <TermSheet
          title={terms.disappearing}
          text={terms.disappearingText}
          never={terms.off}
          value={disappearAfter}
          presets={disappearPresets}
          bounds={limits.disappearAfter}
          onSave={(next) => engine.groups.setSettings(conversationId, { disappearAfter: next })}
          onClose={() => (open.value = false)}
        />
      )}
    </>
  );
}

/** How long what is written here is kept. */
export function KeepingRow({ item }: { item: ConversationItem }) {
  const engine = useEngine();
  const { terms } = words();
  const open = useSignal(false);
  const { conversationId, settings } = item.conversation;
  const { keepFor } = settings;
  return (
    <>
      <Row
        icon="clock"
        title={terms.keeping}
        value={keepFor === null ? terms.forever : duration(keepFor)}
        onClick={() => (open.value = true)}
      />
      {open.value && (
        <TermSheet
          title={terms.keeping}
          text={terms.keepingText}
          never={terms.forever}
          value={keepFor}
          presets={keepPresets}
          bounds={limits.keepFor}
          onSave={(next) => engine.groups.setSettings(conversationId, { keepFor: next })}
          onClose={() => (open.value = false)}
        />
      )}
    </>
  );
}

interface RowProps {
  readonly icon: 'timer' | 'clock';
  readonly title: string;
  readonly value: string;
  readonly onClick: () => void;
}

function Row({ icon, title, value, onClick }: RowProps) {
  return (
    <button type="button" class="row" aria-haspopup="dialog" onClick={onClick}>
      <Icon name={icon} />
      <span class="row-main">{title}</span>
      <span class="term-value soft">{value}</span>
    </button>
  );
}
