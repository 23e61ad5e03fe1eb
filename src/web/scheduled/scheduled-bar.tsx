import './scheduled.css';
import { useMemo } from 'preact/hooks';
import type { ConversationId } from '../../protocol/ids.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';

/** Over the field to write in: that something here is still to be sent. */
export function ScheduledBar({ id, onOpen }: { id: ConversationId; onOpen: () => void }) {
  const engine = useEngine();
  const waiting = useMemo(() => engine.scheduled.of(id), [engine, id]).value;
  const { scheduled } = words();
  if (waiting.length === 0) return null;
  const refused = waiting.filter((one) => one.refused !== null).length;
  return (
    <button
      type="button"
      class={refused > 0 ? 'scheduled-bar has-refused' : 'scheduled-bar'}
      aria-haspopup="dialog"
      onClick={onOpen}
    >
      <Icon name={refused > 0 ? 'warning' : 'clock'} size={20} />
      <span class="cut">{refused > 0 ? scheduled.refusedCount(refused) : scheduled.count(waiting.length)}</span>
    </button>
  );
}
