/**
 * Covers where workflows are found: in which modules, under which kinds of provider and with which scopes. What is wrong
 * inside a class: `mistakes.spec.ts`. How handlers are bound: `class-and-builder.spec.ts`.
 */
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { Step, Workflow } from '../../../lib/decorators/index.js';
import type { DurableContext } from '../../../lib/definition/durable-context.js';
import { durable } from '../../../lib/definition/durable-workflow.js';
import type { StepNode } from '../../../lib/definition/plan.js';
import { explore } from './explore.fixture.js';

const ctx = {} as DurableContext;

@Workflow('order')
class OrderWorkflow {
  constructor(@Inject('GREETING') private readonly greeting: string) {}

  @Step() charge(_ctx: DurableContext) {
    return this.greeting;
  }
}

const greeting = { provide: 'GREETING', useValue: 'hello' };
const run = (workflow: { readonly steps: readonly unknown[] }) => (workflow.steps[0] as StepNode).handler(ctx);

describe('finds a workflow', () => {
  it('in a module that another one imports', async () => {
    @Module({ providers: [OrderWorkflow, greeting] })
    class OrdersModule {}
    const { workflows, problems } = await explore([], { imports: [OrdersModule] });
    expect(problems).toEqual([]);
    expect(workflows.map(({ name, version }) => [name, version])).toEqual([['order', 1]]);
    expect(run(workflows[0])).toBe('hello');
  });

  it.each([
    ['useClass', { provide: 'ORDER', useClass: OrderWorkflow }],
    ['useFactory', { provide: 'ORDER', useFactory: () => new OrderWorkflow('hello') }],
    ['an asynchronous useFactory', { provide: 'ORDER', useFactory: async () => new OrderWorkflow('hello') }],
    ['useValue', { provide: 'ORDER', useValue: new OrderWorkflow('hello') }],
  ])('provided with %s', async (_kind, provider) => {
    const { workflows, problems } = await explore([greeting, provider]);
    expect(problems).toEqual([]);
    expect(run(workflows[0])).toBe('hello');
  });

  it('once, when aliases and factories hand out the same instance', async () => {
    const { workflows, problems } = await explore([
      greeting,
      OrderWorkflow,
      { provide: 'ALIAS', useExisting: OrderWorkflow },
      { provide: 'FACTORY', inject: [OrderWorkflow], useFactory: (order: OrderWorkflow) => order },
    ]);
    expect(problems).toEqual([]);
    expect(workflows).toHaveLength(1);
  });

  it('replaced by a subclass in a test', async () => {
    class FakeOrder extends OrderWorkflow {
      override charge() {
        return 'fake';
      }
    }
    const { workflows, problems } = await explore([greeting, OrderWorkflow], {
      override: (builder) => builder.overrideProvider(OrderWorkflow).useClass(FakeOrder),
    });
    expect(problems).toEqual([]);
    expect(workflows[0].name).toBe('order');
    expect(run(workflows[0])).toBe('fake');
  });

  it('replaced by a plain object in a test', async () => {
    const replaced = async (value: object) =>
      explore([greeting, OrderWorkflow], {
        override: (builder) => builder.overrideProvider(OrderWorkflow).useValue(value),
      });
    const { workflows, problems } = await replaced({ charge: () => 'plain' });
    expect(problems).toEqual([]);
    expect(run(workflows[0])).toBe('plain');
    expect((await replaced({})).problems).toEqual([
      'OrderWorkflow.charge: the object provided for OrderWorkflow has no method "charge": add it.',
    ]);
  });

  it('built with the builder, as a value or by a factory that injects', async () => {
    const value = durable('value').step('a', () => 1);
    const { workflows, problems } = await explore([
      greeting,
      { provide: 'VALUE', useValue: value },
      { provide: 'SAME', useValue: value },
      {
        provide: 'FACTORY',
        inject: ['GREETING'],
        useFactory: (text: string) => durable('factory').step('a', () => text),
      },
    ]);
    expect(problems).toEqual([]);
    expect(workflows.map(({ name }) => name)).toEqual(['value', 'factory']);
    expect(run(workflows[1])).toBe('hello');
  });

  it('and leaves everything else alone', async () => {
    @Injectable()
    class Plain {}
    const others = [Plain, { provide: 'NULL', useValue: null }, { provide: 'TEXT', useFactory: () => 'text' }];
    expect(await explore(others)).toMatchObject({ workflows: [], problems: [] });
  });

  it('and registers or freezes nothing', async () => {
    const { workflows } = await explore([greeting, OrderWorkflow]);
    expect(workflows[0].frozen).toBe(false);
  });
});

describe('refuses', () => {
  it('a class with several instances', async () => {
    @Module({ providers: [OrderWorkflow, greeting] })
    class OrdersModule {}
    @Module({ providers: [OrderWorkflow, greeting] })
    class AdminModule {}
    const { problems } = await explore([], { imports: [OrdersModule, AdminModule] });
    expect(problems).toEqual([
      'OrderWorkflow is provided 2 times (in OrdersModule, AdminModule), so there are several instances, and which one executes a run would be chance: provide it in one module, and import that module in the others.',
    ]);
  });

  it('a class and its subclass, when the subclass has no name of its own', async () => {
    @Injectable()
    class Special extends OrderWorkflow {}
    expect((await explore([greeting, OrderWorkflow, Special])).problems).toEqual([
      'OrderWorkflow and Special have the same name and version ("order" version 1): give each one of its own.',
    ]);
  });

  it('scopes that have no one instance', async () => {
    @Injectable({ scope: Scope.REQUEST })
    @Workflow('request')
    class PerRequest {
      @Step() charge() {}
    }
    @Injectable({ scope: Scope.TRANSIENT })
    @Workflow('transient')
    class PerConsumer {
      @Step() charge() {}
    }
    expect((await explore([PerRequest, PerConsumer])).problems).toEqual([
      'PerRequest is request-scoped, but runs are executed outside of requests: make it a singleton, and take what belongs to one run from the context.',
      'PerConsumer is transient, but the engine needs one instance that executes its runs: make it a singleton, and take what belongs to one run from the context.',
    ]);
  });

  it('a dependency that is part of a request, however deep', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class CurrentUser {}
    @Injectable()
    class Payments {
      constructor(readonly user: CurrentUser) {}
    }
    @Workflow('request')
    class Dependent {
      constructor(readonly payments: Payments) {}
      @Step() charge() {}
    }
    expect((await explore([CurrentUser, Payments, Dependent])).problems).toEqual([
      'Dependent depends on the request-scoped provider CurrentUser, but runs are executed outside of requests: inject something that is no part of a request.',
    ]);
  });

  it('a plan of the builder without nodes', async () => {
    expect((await explore([{ provide: 'EMPTY', useValue: durable('empty') }])).problems).toEqual([
      'workflow "empty" version 1 has no nodes: add at least one, e.g. with step(…).',
    ]);
  });
});
