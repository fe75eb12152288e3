import type { WorkerView } from '../../../api/dashboard-api.contract.js';
import { formatDuration } from '../components/format-time.js';
import { Icon } from '../components/icon.js';
import { Empty } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';

/** Who works, how busy, and when it was last heard of. */
export function WorkerLoads({ workers }: { readonly workers: readonly WorkerView[] }) {
  if (workers.length === 0) {
    return <Empty title="No worker is alive">Runs are kept, and go on once one is started.</Empty>;
  }
  return (
    <ul class="list">
      {workers.map((worker) => (
        <li key={worker.id} class="list-row">
          <span class="list-main">
            <span>
              <SafeText text={worker.name} max={60} />
            </span>
            <span class="muted small">
              queue <SafeText text={worker.queue} />, heard of {formatDuration(worker.heartbeatAgeMs)} ago
            </span>
          </span>
          <WorkerState state={worker.state} />
          <Load held={worker.held} slots={worker.slots} />
        </li>
      ))}
    </ul>
  );
}

export function WorkerState({ state }: { readonly state: WorkerView['state'] }) {
  return (
    <span class="badge" data-tone={state === 'alive' ? 'done' : 'failed'}>
      <Icon name={state === 'alive' ? 'done' : 'warning'} />
      {state}
    </span>
  );
}

/** Runs that it holds, of those that it could. */
export function Load({ held, slots }: { readonly held: number; readonly slots: number }) {
  const share = slots === 0 ? 0 : held / slots;
  return (
    <span class="load" data-tone={share >= 1 ? 'compensating' : 'running'}>
      <span class="number">
        <span class="visually-hidden">holds </span>
        {held} / {slots}
        <span class="visually-hidden"> runs</span>
      </span>
      <span class="track">
        <span class="fill" style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
    </span>
  );
}
