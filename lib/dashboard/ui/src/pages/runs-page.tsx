import { useEffect, useMemo, useState } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import type { CappedCount, RunCountsAnswer, RunRow, RunsAnswer } from '../../../api/dashboard-api.contract.js';
import { useLive } from '../api/live.js';
import { useResource } from '../api/resource.js';
import { usePatientRefresh } from '../api/use-patient-refresh.js';
import { PageHead } from '../app/page-head.js';
import { countWords } from '../components/count-words.js';
import { Empty, Loading, Trouble } from '../components/placeholders.js';
import { now, setDatabaseTime } from '../state/clock.js';
import { filterBody, filterQuery, isFiltered, readFilter, runsPath, type RunFilter } from '../state/run-filter.js';
import { useSelection } from '../state/selection.js';
import { useShortcuts } from '../state/shortcuts.js';
import { BulkBar } from './runs-bulk-bar.js';
import { ColumnChooser } from './runs-columns.js';
import { RunFilterForm } from './runs-filter-form.js';
import { StatusFilter } from './runs-status-filter.js';
import { RunTable } from './runs-table.js';

const PAGE_SIZE = 50;

/** Runs, narrowed to what the address says, newest first, a page at a time; rows on the screen follow the database. */
export function RunsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filter = useMemo(() => readFilter(search), [search]);
  const [round, setRound] = useState(0);
  const body = useMemo(() => filterBody(filter, now.peek()), [filter, round]);
  const query = useMemo(() => filterQuery(body), [body]);
  const page = `runs?${query}&limit=${PAGE_SIZE}${filter.before === '' ? '' : `&before=${encodeURIComponent(filter.before)}`}`;
  const runs = useResource<RunsAnswer>(page, { keep: true });
  const counts = useResource<RunCountsAnswer>(`runs/counts?${query}`, { keep: true });
  usePatientRefresh(counts);
  const { rows, newer } = useLiveRows(query, runs.data, filter.before === '');
  const selection = useSelection(rows, query);

  const narrow = (change: Partial<RunFilter>): void => navigate(runsPath({ ...filter, before: '', ...change }));
  const reload = (): void => {
    setRound((old) => old + 1);
    runs.reload();
    counts.reload();
  };
  const older = runs.data?.next ?? null;
  useShortcuts(useMemo(() => ({ n: () => older !== null && narrow({ before: older }) }), [older, search]));

  return (
    <>
      <PageHead title="Runs" live>
        <ColumnChooser />
      </PageHead>
      <div class="stack">
        <StatusFilter filter={filter} counts={counts.data} narrow={narrow} />
        <RunFilterForm filter={filter} narrow={narrow} />
        {runs.error !== null && <Trouble error={runs.error} retry={reload} />}
        <BulkBar selection={selection} body={body} counts={counts.data} onDone={reload} />
        {newer !== null && newer.count > 0 && (
          <button type="button" class="button newer" onClick={() => (narrow({}), reload())}>
            {countWords(newer)} newer: show {newer.count === 1 ? 'it' : 'them'}
          </button>
        )}
        {runs.data === null ? (
          runs.error === null && <Loading what="runs" />
        ) : rows.length === 0 ? (
          // Nothing is known of a filter whose answer did not come.
          runs.error === null && <NoRuns filtered={isFiltered(filter)} />
        ) : (
          <RunTable rows={rows} selection={selection} />
        )}
        <Pager filter={filter} next={older} narrow={narrow} />
      </div>
    </>
  );
}

function NoRuns({ filtered }: { readonly filtered: boolean }) {
  return (
    <div class="card">
      {filtered ? (
        <Empty title="No run matches">Take something out of the filter to see more.</Empty>
      ) : (
        <Empty title="No runs yet">They show here as soon as the application starts one.</Empty>
      )}
    </div>
  );
}

interface PagerProps {
  readonly filter: RunFilter;
  readonly next: string | null;
  readonly narrow: (change: Partial<RunFilter>) => void;
}

function Pager({ filter, next, narrow }: PagerProps) {
  if (filter.before === '' && next === null) return null;
  return (
    <nav class="row" aria-label="Pages of runs">
      <button type="button" class="button" disabled={filter.before === ''} onClick={() => narrow({})}>
        Newest
      </button>
      <button type="button" class="button" disabled={filter.before === ''} onClick={() => history.back()}>
        Back
      </button>
      <button
        type="button"
        class="button"
        disabled={next === null}
        onClick={() => next !== null && narrow({ before: next })}
      >
        Older
      </button>
    </nav>
  );
}

/** The rows of the answer, each as it is now. */
function useLiveRows(query: string, answer: RunsAnswer | null, first: boolean) {
  const [changed, setChanged] = useState<ReadonlyMap<string, RunRow>>(new Map());
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [newer, setNewer] = useState<CappedCount | null>(null);
  const ids = answer?.runs.map(({ id }) => id).join(',') ?? null;

  useEffect(() => {
    if (answer !== null) setDatabaseTime(answer.now);
    setChanged(new Map());
    setGone(new Set());
    setNewer(null);
  }, [answer]);
  useLive(ids === null ? null : `topic=runs&${query}&ids=${encodeURIComponent(ids)}`, {
    runs: (event) => {
      if (event.changed.length > 0)
        setChanged((old) => new Map([...old, ...event.changed.map((row) => [row.id, row] as const)]));
      if (event.gone.length > 0) setGone((old) => new Set([...old, ...event.gone]));
      setNewer(first ? event.newer : null);
    },
  });
  const rows = useMemo(
    () => (answer?.runs ?? []).filter(({ id }) => !gone.has(id)).map((row) => changed.get(row.id) ?? row),
    [answer, changed, gone],
  );
  return { rows, newer };
}
