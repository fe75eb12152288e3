import { durable, NonRetryableError, type DurableContext, type DurableWorkflow } from '../../../lib/index.js';
import type { Deeds } from './deeds.js';
import {
  attemptsOf,
  nodesOf,
  type CodeVersion,
  type NodeSpec,
  type PlanSpec,
  type StepSpec,
  type UnitSpec,
} from './plan-spec.js';

/** Soon, so that a soak has many retries; and never zero, so that they are timers. */
export const BACKOFF_MS = 50;
/** What ends a step that hangs. */
const STEP_TIMEOUT_MS = 300;

/** Builds the workflow of a plan, as one version of the code knows it. */
export function buildWorkflow(plan: PlanSpec, code: CodeVersion, deeds: Deeds): DurableWorkflow {
  const workflow = durable(plan.workflow, { version: plan.version });
  for (const node of nodesOf(plan, code)) addNode(workflow, node, deeds);
  return workflow;
}

const retries = (unit: UnitSpec | StepSpec) => ({ maxAttempts: attemptsOf(unit), backoff: () => BACKOFF_MS / 1_000 });

function addNode(workflow: DurableWorkflow, node: NodeSpec, deeds: Deeds): void {
  const undo = (unit: UnitSpec) =>
    unit.undo === null ? {} : { compensate: (ctx: DurableContext) => deeds.undo(ctx, unit) };
  const undoPart = (unit: UnitSpec) =>
    unit.undo === null ? {} : { compensate: (_: unknown, ctx: DurableContext) => deeds.undo(ctx, unit) };
  switch (node.kind) {
    case 'step':
      addStep(workflow, node, deeds, undo(node));
      return;
    case 'parallel': {
      const entries = node.branches.map((branch) => {
        return {
          name: branch.name,
          handler: (ctx: DurableContext) => deeds.act(ctx, branch),
          ...retries(branch),
          ...undo(branch),
        };
      });
      workflow.parallel(node.name, entries);
      return;
    }
    case 'route': {
      const branches = node.branches.map((branch) => {
        const options = {
          handler: (ctx: DurableContext) => deeds.act(ctx, branch),
          ...retries(branch),
          ...undo(branch),
        };
        return [branch.name, options] as const;
      });
      const chosen = (ctx: DurableContext): string => node.branches[ctx.input.choice % node.branches.length].name;
      workflow.route(node.name, chosen, Object.fromEntries(branches));
      return;
    }
    case 'loop':
      workflow.loop(node.name, (_: unknown, ctx: DurableContext) => deeds.act(ctx, node), {
        ...{ maxIterations: node.times, ...retries(node), ...undoPart(node) },
      });
      return;
    case 'forEach':
      workflow.forEach(node.name, (_: unknown, ctx: DurableContext) => deeds.act(ctx, node), {
        items: () => Array.from({ length: node.times }, (_, index) => index),
        ...{ concurrency: node.concurrency, ...retries(node), ...undoPart(node) },
      });
      return;
    case 'sleep':
      workflow.sleep(node.name, node.ms);
      return;
    case 'signal':
      workflow.waitForSignal(node.name, node.signal, node.timeout === null ? {} : { timeout: node.timeout });
      return;
    case 'any':
      workflow.waitForAny(node.name, node.signals, node.timeout === null ? {} : { timeout: node.timeout });
      return;
    case 'child':
      workflow.childWorkflow(node.name, node.child, (ctx: DurableContext) => ctx.input, {
        parentClose: node.parentClose,
      });
      return;
  }
}

function addStep(workflow: DurableWorkflow, node: StepSpec, deeds: Deeds, undo: object): void {
  const handler = async (ctx: DurableContext): Promise<unknown> => {
    if (node.asks && ctx.resumeData() === undefined) return deeds.ask(ctx, node);
    const result = await deeds.act(ctx, node);
    if (node.fatal) throw new NonRetryableError('fails by plan');
    return result;
  };
  workflow.step(node.name, handler, {
    ...{ transactional: node.transactional, ...retries(node), ...undo },
    ...(node.hangs ? { timeout: STEP_TIMEOUT_MS } : {}),
  });
}
