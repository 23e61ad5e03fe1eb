import { useSignal } from '@preact/signals';
import { duration, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Sheet } from '../parts/sheet.tsx';
import { Choice } from '../settings/choice.tsx';

const hour = 3_600_000;
const units = { minute: 60_000, hour, day: 24 * hour, week: 7 * 24 * hour } as const;
type Unit = keyof typeof units;

interface TermSheetProps {
  readonly title: string;
  readonly text: string;
  /** What it says where there is no term. */
  readonly never: string;
  /** Milliseconds; null: none. */
  readonly value: number | null;
  readonly presets: readonly number[];
  readonly bounds: { readonly min: number; readonly max: number };
  readonly onSave: (value: number | null) => Promise<void>;
  readonly onClose: () => void;
}

/** After how long something goes: one of a few, or as people want it. */
export function TermSheet({ title, text, never, value, presets, bounds, onSave, onClose }: TermSheetProps) {
  const { terms, common } = words();
  const isOwn = value !== null && !presets.includes(value);
  const chosen = useSignal<string>(value === null ? 'never' : isOwn ? 'own' : String(value));
  const [unit, count] = ownParts(value);
  const own = useSignal({ unit, count: String(count) });
  const { busy, run } = useAction();
  const ms = () => {
    if (chosen.value === 'never') return null;
    return chosen.value === 'own' ? Number(own.value.count) * units[own.value.unit] : Number(chosen.value);
  };
  const wanted = ms();
  const fits = wanted === null || (Number.isInteger(wanted) && wanted >= bounds.min && wanted <= bounds.max);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!fits) return;
    if (wanted === value) return onClose();
    run(async () => {
      await onSave(wanted);
      onClose();
    });
  };
  return (
    <Sheet label={title} onClose={onClose} kind="question">
      <form onSubmit={submit}>
        <div class="sheet-text term">
          <Choice
            title={title}
            value={chosen.value}
            options={[
              ['never', never],
              ...presets.map((preset) => [String(preset), duration(preset)] as const),
              ['own', terms.own],
            ]}
            onChange={(next) => {
              chosen.value = next;
            }}
          />
          {chosen.value === 'own' && (
            <div class="term-own">
              <input
                class="input"
                type="number"
                inputMode="numeric"
                min={1}
                required
                aria-label={terms.count}
                value={own.value.count}
                onInput={(event) => {
                  own.value = { ...own.peek(), count: event.currentTarget.value };
                }}
              />
              <select
                class="input"
                aria-label={terms.unit}
                value={own.value.unit}
                onChange={(event) => {
                  own.value = { ...own.peek(), unit: event.currentTarget.value as Unit };
                }}
              >
                {(Object.keys(units) as Unit[]).map((name) => (
                  <option key={name} value={name}>
                    {terms.units[name]}
                  </option>
                ))}
              </select>
            </div>
          )}
          <p class="field-hint" role={fits ? undefined : 'alert'}>
            {fits ? text : terms.between(duration(bounds.min), duration(bounds.max))}
          </p>
        </div>
        <div class="sheet-buttons">
          <button type="button" class="button plain" onClick={onClose}>
            {common.cancel}
          </button>
          <button type="submit" class="button main" disabled={busy || !fits}>
            {common.save}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

function ownParts(value: number | null): [Unit, number] {
  if (value === null) return ['day', 2];
  const names = (Object.keys(units) as Unit[]).toReversed();
  const unit = names.find((name) => value % units[name] === 0) ?? 'minute';
  return [unit, Math.max(1, Math.round(value / units[unit]))];
}
