/**
 * Covers that a decorated class and the builder come to one plan, for every kind of node, and how the handlers of a class
 * reach its instance. Mistakes: `mistakes.spec.ts`. Where workflows are found: `workflow-explorer.spec.ts`.
 */
import type { DurableContext } from '../../../lib/definition/durable-context.js';
import { planToJson } from '../../../lib/definition/plan-json.js';
import { NODE_KINDS, type ForEachNode, type PlanNode, type StepNode } from '../../../lib/definition/plan.js';
import { EveryNodeWorkflow, ShipmentWorkflow, everyNodeBuilder, type Order } from './every-node.fixture.js';
import { explore } from './explore.fixture.js';

const ctx = { input: { id: 'o1', lines: ['a'] } } as DurableContext<Order>;

async function everyNode() {
  const explored = await explore([EveryNodeWorkflow, ShipmentWorkflow]);
  const workflow = explored.workflows.find(({ name }) => name === 'every-node')!;
  const node = <T extends PlanNode>(name: string) => workflow.steps.find((step) => step.name === name) as T;
  return { ...explored, workflow, node, instance: explored.get(EveryNodeWorkflow) };
}

describe('a class and a builder', () => {
  it('compile to one plan with one hash, whatever the kinds of its nodes', async () => {
    const { workflow, problems } = await everyNode();
    expect(problems).toEqual([]);
    expect(new Set(workflow.steps.map(({ type }) => type))).toEqual(new Set(NODE_KINDS));
    expect(planToJson(workflow)).toEqual(planToJson(everyNodeBuilder()));
    expect(JSON.stringify(planToJson(workflow))).toBe(JSON.stringify(planToJson(everyNodeBuilder())));
    expect(workflow.hash).toBe(everyNodeBuilder().hash);
  });

  it('have nodes with the same fields', async () => {
    const { workflow } = await everyNode();
    const fields = (nodes: readonly PlanNode[]) => nodes.map((node) => Object.keys(node).sort());
    expect(fields(workflow.steps)).toEqual(fields(everyNodeBuilder().steps));
  });
});

describe('handlers of a class', () => {
  it('run on the instance that Nest made', async () => {
    const { node, instance } = await everyNode();
    expect(node<StepNode>('charge').handler(ctx)).toEqual({ id: 'c1' });
    expect(node<ForEachNode>('pack').handler('a', ctx)).toBe('a');
    expect(instance.log).toEqual(['charge o1', 'pack a']);
  });

  it('run compensations by method name, with the input of an item', async () => {
    const { node, instance } = await everyNode();
    node<StepNode>('charge').compensate!(ctx);
    node<ForEachNode>('pack').compensate!('a', ctx);
    expect(instance.log).toEqual(['refund o1', 'unpack a']);
  });

  it('look the method up at each call, so that a spy set later is what runs', async () => {
    const { node, instance } = await everyNode();
    instance.charge = () => ({ id: 'double' });
    expect(node<StepNode>('charge').handler(ctx)).toEqual({ id: 'double' });
  });
});
