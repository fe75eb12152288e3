import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { settledWithin } from '../common/settled-within.js';
import type { DurableEvent, DurableEventName } from '../observability/durable-event.interface.js';
import type { EventBus } from '../observability/event-bus.js';
import type { VitalSigns } from '../observability/vital-signs.js';
import type { DueRuns, StatusCount } from '../storage/contract/vitals.contract.js';
import { METRICS, type MetricDefinition, type MetricName } from './metric-definitions.js';

export type PromClient = typeof import('prom-client');

export interface DurableMetricsParts {
  readonly client: PromClient;
  readonly registry: Registry;
  readonly events: EventBus;
  readonly signs: VitalSigns;
  /** How long what the database said is said again. */
  readonly cacheMs: number;
}

/** Scrapers wait for ten seconds as a rule, and the rest of the metrics is worth having without the database. */
const ASK_LIMIT_MS = 3_000;

type Labels = Record<string, string | number>;

/** The events that metrics are made of: no other is made for them. */
const HEARD: readonly DurableEventName[] = [
  'durable.run.started',
  'durable.run.claimed',
  'durable.run.parked',
  'durable.run.compensating',
  'durable.run.completed',
  'durable.run.failed',
  'durable.run.canceled',
  'durable.run.compensation_failed',
  'durable.step.completed',
  'durable.step.failed',
  'durable.step.undone',
  'durable.signal.received',
  'durable.worker.lease_lost',
  'durable.worker.took_over',
  'durable.worker.fenced',
  'durable.worker.flushed',
  'durable.worker.claimed',
  'durable.operator.acted',
];

/**
 * Metrics of the engine in a registry of prom-client: counters and histograms as things happen, gauges when they are asked
 * for. A database that does not answer takes the gauges that it feeds out of the answer and nothing else.
 *
 * Lifecycle: `start` makes the metrics and listens, `stop` listens no more and takes them out of the registry. Both may be
 * called twice.
 */
export class DurableMetrics {
  private readonly metrics = new Map<MetricName, Counter | Gauge | Histogram>();
  private unsubscribe: (() => void) | null = null;
  private asked: Promise<void> | null = null;
  private askedAt = -Infinity;

  constructor(private readonly parts: DurableMetricsParts) {}

  get registry(): Registry {
    return this.parts.registry;
  }

  start(): void {
    if (this.unsubscribe) return;
    for (const [name, definition] of Object.entries(METRICS)) this.make(name as MetricName, definition);
    const listener = { title: 'DurableMetrics', hear: (event: DurableEvent) => this.hear(event) };
    this.unsubscribe = this.parts.events.listen(listener, HEARD);
  }

  stop(): void {
    this.unsubscribe?.();
    this.unsubscribe = null;
    for (const name of this.metrics.keys()) this.parts.registry.removeSingleMetric(name);
    this.metrics.clear();
  }

  private make(name: MetricName, { type, help, labels, buckets }: MetricDefinition): void {
    const { client, registry } = this.parts;
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'counter') this.metrics.set(name, new client.Counter(options));
    else if (type === 'histogram') this.metrics.set(name, new client.Histogram({ ...options, buckets: [...buckets!] }));
    else this.metrics.set(name, new client.Gauge({ ...options, collect: () => this.look() }));
  }

  private hear(event: DurableEvent): void {
    switch (event.name) {
      case 'durable.run.started':
        return this.count('durable_runs_started_total', { workflow: event.workflow });
      case 'durable.run.claimed':
        return this.observe('durable_run_queue_delay_seconds', event.waitedMs / 1000, { workflow: event.workflow });
      case 'durable.run.parked':
        return this.count('durable_runs_parked_total', { workflow: event.workflow, reason: event.reason });
      case 'durable.run.compensating':
        return this.count('durable_runs_compensating_total', { workflow: event.workflow });
      case 'durable.run.completed':
      case 'durable.run.failed':
      case 'durable.run.canceled':
      case 'durable.run.compensation_failed':
        return this.ended(event.workflow, event.name.slice('durable.run.'.length), event.durationMs);
      case 'durable.step.completed':
        return this.attempted(event, 'completed');
      case 'durable.step.failed':
        return this.attempted(event, event.final ? 'failed' : 'retried');
      case 'durable.step.undone':
        return this.attempted(event, 'undone');
      case 'durable.signal.received':
        return this.count('durable_signals_total', { accepted: String(event.accepted) });
      case 'durable.operator.acted':
        return this.count('durable_operator_actions_total', { action: event.action, accepted: String(event.accepted) });
      default:
        return this.hearWorker(event);
    }
  }

  private hearWorker(event: DurableEvent): void {
    switch (event.name) {
      case 'durable.worker.flushed':
        this.observe('durable_flush_batch_size', event.checkpoints);
        return this.observe('durable_flush_duration_seconds', event.durationMs / 1000);
      case 'durable.worker.claimed':
        this.count('durable_claims_total');
        this.count('durable_claimed_runs_total', {}, event.runs);
        return this.observe('durable_claim_duration_seconds', event.durationMs / 1000);
      case 'durable.worker.took_over':
        this.count('durable_takeovers_total', {}, event.deadWorkers.length);
        return this.count('durable_taken_over_runs_total', {}, event.runs);
      case 'durable.worker.fenced':
        return this.count('durable_fenced_writes_total', { workflow: event.workflow });
      case 'durable.worker.lease_lost':
        return this.count('durable_leases_lost_total');
      default:
    }
  }

  private ended(workflow: string, status: string, durationMs: number): void {
    this.count('durable_runs_ended_total', { workflow, status });
    this.observe('durable_run_duration_seconds', durationMs / 1000, { workflow, status });
  }

  /** Items and iterations are counted under their node: a label for each would be a series for each. */
  private attempted(
    { workflow, step, durationMs }: { readonly workflow: string; readonly step: string; readonly durationMs: number },
    outcome: string,
  ): void {
    const labels = { workflow, step: step.replace(/#\d+/, ''), outcome };
    this.count('durable_steps_total', labels);
    this.observe('durable_step_duration_seconds', durationMs / 1000, labels);
  }

  private count(name: MetricName, labels: Labels = {}, by = 1): void {
    (this.metrics.get(name) as Counter).inc(labels, by);
  }

  private observe(name: MetricName, value: number, labels: Labels = {}): void {
    (this.metrics.get(name) as Histogram).observe(labels, value);
  }

  private gauge(name: MetricName): Gauge {
    return this.metrics.get(name) as Gauge;
  }

  /** Every gauge asks; the database is asked once for all of them, and not again for a while. Never rejects. */
  private look(): Promise<void> {
    this.lookAtWorker();
    const now = performance.now();
    if (this.asked === null || now - this.askedAt >= this.parts.cacheMs) {
      this.askedAt = now;
      this.asked = this.ask();
    }
    return this.asked;
  }

  private lookAtWorker(): void {
    const worker = this.parts.signs.worker();
    if (worker === null) return;
    this.gauge('durable_worker_slots').set(worker.slots);
    this.gauge('durable_worker_runs').set(worker.runs);
    this.gauge('durable_worker_lease_left_seconds').set(worker.leaseLeftMs / 1000);
  }

  private async ask(): Promise<void> {
    const { signs } = this.parts;
    let answers: readonly [readonly StatusCount[], readonly DueRuns[]] | null = null;
    const asking = Promise.all([signs.counts(), signs.due()]).then((all) => (answers = all));
    if (!(await settledWithin(asking, ASK_LIMIT_MS))) answers = null;
    this.show(answers);
  }

  private show(answers: readonly [readonly StatusCount[], readonly DueRuns[]] | null): void {
    const { signs } = this.parts;
    if (this.unsubscribe === null) return; // stopped meanwhile
    for (const name of ['durable_runs', 'durable_due_runs', 'durable_due_oldest_seconds'] as const)
      this.gauge(name).reset();
    this.gauge('durable_database_up').set(answers === null ? 0 : 1);
    if (answers === null) return;
    const [counts, due] = answers;
    for (const { status, runs } of counts) this.gauge('durable_runs').set({ status }, runs);
    const { queue } = signs;
    for (const { workflow, version, runs } of due) {
      this.gauge('durable_due_runs').set({ queue, workflow, version: String(version) }, runs);
    }
    const oldestMs = due.reduce((most, lane) => Math.max(most, lane.oldestMs), 0);
    this.gauge('durable_due_oldest_seconds').set({ queue }, oldestMs / 1000);
  }
}
