import { useState } from 'preact/hooks';
import type { OverviewAnswer, OverviewWindow } from '../../../api/dashboard-api.contract.js';
import { useLive } from '../api/live.js';
import { useResource } from '../api/resource.js';
import { PageHead } from '../app/page-head.js';
import { Card } from '../components/card.js';
import { Loading, Trouble } from '../components/placeholders.js';
import { ThroughputChart } from '../components/throughput-chart.js';
import { useDatabaseTime } from '../state/clock.js';
import { FailureGroups, NewestFailures, OldestDue } from './overview-failures.js';
import { StatusTiles } from './overview-statuses.js';
import { ThroughputTable } from './overview-throughput.js';
import { WaitingBars } from './overview-waiting.js';
import { WorkerLoads } from './overview-workers.js';

const WINDOWS: readonly OverviewWindow[] = ['15m', '1h', '6h', '24h', '7d'];

/** What is going on: by status, over time, what fails, what waits, and who works. */
export function OverviewPage() {
  const [window, setWindow] = useState<OverviewWindow>('1h');
  const { data, error, reload, put } = useResource<OverviewAnswer>(`overview?window=${window}`, { keep: true });
  useLive(`topic=overview&window=${window}`, { overview: put });
  useDatabaseTime(data);
  return (
    <>
      <PageHead title="Overview" live>
        <div class="segments" role="group" aria-label="Time window">
          {WINDOWS.map((each) => (
            <button type="button" key={each} aria-pressed={each === window} onClick={() => setWindow(each)}>
              {each}
            </button>
          ))}
        </div>
      </PageHead>
      {error !== null && <Trouble error={error} retry={reload} />}
      {data === null ? error === null && <Loading what="the overview" /> : <OverviewBody overview={data} />}
    </>
  );
}

function OverviewBody({ overview }: { readonly overview: OverviewAnswer }) {
  const { throughput, completeSince } = overview;
  return (
    <div class="stack">
      <StatusTiles overview={overview} />
      <div class="overview-grid">
        <div class="stack">
          <Card title="Throughput" aside={<Rate perSecond={throughput.lastMinute} />}>
            <figure class="stack tight">
              <ThroughputChart overview={overview} />
              <figcaption class="row apart">
                <ThroughputLegend />
                {completeSince !== null && <span class="muted small">of the newest runs only</span>}
              </figcaption>
              <ThroughputTable overview={overview} />
            </figure>
          </Card>
          <Card title="Failures" flush>
            <FailureGroups overview={overview} />
            <NewestFailures overview={overview} />
          </Card>
        </div>
        <div class="stack">
          <Card title="Waiting, by reason">
            <WaitingBars overview={overview} />
            <OldestDue overview={overview} />
          </Card>
          <Card title="Workers" flush>
            <WorkerLoads workers={overview.workers} />
          </Card>
        </div>
      </div>
    </div>
  );
}

function Rate({ perSecond }: { readonly perSecond: number }) {
  return (
    <span class="muted small">
      {perSecond < 10 ? perSecond.toFixed(2) : Math.round(perSecond)} completed a second, in the last minute
    </span>
  );
}

function ThroughputLegend() {
  return (
    <ul class="legend">
      {(['completed', 'canceled', 'failed'] as const).map((tone) => (
        <li key={tone} data-tone={tone}>
          <span class="chart-key" />
          {tone}
        </li>
      ))}
      <li>
        <span class="chart-key started" />
        started
      </li>
    </ul>
  );
}
