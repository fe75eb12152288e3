/** What a metric is; docs/metrics.md has the same as a table. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

/** Steps take from a microsecond to minutes; runs, from milliseconds to weeks. */
const STEP_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600];
const RUN_SECONDS = [0.01, 0.1, 1, 10, 60, 600, 3600, 21_600, 86_400, 604_800, 2_592_000];
/** A queue that keeps up is below a tenth of a second. */
const DELAY_SECONDS = [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3600];
/** One round trip and one commit. */
const STATEMENT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

const counter = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'counter', help, labels });
const gauge = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'gauge', help, labels });
const histogram = (help: string, buckets: readonly number[], ...labels: string[]): MetricDefinition => {
  return { type: 'histogram', help, labels, buckets };
};

/**
 * Every metric. Counters and histograms are of this process; the gauges `durable_runs` and `durable_due_…` are of the
 * database, so every process says the same: take their maximum, not their sum. Units are in the names.
 */
export const METRICS = {
  durable_runs: gauge('Runs by status; completed ones as the planner of PostgreSQL estimates them', 'status'),
  durable_due_runs: gauge('Due runs of the queue that no worker has taken', 'queue', 'workflow', 'version'),
  durable_due_oldest_seconds: gauge('How long the oldest due run of the queue has waited', 'queue'),
  durable_database_up: gauge('1 while the database answers what the gauges ask'),
  durable_worker_slots: gauge('Runs that the worker of this process may execute at one time'),
  durable_worker_runs: gauge('Runs that the worker of this process holds'),
  durable_worker_lease_left_seconds: gauge('How long the lease of this worker lasts if nothing renews it'),

  durable_runs_started_total: counter('Runs started by this process', 'workflow'),
  durable_runs_ended_total: counter('Runs ended by this process', 'workflow', 'status'),
  durable_run_duration_seconds: histogram(
    'From start to end of a run, waits included',
    RUN_SECONDS,
    'workflow',
    'status',
  ),
  durable_runs_parked_total: counter('Runs that began to wait in the database', 'workflow', 'reason'),
  durable_runs_compensating_total: counter('Runs that began to undo what they did', 'workflow'),
  durable_run_queue_delay_seconds: histogram('From when a run was due to its claim', DELAY_SECONDS, 'workflow'),
  durable_steps_total: counter('Attempts of steps by what came of them', 'workflow', 'step', 'outcome'),
  durable_step_duration_seconds: histogram('Duration of attempts', STEP_SECONDS, 'workflow', 'step', 'outcome'),
  durable_signals_total: counter('Signals sent by this process', 'accepted'),

  durable_flush_batch_size: histogram('Checkpoints in one commit', BATCH_SIZES),
  durable_flush_duration_seconds: histogram('Duration of one commit of checkpoints', STATEMENT_SECONDS),
  durable_claims_total: counter('Times that the database was asked for due runs'),
  durable_claimed_runs_total: counter('Runs that claims brought'),
  durable_claim_duration_seconds: histogram('Duration of one claim', STATEMENT_SECONDS),
  durable_takeovers_total: counter('Dead workers that this one found'),
  durable_taken_over_runs_total: counter('Runs of dead workers that this one made due again'),
  durable_fenced_writes_total: counter('Writes refused because another worker had taken the run', 'workflow'),
  durable_leases_lost_total: counter('Leases that this worker could not renew'),
  durable_operator_actions_total: counter('Orders given through this process', 'action', 'accepted'),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
