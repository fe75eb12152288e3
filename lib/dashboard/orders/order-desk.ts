import { Logger } from '@nestjs/common';
import { DurableError, RunNotRetryableError, RunNotSkippableError } from '../../errors/index.js';
import type { DurableRunner } from '../../runner/durable-runner.js';
import type { Accepted } from '../../runner/run-options.interface.js';
import type { DashboardStore } from '../../storage/contract/dashboard-store.contract.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { Viewer } from '../access/viewer.js';
import type { ActionAnswer, PreviewAnswer, RunAction, WorkflowActionAnswer } from '../api/dashboard-api.contract.js';
import type { DashboardAuditEntry } from '../dashboard.options.js';
import { DashboardRefusal } from '../http/dashboard-refusal.js';
import { whyNot } from '../read/offered-actions.js';
import type { PlanCache } from '../read/plan-cache.js';
import { toRunRow } from '../read/run-view.js';
import type { RunsReader } from '../read/runs.reader.js';
import type { Order } from './order-body.js';
import { fingerprintOf, previewOf, refusedSignal } from './order-preview.js';

/** Units and children that a preview looks at; as many as the picture of a run shows. */
const MARKS = 5_000;
const CHILDREN = 100;
/** Where nothing says who it is, the audit trail says at least from where. */
const NOBODY = 'dashboard';

const TOLERANT: ReadonlySet<RunAction> = new Set(['signal', 'pause', 'unpause', 'cancel']);

export interface OrderDeskParts {
  readonly runner: DurableRunner;
  readonly store: DashboardStore;
  readonly plans: PlanCache;
  readonly runs: RunsReader;
  readonly audit: ((entry: DashboardAuditEntry) => void | Promise<void>) | null;
}

/** Gives the orders of people to runs, in their name, and says before what an order would do. */
export class OrderDesk {
  private readonly logger = new Logger('DurableDashboard');

  constructor(private readonly parts: OrderDeskParts) {}

  /** @throws DashboardRefusal */
  async preview(id: string, order: Order, viewer: Viewer): Promise<PreviewAnswer> {
    const run = await this.runFor(id, order, viewer);
    const [plan, marks, children, refusal] = await Promise.all([
      this.parts.plans.of(run),
      this.parts.store.marks(id, MARKS),
      this.parts.store.search({ parentId: id }, CHILDREN),
      this.refusalOf(order, run),
    ]);
    return previewOf(order, { run, plan, marks, children, refusal });
  }

  /**
   * @param fingerprint that of the preview which was confirmed.
   * @throws DashboardRefusal
   */
  async give(id: string, order: Order, fingerprint: unknown, viewer: Viewer): Promise<ActionAnswer> {
    const run = await this.runFor(id, order, viewer);
    if (fingerprint !== undefined && fingerprint !== fingerprintOf(order.action, run)) {
      throw new DashboardRefusal('refused', 'The run has changed since the preview. Look at it again.');
    }
    const { accepted, status } = await this.carryOut(run, order, viewer);
    const after = (await this.parts.runs.find(id)) ?? run;
    await this.parts.plans.load([after]);
    return { accepted, status, summary: summaryOf(order, accepted), run: toRunRow(after, this.parts.plans) };
  }

  /** Gives an order to a run that the person may see, and leaves a line with the application's own audit. */
  async carryOut(run: StoredRun, order: Order, viewer: Viewer): Promise<Accepted> {
    try {
      await viewer.demand(order.action, run);
      // These are accepted twice, or kept for nobody; a person is told that there is nothing to do.
      const idle = TOLERANT.has(order.action) ? whyNot(order.action, run) : null;
      if (idle) throw new DashboardRefusal('refused', idle);
      const outcome = await this.execute(run, order, viewer.name ?? NOBODY);
      const refused = !outcome.accepted && order.action !== 'signal';
      if (refused) throw new DashboardRefusal('refused', whyNot(order.action, run) ?? 'The run has changed meanwhile.');
      await this.audit(viewer, order, run, null);
      return outcome;
    } catch (error) {
      await this.audit(viewer, order, run, error);
      throw error;
    }
  }

  /** Pauses or unpauses a workflow. */
  async giveToWorkflow(
    action: 'pause' | 'unpause',
    workflow: string,
    version: number | undefined,
    reason: string | undefined,
    viewer: Viewer,
  ): Promise<WorkflowActionAnswer> {
    await viewer.demand(action, null);
    const target = { workflow, version };
    const options = { by: viewer.name ?? NOBODY, reason };
    const { runner } = this.parts;
    const { accepted } = await (action === 'pause' ? runner.pause(target, options) : runner.unpause(target, options));
    const what = `${workflow}${version === undefined ? '' : `@${version}`}`;
    const done = action === 'pause' ? 'is paused' : 'goes on';
    const summary = accepted
      ? `${what} ${done}.`
      : `${what} was ${action === 'pause' ? 'paused' : 'going on'} already.`;
    await this.notify({
      ...entryOf(viewer, action, reason),
      runId: null,
      workflowName: workflow,
      accepted,
      refusal: null,
    });
    return { accepted, summary };
  }

  async previewOfWorkflow(
    action: 'pause' | 'unpause',
    workflow: string,
    version: number | undefined,
    viewer: Viewer,
  ): Promise<PreviewAnswer> {
    await viewer.demand(action, null);
    const paused = (await this.parts.store.pauses()).some((pause) => {
      return pause.workflow === workflow && (version === undefined || pause.version === version);
    });
    const what = `${workflow}${version === undefined ? ', all versions' : `@${version}`}`;
    const summary =
      action === 'pause'
        ? `No run of ${what} is begun, and those in progress are let go after the step that they are at.`
        : `Runs of ${what} may be executed again.`;
    const nothing = { effects: [], undo: [], redo: [], children: [] };
    return { action, possible: paused === (action === 'unpause'), summary, ...nothing, fingerprint: '' };
  }

  private async runFor(id: string, order: Order, viewer: Viewer): Promise<StoredRun> {
    const run = await viewer.demandView(await this.parts.runs.find(id));
    await viewer.demand(order.action, run);
    const problem = refusedSignal(order);
    if (problem) throw new DashboardRefusal('bad_request', problem, 'name');
    return run;
  }

  private execute(run: StoredRun, order: Order, by: string): Promise<Accepted> {
    const { runner } = this.parts;
    const { id } = run;
    const { action, reason, payload } = order;
    switch (action) {
      case 'signal':
        return runner.signal(id, order.name, payload ?? null, { by });
      case 'resume':
        return runner.resume(id, payload ?? null, { by });
      case 'cancel':
        return runner.cancel(id, reason, { compensate: order.compensate, by });
      case 'retry':
        return runner.retry(id, { from: order.from, by, reason });
      case 'skip':
        return runner.skip(id, order.node, payload ?? null, { by, reason });
      case 'pause':
        return runner.pause(id, { by, reason });
      case 'unpause':
        return runner.unpause(id, { by, reason });
      case 'terminate':
        return runner.terminate(id, reason, { by });
      case 'migrate':
        return this.migrate(run, order, { by, reason }, false);
    }
  }

  private async migrate(
    run: StoredRun,
    { to, map }: Order,
    by: { readonly by?: string; readonly reason?: string },
    dryRun: boolean,
  ): Promise<Accepted> {
    const filter = { workflow: run.workflow, runIds: [run.id] };
    const [result] = await this.parts.runner.migrate(filter, { to, map, dryRun, ...by });
    if (!result) throw new DashboardRefusal('refused', `It has ended, or is at version ${to} already.`);
    if (result.outcome === 'refused') throw new DashboardRefusal('refused', result.reasons.join('; '));
    return { accepted: true, status: run.status };
  }

  /** Why an order would be refused. What depends on a run's journal is tried and taken back. */
  private async refusalOf(order: Order, run: StoredRun): Promise<string | null> {
    const why = whyNot(order.action, run);
    if (why) return why;
    const { runner } = this.parts;
    try {
      if (order.action === 'retry') await runner.retry(run.id, { from: order.from, dryRun: true });
      if (order.action === 'skip') await runner.skip(run.id, order.node, order.payload ?? null, { dryRun: true });
      if (order.action === 'migrate') await this.migrate(run, order, {}, true);
      return null;
    } catch (error) {
      const refused = error instanceof RunNotRetryableError || error instanceof RunNotSkippableError;
      if (refused || error instanceof DashboardRefusal) return error.message;
      throw error;
    }
  }

  private audit(viewer: Viewer, { action, reason }: Order, run: StoredRun, error: unknown): Promise<void> {
    const known = error instanceof DashboardRefusal || error instanceof DurableError;
    const refusal = error === null ? null : known ? error.message : 'an error of the server';
    const target = { runId: run.id, workflowName: run.workflow };
    return this.notify({ ...entryOf(viewer, action, reason), ...target, accepted: error === null, refusal });
  }

  private async notify(entry: DashboardAuditEntry): Promise<void> {
    try {
      await this.parts.audit?.(entry);
    } catch (error) {
      this.logger.error(error);
    }
  }
}

function entryOf(
  { user, name }: Viewer,
  action: DashboardAuditEntry['action'],
  reason: string | undefined,
): Pick<DashboardAuditEntry, 'at' | 'by' | 'user' | 'action' | 'reason'> {
  return { at: new Date(), by: name ?? NOBODY, user, action, reason: reason ?? null };
}

function summaryOf({ action, name }: Order, accepted: boolean): string {
  switch (action) {
    case 'signal':
      return accepted ? `The run takes "${name}".` : `"${name}" is kept for a later wait.`;
    case 'resume':
      return 'The step is entered again.';
    case 'cancel':
      return 'The run is being canceled.';
    case 'retry':
      return 'The run goes on.';
    case 'skip':
      return 'The node was skipped, and the run goes on behind it.';
    case 'pause':
      return 'The run is paused.';
    case 'unpause':
      return 'The run may go on.';
    case 'terminate':
      return 'The run was ended.';
    case 'migrate':
      return 'The run was moved to the other version.';
  }
}
