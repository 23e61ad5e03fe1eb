import './apart.css';
import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import type { Report } from '../../protocol/models.ts';
import type { OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { Icon } from '../parts/icon.tsx';
import { isolated, nameOf } from '../parts/name.tsx';
import { Choice } from '../settings/choice.tsx';
import { Quoted } from './quoted.tsx';

interface ReportFormProps {
  readonly open: OpenConversation;
  readonly shown: ShownMessage;
  readonly onClose: () => void;
}

type Reason = Report['reason'];
const reasons: readonly Reason[] = ['spam', 'harassment', 'violence', 'illegal', 'other'];

/** Tells the moderators of a message: why, and what they should know. */
export function ReportForm({ open, shown, onClose }: ReportFormProps) {
  const engine = useEngine();
  const { reports } = words();
  const reason = useSignal<Reason>('harassment');
  const note = useSignal('');
  const blocks = useSignal(false);
  const told = useSignal(false);
  const attempt = useAttempt();
  const { seq, sender } = shown;
  const name = isolated(nameOf(sender));
  const submit = (event: Event) => {
    event.preventDefault();
    const conversation = open.item.peek()?.conversation;
    if (seq === null || conversation === undefined) return;
    attempt.run(async () => {
      const { conversationId } = conversation;
      await engine.reports.create({ conversationId, seq, reason: reason.peek(), note: note.peek().trim() });
      if (blocks.peek() && sender !== null) engine.people.block(sender.userId, true);
      told.value = true;
    });
  };
  if (told.value) return <Thanks onClose={onClose} />;
  return (
    <form class="report-form" onSubmit={submit}>
      <h2>{reports.title}</h2>
      <Quoted text={shown.text} />
      <Choice
        title={reports.reason}
        value={reason.value}
        options={reasons.map((one) => [one, reports.reasons[one]] as const)}
        onChange={(value) => (reason.value = value)}
      />
      <label class="field">
        <span class="field-label">{reports.note}</span>
        <textarea
          class="input report-note"
          name="note"
          rows={2}
          dir="auto"
          maxLength={limits.reportNoteLength}
          value={note.value}
          onInput={(event) => (note.value = event.currentTarget.value)}
        />
      </label>
      {sender !== null && !engine.blocks.value.has(sender.userId) && (
        <label class="report-check">
          <input
            type="checkbox"
            name="block"
            checked={blocks.value}
            onChange={(event) => (blocks.value = event.currentTarget.checked)}
          />
          <span>{reports.alsoBlock(name)}</span>
        </label>
      )}
      <p class="field-hint">{reports.sees(name)}</p>
      <Submit attempt={attempt}>{reports.send}</Submit>
      <button type="button" class="button plain wide" onClick={onClose}>
        {words().common.cancel}
      </button>
    </form>
  );
}

function Thanks({ onClose }: { onClose: () => void }) {
  const { reports, common } = words();
  return (
    <div class="report-form report-thanks" role="status">
      <Icon name="check" size={48} />
      <h2>{reports.thanks}</h2>
      <p class="soft">{reports.thanksText}</p>
      {/* biome-ignore lint/a11y/noAutofocus: the form that had the focus is gone */}
      <button type="button" class="button main wide" autoFocus onClick={onClose}>
        {common.done}
      </button>
    </div>
  );
}
