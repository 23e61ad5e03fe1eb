import './scheduled.css';
import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import { dayAndTime, words } from '../i18n/language.ts';
import { TimeField } from './time-field.tsx';

const hour = 3_600_000;

interface SendLaterProps {
  /** Answers once it is kept. */
  readonly onChoose: (sendAt: number) => void;
  readonly onClose: () => void;
}

/** When a message is to be sent: one of a few moments, or another. */
export function SendLater({ onChoose, onClose }: SendLaterProps) {
  const { scheduled, common } = words();
  const own = useSignal(nextFullHour(Date.now() + hour));
  const choose = (sendAt: number) => {
    onClose();
    onChoose(sendAt);
  };
  const ahead = own.value - Date.now();
  const fits = ahead > 0 && ahead < limits.scheduledAhead;
  return (
    <form
      class="send-later"
      onSubmit={(event) => {
        event.preventDefault();
        if (fits) choose(own.peek());
      }}
    >
      <h2>{scheduled.title}</h2>
      {momentsFrom(Date.now()).map(({ name, at }) => (
        <button type="button" class="row" key={name} onClick={() => choose(at)}>
          <span class="row-main">{scheduled.moments[name]}</span>
          <span class="soft">{dayAndTime(at)}</span>
        </button>
      ))}
      <div class="send-later-own">
        <TimeField value={own.value} onChange={(time) => (own.value = time)} />
        {!fits && <p class="field-hint">{ahead <= 0 ? scheduled.passed : scheduled.tooFar}</p>}
      </div>
      <div class="sheet-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {common.cancel}
        </button>
        <button type="submit" class="button main" disabled={!fits}>
          {scheduled.schedule}
        </button>
      </div>
    </form>
  );
}

type Moment = { readonly name: 'hour' | 'evening' | 'morning'; readonly at: number };

/** By the person's own clock; the evening only while it is ahead. */
function momentsFrom(now: number): readonly Moment[] {
  const at = (days: number, hours: number) => {
    const date = new Date(now);
    return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hours).getTime();
  };
  const evening = at(0, 19);
  return [
    { name: 'hour', at: now + hour },
    ...(evening > now + hour / 2 ? [{ name: 'evening', at: evening } as const] : []),
    { name: 'morning', at: at(1, 9) },
  ];
}

const nextFullHour = (time: number): number => Math.ceil(time / hour) * hour;
