import './scheduled.css';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { ScheduledMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { dayAndTime, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { TimeField } from './time-field.tsx';

/** What is still to be sent in a conversation; it closes with the last one. */
export function ScheduledList({ id, onClose }: { id: ConversationId; onClose: () => void }) {
  const engine = useEngine();
  const { scheduled } = words();
  const waiting = useMemo(() => engine.scheduled.of(id), [engine, id]).value;
  const changing = useSignal<string | null>(null);
  useEffect(() => {
    if (waiting.length === 0) onClose();
  }, [waiting.length]);
  const changed = waiting.find(({ clientId }) => clientId === changing.value);
  if (changed !== undefined) return <Change one={changed} onDone={() => (changing.value = null)} />;
  return (
    <div class="scheduled-list">
      <h2>{scheduled.list}</h2>
      <ul>
        {waiting.map((one) => (
          <Waiting key={one.clientId} one={one} onChange={() => (changing.value = one.clientId)} />
        ))}
      </ul>
    </div>
  );
}

function Waiting({ one, onChange }: { one: ScheduledMessage; onChange: () => void }) {
  const engine = useEngine();
  const { scheduled } = words();
  const { busy, run } = useAction();
  return (
    <li class="scheduled-one">
      <p class="scheduled-when soft">
        <Icon name={one.refused === null ? 'clock' : 'warning'} size={16} />
        <time dir="auto">{dayAndTime(one.sendAt)}</time>
      </p>
      <p class="scheduled-text" dir="auto">
        {one.text}
      </p>
      {one.refused !== null && (
        <p class="scheduled-refused">{scheduled.refused(failureText(new AppError('forbidden', one.refused)))}</p>
      )}
      <div class="scheduled-ways">
        <button
          type="button"
          class="button plain"
          disabled={busy}
          onClick={() => run(() => engine.scheduled.sendNow(one.clientId))}
        >
          {scheduled.sendNow}
        </button>
        <button type="button" class="button plain" disabled={busy} onClick={onChange}>
          {scheduled.change}
        </button>
        <button
          type="button"
          class="button plain danger"
          disabled={busy}
          onClick={() => run(() => engine.scheduled.cancel(one.clientId))}
        >
          {scheduled.cancel}
        </button>
      </div>
    </li>
  );
}

function Change({ one, onDone }: { one: ScheduledMessage; onDone: () => void }) {
  const engine = useEngine();
  const { scheduled, common, composer } = words();
  const text = useSignal(one.text);
  const sendAt = useSignal(one.sendAt);
  const { busy, run } = useAction();
  const ahead = sendAt.value - Date.now();
  const fits = text.value.trim() !== '' && ahead > 0 && ahead < limits.scheduledAhead;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!fits) return;
    run(async () => {
      await engine.scheduled.change(one.clientId, { text: text.peek().trim(), sendAt: sendAt.peek() });
      onDone();
    });
  };
  return (
    <form class="scheduled-change" onSubmit={submit}>
      <h2>{scheduled.change}</h2>
      <label class="field">
        <span class="field-label">{composer.placeholder}</span>
        <textarea
          class="input"
          rows={4}
          dir="auto"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <TimeField value={sendAt.value} onChange={(time) => (sendAt.value = time)} />
      {(ahead <= 0 || ahead >= limits.scheduledAhead) && (
        <p class="field-hint">{ahead <= 0 ? scheduled.passed : scheduled.tooFar}</p>
      )}
      <div class="sheet-buttons">
        <button type="button" class="button plain" onClick={onDone}>
          {common.cancel}
        </button>
        <button type="submit" class="button main" disabled={busy || !fits}>
          {common.save}
        </button>
      </div>
    </form>
  );
}
