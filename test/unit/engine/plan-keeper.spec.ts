// Covers: plans that are registered while others are stored, and what happens when they cannot be. That the engine keeps
// what is registered: test/integration/module/bootstrap.spec.ts.
import { durable, WorkflowRegistry } from '../../../lib/index.js';
import { PlanKeeper } from '../../../lib/durable.plan-keeper.js';

describe('the keeper of plans', () => {
  const registry = new WorkflowRegistry().register(durable('first').step('a', () => 1));
  const logged: unknown[] = [];
  const saved: string[] = [];
  let failure: Error | null = null;
  const plans = {
    save: async (definitions: readonly { readonly name: string }[]): Promise<void> => {
      if (failure) throw failure;
      saved.push(definitions.map(({ name }) => name).join());
    },
  };
  const warn = (message: unknown): void => void logged.push(message);
  const keeper = new PlanKeeper({ registry, plans, logger: { warn, log: warn, error: warn } });

  it('stores what is registered already, and what comes while it does', async () => {
    const saving = keeper.saved();
    registry.registerAll([durable('second').step('a', () => 1), durable('third').step('a', () => 1)]);

    await saving;

    expect(saved.splice(0)).toEqual(['first', 'second,third']);
    expect(keeper.saved()).toBeNull();
  });

  it('tells who waits that it could not, and tries again when it is asked again', async () => {
    failure = new Error('the database is away');
    registry.register(durable('fourth').step('a', () => 1));
    await expect(keeper.saved()).rejects.toThrow('the database is away');
    expect(logged).toEqual(['Could not store plans yet: Error: the database is away']);

    failure = null;
    await keeper.saved();
    expect(saved).toEqual(['fourth']);
  });
});
