import type { Awaitable } from '../../common/awaitable.js';
import { newId } from '../../common/ids.js';
import { RunResults } from '../../definition/run-results.js';
import type { ChildWorkflowNode, StandardSchema } from '../../definition/plan.js';
import { validated } from '../../definition/standard-schema.js';
import { RunFailedError } from '../../errors/index.js';
import type { StartSpan } from '../../observability/tracing.interface.js';
import type { ChildState, NewRun } from '../../storage/contract/records.js';
import type { RunStore } from '../../storage/contract/run-store.contract.js';
import type { AttemptResult, AttemptRunner } from './attempt-runner.js';
import { DEFAULT_OPTIONS } from './default-options.js';
import { journalEntry } from './journal-entry.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { RunReporter } from './run-reporter.js';
import type { RunSession } from './run-session.js';
import { suspend, suspensionOf } from './suspension.js';
import type { Unit } from './unit.js';

/** Finds the version of a child to start. */
export type FindWorkflow = (
  name: string,
  version: number | undefined,
) => Awaitable<{
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  /** Validates inputs, where this process registers the workflow. */
  readonly schema?: StandardSchema;
}>;

/**
 * Executes a child: the checkpoint that parks the parent inserts it, its last checkpoint wakes the parent, and nobody
 * polls. A child that fails fails the node, for good, with its error.
 */
export class ChildWorkflowExecutor implements NodeExecutor<ChildWorkflowNode> {
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly store: RunStore,
    private readonly findWorkflow: FindWorkflow,
    private readonly queue: string,
    private readonly reports: RunReporter,
  ) {}

  async execute(session: RunSession, node: ChildWorkflowNode): Promise<NodeOutcome> {
    const suspension = suspensionOf(session, node.name);
    if (!suspension) return this.begin(session, node);
    const seen = session.wakeups;
    const child = await this.store.childState(suspension.childId!);
    if (child?.status === 'completed') return this.succeeded(session, node, child);
    if (!child || ['failed', 'canceled', 'compensation_failed'].includes(child.status)) {
      return this.failed(node, suspension.childId!, child);
    }
    return { type: 'park', due: null, awaiting: null, seen };
  }

  private async begin(session: RunSession, node: ChildWorkflowNode): Promise<NodeOutcome> {
    let child: NewRun | null = null;
    let span: StartSpan | null = null;
    const unit: Unit = {
      key: node.name,
      options: DEFAULT_OPTIONS,
      call: async (ctx) => {
        const { name, version, hash, schema } = await this.findWorkflow(node.childName, node.childVersion);
        const id = newId();
        span = this.reports.bearing(session, { id, workflow: name, version });
        child = {
          ...{
            id,
            workflow: name,
            version,
            planHash: hash,
            queue: this.queue,
            priority: 0,
            idempotencyKey: null,
            tags: null,
          },
          ...{ input: '', due: null, timeoutMs: null, worker: null },
          ...{ parentId: session.id, parentKey: node.name, parentClose: node.parentClose, trace: span?.trace ?? null },
        };
        const input: unknown = node.mapInput ? await node.mapInput(ctx) : ctx.input;
        return validated(schema, input, `input of workflow "${name}"`);
      },
    };
    const result = await this.attempts.attempt(session, unit);
    endSpan(span, result);
    if (result.outcome === 'abandoned') return { type: 'abandoned' };
    if (result.outcome === 'failed') return { type: 'failed', result };
    const born = { ...child!, input: result.result };
    const journal = [suspend(session, node.name, { until: null, childId: born.id })];
    return { type: 'park', due: null, awaiting: null, journal, children: [born] };
  }

  private succeeded(session: RunSession, node: ChildWorkflowNode, child: ChildState): NodeOutcome {
    const result = JSON.stringify(RunResults.of(child.journal).view());
    return { type: 'done', journal: [journalEntry(session, 'child', node.name, { result })] };
  }

  private failed(node: ChildWorkflowNode, childId: string, child: ChildState | null): NodeOutcome {
    const error = new RunFailedError(childId, node.childName, child?.status ?? 'failed', child?.error ?? null);
    const unit: Unit = {
      key: node.name,
      options: { ...DEFAULT_OPTIONS, declared: { maxAttempts: 1 } },
      call: () => null,
    };
    return { type: 'failed', result: this.attempts.failed(unit, 1, 0, error) };
  }
}

/** As an argument, because what the handler assigns is not seen by the compiler. */
function endSpan(span: StartSpan | null, result: AttemptResult): void {
  span?.end(result.outcome === 'failed' ? result.thrown : undefined);
}
