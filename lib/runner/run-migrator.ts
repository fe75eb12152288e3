import { isRunId } from '../common/ids.js';
import { planFromText, type PlanJson } from '../definition/plan-json.js';
import { relocateRun, type Relocation } from '../definition/relocate-run.js';
import { footprintOfMarks } from '../definition/run-footprint.js';
import { InvalidOptionError, RunNotFoundError } from '../errors/index.js';
import type { Movable, MovableFilter } from '../storage/contract/plan-store.contract.js';
import type { OrderedBy } from '../storage/contract/run-repair.contract.js';
import { assertOptions } from './known-options.js';
import { OrderReporter } from './order-reporter.js';
import { orderedBy } from './ordered-by.js';
import type { MigrateFilter, MigrateOptions, MigrationResult } from './plan-report.interface.js';
import type { RunnerBackend } from './runner-backend.interface.js';
import { referenceOf } from './workflow-reference.js';

/** Read at once: a page takes some milliseconds, and its runs are moved before the next one is read. */
const PAGE = 200;

interface Order {
  readonly target: PlanJson;
  readonly map: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
  readonly by: OrderedBy;
}

/** Moves runs to another version, or to the changed plan of their own; `DurableRunner.migrate` documents it. */
export class RunMigrator {
  private readonly plans = new Map<string, PlanJson>();

  private readonly reports: OrderReporter;

  constructor(private readonly backend: RunnerBackend) {
    this.reports = new OrderReporter(backend);
  }

  async migrate(filter: MigrateFilter, options: MigrateOptions): Promise<readonly MigrationResult[]> {
    assertOptions('migrateFilter', filter);
    assertOptions('migrate', options);
    const by = orderedBy(options);
    const wanted = toMovableFilter(filter);
    await this.backend.ready();
    const target = await this.target(wanted.workflow, options.to);
    const order: Order = { target, map: checkedMap(options.map ?? {}, target), dryRun: options.dryRun === true, by };
    const results: MigrationResult[] = [];
    const queues = new Set<string>();
    for (let after: string | null = null; ;) {
      const page: readonly Movable[] = await this.backend.plans.movable({ ...wanted, after, limit: PAGE });
      for (const run of page) {
        const there = run.version === target.version && run.planHash === target.hash;
        if (!there) results.push(await this.migrateOne(run, wanted.workflow, order, queues));
      }
      if (page.length < PAGE) break;
      after = page[page.length - 1].id;
    }
    for (const queue of queues) this.backend.wakeQueue(queue);
    return results;
  }

  private async migrateOne(
    run: Movable,
    workflow: string,
    order: Order,
    queues: Set<string>,
  ): Promise<MigrationResult> {
    const { target } = order;
    const from = { version: run.version, planHash: run.planHash, currentStep: run.cursor };
    const refused = (...reasons: string[]): MigrationResult => {
      return { runId: run.id, outcome: 'refused', reasons, from, to: null };
    };
    if (run.held) return refused('a worker holds it: call again once it is parked, or pause it first');
    const former = await this.formerPlan(workflow, run);
    if (!former) return refused(`its own plan (${run.planHash.slice(0, 12)}…) is not known here`);
    const { cursor, renames, reasons } = place(run, former, order);
    if (reasons.length > 0) return refused(...reasons);
    const to = { version: target.version, planHash: target.hash, currentStep: cursor };
    if (order.dryRun) return { runId: run.id, outcome: 'movable', reasons: [], from, to };
    const move = { run, to: { version: target.version, planHash: target.hash, cursor }, renames, order: order.by };
    const queue = await this.backend.plans.move(move);
    const accepted = queue !== null;
    this.reports.acted('migrate', { ...order.by, runId: run.id, workflow, accepted });
    if (!accepted) return refused('something happened to it meanwhile: call again');
    queues.add(queue);
    return { runId: run.id, outcome: 'moved', reasons: [], from, to };
  }

  private async target(workflow: string, to: MigrateOptions['to']): Promise<PlanJson> {
    const reference = typeof to === 'number' ? { name: workflow, version: to } : referenceOf(to);
    if (reference.name !== workflow) {
      const expectation = `a version of workflow "${workflow}": a run keeps its workflow`;
      throw new InvalidOptionError('to', to, expectation, { shown: `workflow "${reference.name}"` });
    }
    return this.backend.planOf(reference.name, reference.version);
  }

  /** `null` when it is not stored, or in a format of a later release. Plans never change, so they are kept. */
  private async formerPlan(workflow: string, { version, planHash }: Movable): Promise<PlanJson | null> {
    const key = JSON.stringify([workflow, version, planHash]);
    const known = this.plans.get(key);
    if (known) return known;
    const stored = await this.backend.plans.definition(workflow, version, planHash);
    const plan = stored && planFromText(stored.plan);
    if (plan) this.plans.set(key, plan);
    return plan;
  }
}

function place(run: Movable, former: PlanJson, { target, map }: Order): Relocation {
  const position = { cursor: run.cursor, begun: run.begun, footprint: footprintOfMarks(run.marks) };
  return relocateRun({ former, target, position, compensating: run.status === 'compensating', map });
}

function toMovableFilter(filter: MigrateFilter): Omit<MovableFilter, 'after' | 'limit'> {
  const { workflow, version, planHash, runIds } = filter;
  const reference = referenceOf(workflow);
  for (const id of runIds ?? []) if (!isRunId(id)) throw new RunNotFoundError(String(id));
  return {
    workflow: reference.name,
    version: version ?? reference.version ?? null,
    planHash: planHash ?? null,
    runIds: runIds ?? null,
  };
}

/** A misspelt name would only be noticed as a refusal of every run. */
function checkedMap(map: Readonly<Record<string, string>>, target: PlanJson): Readonly<Record<string, string>> {
  const names = new Set(target.nodes.map(({ name }) => name));
  for (const [former, present] of Object.entries(map)) {
    if (names.has(present)) continue;
    const known = [...names].join(', ');
    throw new InvalidOptionError(`map.${former}`, present, `a node of version ${target.version}: ${known}`);
  }
  return map;
}
