import '../new/new.css';
import '../settings/settings.css';
import './reports.css';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ReportId } from '../../protocol/ids.ts';
import type { Report } from '../../protocol/models.ts';
import { useEngine } from '../engine-context.ts';
import { momentAgo, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Bar } from '../parts/bar.tsx';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { isolated, nameOf } from '../parts/name.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { paths } from '../routing/route.ts';
import { Choice } from '../settings/choice.tsx';
import { ReportDetail } from './report-detail.tsx';
import { placeOf, textOf } from './report-text.ts';

/** What people reported: the list, or one of them. For those who moderate. */
export function ReportsScreen({ id }: { id: ReportId | null }) {
  const { reports } = words();
  return (
    <main class="pane main-pane">
      <Bar
        key={id}
        title={id === null ? reports.list : reports.one}
        above={id === null ? paths.settings() : paths.reports()}
      />
      <div class="scroll">
        <div class="column">{id === null ? <List /> : <ReportDetail key={id} id={id} />}</div>
      </div>
    </main>
  );
}

type Which = 'open' | 'resolved';

function List() {
  const engine = useEngine();
  const { reports, common } = words();
  const which = useSignal<Which>('open');
  const found = useSignal<readonly Report[] | null>(null);
  const more = useSignal(false);
  const problem = useSignal<string | null>(null);
  const { busy, run } = useAction((text) => (problem.value = text));
  const load = async (state: Which, after: ReportId | null) => {
    const page = await engine.reports.list(state, after);
    if (which.peek() !== state) return;
    found.value = after === null ? page.reports : [...(found.peek() ?? []), ...page.reports];
    more.value = page.more;
    problem.value = null;
  };
  useEffect(() => {
    found.value = null;
    load(which.peek(), null).catch((cause: unknown) => (problem.value = failureText(cause)));
  }, [which.value]);
  return (
    <>
      <div class="reports-choice">
        <Choice
          title={reports.list}
          value={which.value}
          options={[
            ['open', reports.open],
            ['resolved', reports.settled],
          ]}
          onChange={(value) => (which.value = value)}
        />
      </div>
      {problem.value !== null && (
        <div class="problem-place">
          <Problem>{problem.value}</Problem>
        </div>
      )}
      {found.value === null && problem.value === null && <Skeleton rows={4} />}
      {found.value?.length === 0 && (
        <Notice icon="flag" title={which.value === 'open' ? reports.noneOpen : reports.noneSettled}>
          {which.value === 'open' && <p>{reports.noneOpenText}</p>}
        </Notice>
      )}
      <ul>
        {found.value?.map((report) => (
          <li key={report.reportId}>
            <ReportRow report={report} />
          </li>
        ))}
      </ul>
      {more.value && (
        <button
          type="button"
          class="button plain wide"
          disabled={busy}
          onClick={() => run(() => load(which.peek(), found.peek()?.at(-1)?.reportId ?? null))}
        >
          {common.more}
        </button>
      )}
    </>
  );
}

function ReportRow({ report }: { report: Report }) {
  const { reports } = words();
  return (
    <a class="row report-row" href={paths.reports(report.reportId)}>
      <Icon name={report.resolved === null ? 'flag' : 'check'} />
      <span class="row-main">
        <span class="report-line">
          <span class="report-reason">{reports.reasons[report.reason]}</span>
          <time class="row-more">{momentAgo(report.at)}</time>
        </span>
        <span class="report-text cut" dir="auto">
          {textOf(report.message).slice(0, 200)}
        </span>
        <span class="row-more cut">
          {reports.by(isolated(nameOf(report.author)))} · <bdi>{placeOf(report)}</bdi>
        </span>
      </span>
      <Icon name="forward" size={20} />
    </a>
  );
}
