import type { WorkersAnswer, WorkerView } from '../../../api/dashboard-api.contract.js';
import { useResource } from '../api/resource.js';
import { useRefresh } from '../api/use-refresh.js';
import { PageHead } from '../app/page-head.js';
import { Card } from '../components/card.js';
import { countWords } from '../components/count-words.js';
import { formatCount, plural } from '../components/format-text.js';
import { formatDuration } from '../components/format-time.js';
import { Icon } from '../components/icon.js';
import { Empty, Loading, Trouble } from '../components/placeholders.js';
import { WorkflowName } from '../components/run-link.js';
import { SafeText } from '../components/safe-text.js';
import { Lasted } from '../components/times.js';
import { useDatabaseTime } from '../state/clock.js';
import { Load, WorkerState } from './overview-workers.js';

/** Who executes runs, and what nobody would execute. */
export function WorkersPage() {
  const { data, error, reload } = useResource<WorkersAnswer>('workers', { keep: true });
  useDatabaseTime(data);
  useRefresh(reload);
  return (
    <>
      <PageHead title="Workers">
        {data !== null && <span class="muted">{plural(data.workers.length, 'worker')}</span>}
      </PageHead>
      {error !== null && <Trouble error={error} retry={reload} />}
      {data === null ? (
        error === null && <Loading what="workers" />
      ) : (
        <div class="stack">
          <Unserved answer={data} />
          {data.workers.length === 0 ? (
            <Empty title="No worker is alive">Runs are kept, and go on once one is started.</Empty>
          ) : (
            <ul class="columns worker-grid">
              {data.workers.map((worker) => (
                <li key={worker.id}>
                  <WorkerCard worker={worker} />
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </>
  );
}

function Unserved({ answer }: { readonly answer: WorkersAnswer }) {
  if (answer.unserved.length === 0) return null;
  return (
    <div class="notice" data-tone="failed" role="alert">
      <Icon name="warning" />
      <div>
        <strong>Due, and no living worker would take them:</strong>
        <ul class="effects">
          {answer.unserved.map((each) => (
            <li key={`${each.queue} ${each.workflowName} ${each.version}`}>
              {countWords(each)} of <WorkflowName name={each.workflowName} version={each.version} /> in queue{' '}
              <SafeText text={each.queue} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function WorkerCard({ worker }: { readonly worker: WorkerView }) {
  return (
    <Card title={worker.name} aside={<WorkerState state={worker.state} />}>
      <div class="stack">
        <Load held={worker.held} slots={worker.slots} />
        <dl class="facts">
          <dt>Holds</dt>
          <dd>
            {formatCount(worker.held)} of the {plural(worker.slots, 'run')} that it can
          </dd>
          <dt>Heard of</dt>
          <dd>{formatDuration(worker.heartbeatAgeMs)} ago</dd>
          <dt>Up for</dt>
          <dd>
            <Lasted from={worker.startedAt} to={null} />
          </dd>
          <dt>Queue</dt>
          <dd>
            <SafeText text={worker.queue} />
          </dd>
          <dt>Host</dt>
          <dd>
            <SafeText text={worker.host} />, process {worker.pid}
          </dd>
          <dt>Executes</dt>
          <dd class="row tight">
            {worker.workflows.map((name) => (
              <span class="tag" key={name}>
                <SafeText text={name} />
              </span>
            ))}
          </dd>
        </dl>
      </div>
    </Card>
  );
}
