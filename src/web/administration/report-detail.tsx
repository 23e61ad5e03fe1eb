import './reports.css';
import { useSignal } from '@preact/signals';
import type { ReportId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Profile, Report } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { Quoted } from '../apart/quoted.tsx';
import { useEngine } from '../engine-context.ts';
import { fullTime, words } from '../i18n/language.ts';
import { Person } from '../new/person-row.tsx';
import { useAttempt } from '../parts/attempt.tsx';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { isolated, nameOf } from '../parts/name.tsx';
import { Problem } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { say } from '../parts/toast.tsx';
import { goBack } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import '../settings/settings.css';
import { placeOf, textOf } from './report-text.ts';

/** One report: what was said, by whom, who tells of it; and what it comes to. */
export function ReportDetail({ id }: { id: ReportId }) {
  const engine = useEngine();
  const [loaded, again] = useLoaded(() => engine.reports.show(id), [id]);
  if (loaded.state === 'loading') return <Skeleton rows={5} />;
  if (loaded.state === 'failed') {
    return (
      <div class="report-block">
        <Problem>{failureText(loaded.cause)}</Problem>
        <button type="button" class="button" onClick={again}>
          {words().common.tryAgain}
        </button>
      </div>
    );
  }
  const { report } = loaded.value;
  return (
    <>
      <WhatWasSaid {...loaded.value} />
      <People report={report} />
      {report.resolved === null ? (
        <Settle report={report} removed={loaded.value.removed} onChanged={again} />
      ) : (
        <Outcome resolved={report.resolved} />
      )}
    </>
  );
}

function WhatWasSaid({ report, removed, now }: Output<'report.show'>) {
  const { reports } = words();
  const before = textOf(report.message);
  const present = now == null || removed ? null : textOf(now);
  return (
    <section class="report-block">
      <h2 class="report-title">{reports.reasons[report.reason]}</h2>
      {present !== null && present !== before && (
        <>
          <h3 class="field-label">{reports.asNow}</h3>
          <Quoted text={present} />
          <h3 class="field-label">{reports.asReported}</h3>
        </>
      )}
      <Quoted text={before} />
      {removed && <p class="soft">{reports.removed}</p>}
      <dl class="settings-facts">
        <dt>{reports.where}</dt>
        <dd>
          <bdi>{placeOf(report)}</bdi>
        </dd>
        <dt>{reports.when}</dt>
        <dd>{fullTime(report.message.time)}</dd>
      </dl>
    </section>
  );
}

function People({ report }: { report: Report }) {
  const { reports } = words();
  return (
    <>
      <h2 class="section-title">{reports.author}</h2>
      <PersonRow person={report.author} />
      <h2 class="section-title">{reports.reporter}</h2>
      <PersonRow person={report.reporter} />
      {report.note !== '' && (
        <div class="report-block">
          <h3 class="field-label">{reports.said}</h3>
          <Quoted text={report.note} />
        </div>
      )}
    </>
  );
}

const PersonRow = ({ person }: { person: Profile }) => (
  <div class="row">
    <Person person={person} />
  </div>
);

interface SettleProps {
  readonly report: Report;
  readonly removed: boolean;
  readonly onChanged: () => void;
}

function Settle({ report, removed, onChanged }: SettleProps) {
  const engine = useEngine();
  const { reports } = words();
  const note = useSignal('');
  const remove = useSignal(false);
  const attempt = useAttempt();
  const { busy, problem, wait } = attempt;
  const settle = (outcome: 'acted' | 'dismissed') => () =>
    attempt.run(async () => {
      const { reportId } = report;
      const removing = outcome === 'acted' && remove.peek() ? { remove: true } : {};
      await engine.reports.resolve({ reportId, outcome, note: note.peek().trim(), ...removing });
      say(reports.done);
      onChanged();
      goBack(paths.reports());
    });
  return (
    <section class="report-block" aria-label={reports.settle}>
      <h2 class="report-title">{reports.settle}</h2>
      <label class="field">
        <span class="field-label">{reports.settleNote}</span>
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
      {!removed && (
        <label class="report-check">
          <input
            type="checkbox"
            name="remove"
            checked={remove.value}
            onChange={(event) => (remove.value = event.currentTarget.checked)}
          />
          <span>
            {reports.remove}
            <span class="row-more report-hint">{reports.removeText}</span>
          </span>
        </label>
      )}
      {problem !== null && <Problem>{problem}</Problem>}
      <button type="button" class="button main wide" disabled={busy || wait > 0} onClick={settle('acted')}>
        {remove.value ? reports.remove : reports.act}
      </button>
      {!remove.value && (
        <button type="button" class="button wide" disabled={busy || wait > 0} onClick={settle('dismissed')}>
          {reports.dismiss}
        </button>
      )}
    </section>
  );
}

function Outcome({ resolved }: { resolved: NonNullable<Report['resolved']> }) {
  const { reports } = words();
  const by = resolved.by === null ? reports.host : isolated(nameOf(resolved.by));
  return (
    <section class="report-block" aria-label={reports.settled}>
      <h2 class="report-title">{reports.outcomes[resolved.outcome]}</h2>
      <p class="soft">{reports.settledBy(by, fullTime(resolved.at))}</p>
      {resolved.note !== '' && <Quoted text={resolved.note} />}
    </section>
  );
}
