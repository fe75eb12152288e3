/** Covers the registry. What discovery puts into it: `../discovery/workflow-explorer.spec.ts`. */
import { durable } from '../../../lib/definition/durable-workflow.js';
import { WorkflowRegistry } from '../../../lib/definition/workflow.registry.js';
import { WorkflowDefinitionError, WorkflowNotRegisteredError } from '../../../lib/errors/index.js';

const plan = (name: string, version = 1) => durable(name, { version }).step('a', () => 1);

describe('WorkflowRegistry', () => {
  it('gives the highest version unless another one is asked for', () => {
    const registry = new WorkflowRegistry().registerAll([
      plan('order', 2),
      plan('order', 10),
      plan('order', 1),
      plan('stock'),
    ]);
    expect(registry.get('order').version).toBe(10);
    expect(registry.get('order', 2).version).toBe(2);
    expect(registry.versions('order')).toEqual([1, 2, 10]);
    expect(registry.names()).toEqual(['order', 'stock']);
    expect(registry.all().map(({ name, version }) => `${name}@${version}`)).toEqual([
      'order@2',
      'order@10',
      'order@1',
      'stock@1',
    ]);
  });

  it('says what it has', () => {
    const registry = new WorkflowRegistry().register(plan('order', 2));
    expect([registry.has('order'), registry.has('order', 2), registry.has('order', 1), registry.has('stock')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(registry.versions('stock')).toEqual([]);
    expect(registry.find('stock')).toBeUndefined();
  });

  it('names what is registered when something is not', () => {
    const registry = new WorkflowRegistry().register(plan('order', 2));
    expect(() => registry.get('stock')).toThrow(new WorkflowNotRegisteredError('stock', undefined, ['order@2']));
    expect(() => registry.get('order', 1)).toThrow(new WorkflowNotRegisteredError('order', 1, ['order@2']));
  });

  it('freezes what it registers', () => {
    const workflow = plan('order');
    new WorkflowRegistry().register(workflow);
    expect(workflow.frozen).toBe(true);
    expect(() => workflow.sleep('b', 1)).toThrow(WorkflowDefinitionError);
  });

  it('registers all or nothing, and lists everything that is wrong', () => {
    const registry = new WorkflowRegistry().register(plan('order'));
    expect(() => registry.registerAll([plan('new'), plan('order'), plan('new'), durable('empty')])).toThrow(
      new WorkflowDefinitionError([
        'workflow "order" version 1 is registered already: a run knows its workflow by name and version only, so give this one another name or version.',
        'workflow "new" version 1 is registered already: a run knows its workflow by name and version only, so give this one another name or version.',
        'workflow "empty" version 1 has no nodes: add at least one before it is registered.',
      ]),
    );
    expect(registry.names()).toEqual(['order']);
  });
});
