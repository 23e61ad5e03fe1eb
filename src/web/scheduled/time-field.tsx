import { words } from '../i18n/language.ts';

const minuteMs = 60_000;

/** A moment by the person's own clock and calendar. */
export function TimeField({ value, onChange }: { value: number; onChange: (time: number) => void }) {
  const { scheduled } = words();
  return (
    <label class="field">
      <span class="field-label">{scheduled.when}</span>
      <input
        class="input"
        type="datetime-local"
        required
        value={localText(value)}
        onInput={(event) => {
          const time = new Date(event.currentTarget.value).getTime();
          if (!Number.isNaN(time)) onChange(time);
        }}
      />
    </label>
  );
}

function localText(time: number): string {
  const offset = new Date(time).getTimezoneOffset() * minuteMs;
  return new Date(time - offset).toISOString().slice(0, 16);
}
