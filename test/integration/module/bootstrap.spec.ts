// Covers: what happens from the first provider to the first run, and everything that can keep a process from starting.
// Options: options.spec.ts. The texts of single mistakes in workflow classes: test/unit/discovery.
import {
  Injectable,
  Module,
  Scope,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import {
  Branch,
  durable,
  durableEntities,
  DurableModule,
  DurableRunner,
  EntitiesMissingError,
  Parallel,
  Route,
  RunEntity,
  SchemaBehindError,
  Step,
  Workflow,
  WorkflowDefinitionError,
  WorkflowRegistry,
  type DurableModuleOptions,
} from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();
const hello = (): ReturnType<typeof durable> => durable('hello').step('say', () => 'hello');

async function shape(): Promise<unknown[]> {
  return apps.sql(
    `select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where c.relnamespace = 'durable'::regnamespace order by 1, a.attnum`,
  );
}

describe('entities', () => {
  it('that the DataSource does not know fail the start with what to do about it', async () => {
    const compiling = apps.compile({
      imports: [apps.typeorm({ autoLoadEntities: false, manualInitialization: true }), DurableModule.forRoot()],
    });

    await expect(compiling).rejects.toBeInstanceOf(EntitiesMissingError);
    await expect(compiling).rejects.toThrow(/autoLoadEntities: true.*entities: \[\.\.\.durableEntities\]/s);
  });

  it('may be given by durableEntities', async () => {
    const app = await apps.compile({
      imports: [apps.typeorm({ autoLoadEntities: false, entities: [...durableEntities] }), DurableModule.forRoot()],
      providers: [{ provide: 'plan', useValue: hello() }],
    });
    await app.moduleRef.init();

    expect(await app.runner.startAndWait('hello')).toEqual({ say: 'hello' });
  });

  it("are read through the application's own repositories", async () => {
    const app = await apps.boot({ workflows: [hello()] });
    const run = await app.runner.start('hello', { a: [1, { b: 'ä' }] }, { idempotencyKey: 'k', priority: 3 });
    await run.result();

    const found = await app.dataSource.getRepository(RunEntity).findOneByOrFail({ idempotencyKey: 'k' });

    expect(found).toMatchObject({
      id: run.id,
      workflow: 'hello',
      version: 1,
      status: 'completed',
      priority: 3,
      input: { a: [1, { b: 'ä' }] },
      createdAt: expect.any(Date),
      finishedAt: expect.any(Date),
    });
  });

  it('are left alone by `synchronize` of the application, whose own tables it makes', async () => {
    @Entity({ name: 'note' })
    class Note {
      @PrimaryColumn({ type: 'int' })
      id!: number;
      @Column({ type: 'text' })
      text!: string;
    }
    const before = await shape();

    const app = await apps.boot({ typeorm: { synchronize: true, entities: [Note] }, workflows: [hello()] });

    expect(await app.runner.startAndWait('hello')).toEqual({ say: 'hello' });
    expect(await shape()).toEqual(before);
    await app.dataSource.getRepository(Note).insert({ id: 1, text: 'x' });
    expect(await app.dataSource.driver.createSchemaBuilder().log()).toMatchObject({ upQueries: [] });
    await apps.sql('drop table note');
  });
});

describe('the schema', () => {
  it('is made at the first start, once, by however many processes start at once', async () => {
    const boots = Array.from({ length: 10 }, () => apps.boot({ schema: 'fresh', worker: false, workflows: [hello()] }));
    const booted = await Promise.all(boots);

    expect(apps.log.lines.filter((line) => line.includes('brought up to date'))).toHaveLength(1);
    expect(await booted[0].runner.list()).toHaveLength(0);
    await Promise.all(booted.map((app) => app.close()));
    await apps.sql('drop schema fresh cascade');
  });

  it('that is missing fails the start with migrate: false, naming the three ways out', async () => {
    const booting = apps.boot({ schema: 'nowhere', migrate: false });

    await expect(booting).rejects.toBeInstanceOf(SchemaBehindError);
    await expect(booting).rejects.toThrow(/migrate: true.*durableMigrationSql\(\).*DurableMigration/s);
    expect(await apps.sql(`select from pg_namespace where nspname = 'nowhere'`)).toEqual([]);
  });

  it('is not migrated in production unless that is asked for', async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      await expect(apps.boot({ schema: 'nowhere' })).rejects.toBeInstanceOf(SchemaBehindError);
      const app = await apps.boot({ schema: 'asked_for', migrate: true });
      await app.close();
    } finally {
      process.env.NODE_ENV = before;
    }
    await apps.sql('drop schema asked_for cascade');
  });
});

describe('workflows', () => {
  it('of all modules are found, and plans in the registry too', async () => {
    @Workflow('in-a-feature')
    class FeatureWorkflow {
      @Step() work(): string {
        return 'feature';
      }
    }
    @Injectable()
    class Registrar {
      constructor(registry: WorkflowRegistry) {
        registry.register(durable('by-hand').step('work', () => 'by hand'));
      }
    }
    @Module({ providers: [FeatureWorkflow] })
    class FeatureModule {}
    const app = await apps.boot({ imports: [FeatureModule], providers: [Registrar], workflows: [hello()] });

    expect(await app.runner.startAndWait('in-a-feature')).toEqual({ work: 'feature' });
    expect(await app.runner.startAndWait('by-hand')).toEqual({ work: 'by hand' });
    expect(app.moduleRef.get(WorkflowRegistry, { strict: false }).names().sort()).toEqual([
      'by-hand',
      'hello',
      'in-a-feature',
    ]);
  });

  it('with five mistakes give one error that lists five, each with class, method and fix', async () => {
    @Workflow('order')
    class OrderWorkflow {
      @Step({ compensate: 'refnd' }) charge(): void {}
      refund(): void {}
      @Step({ name: 'charge' }) chargeAgain(): void {}
      @Step({ maxAttempts: 0 }) ship(): void {}
      @Route() lost(): string {
        return 'x';
      }
      @Branch('nowhere') left(): void {}
    }
    const booting = apps.boot({ workflows: [OrderWorkflow] });

    await expect(booting).rejects.toBeInstanceOf(WorkflowDefinitionError);
    const error = await booting.catch((thrown: unknown) => thrown as WorkflowDefinitionError);
    const { problems, message } = error as WorkflowDefinitionError;
    expect(problems).toHaveLength(5);
    for (const problem of problems) expect(problem).toContain('OrderWorkflow');
    for (const [n, problem] of problems.entries()) expect(message).toContain(`${n + 1}. ${problem}`);
    const all = problems.join('\n');
    for (const told of ['refnd', 'refund', 'charge', 'maxAttempts', 'lost', 'nowhere']) expect(all).toContain(told);
  });

  it('of several classes are all told of in one error, and nothing is registered or stored', async () => {
    @Workflow('twin')
    class OneWorkflow {
      @Step() a(): void {}
    }
    @Workflow('twin')
    class OtherWorkflow {
      @Step() a(): void {}
    }
    @Injectable({ scope: Scope.REQUEST })
    @Workflow('scoped')
    class ScopedWorkflow {
      @Step() a(): void {}
    }
    @Workflow('empty')
    class EmptyWorkflow {}
    @Workflow('lonely')
    class LonelyWorkflow {
      @Parallel('') a(): void {}
    }

    const error = await apps
      .boot({ workflows: [OneWorkflow, OtherWorkflow, ScopedWorkflow, EmptyWorkflow, LonelyWorkflow] })
      .catch((thrown: unknown) => thrown as WorkflowDefinitionError);

    const all = (error as WorkflowDefinitionError).problems.join('\n');
    for (const told of ['twin', 'ScopedWorkflow', 'EmptyWorkflow', 'LonelyWorkflow']) expect(all).toContain(told);
    expect(await apps.count('definition')).toBe(0);
    expect(await apps.count('worker')).toBe(0);
  });

  it('are stored as plans, once for each content', async () => {
    const boot = async (): Promise<void> =>
      (await apps.boot({ workflows: [hello(), durable('other', { version: 7 }).step('a', () => 1)] })).close();
    await boot();
    await boot();

    expect(await apps.sql('select name, version, nodes from durable.definition order by name')).toEqual([
      { name: 'hello', version: 1, nodes: 1 },
      { name: 'other', version: 7, nodes: 1 },
    ]);
  });

  it('that are registered when the application is running already are executed, and stored, too', async () => {
    const app = await apps.boot();
    app.moduleRef.get(WorkflowRegistry, { strict: false }).register(durable('late').step('a', () => 1));

    expect(await app.runner.startAndWait('late')).toEqual({ a: 1 });
    expect(await apps.sql('select name, version, nodes from durable.definition')).toEqual([
      { name: 'late', version: 1, nodes: 1 },
    ]);
  });
});

describe('the runner', () => {
  it('may be used in onModuleInit of any provider: the run waits until the worker starts', async () => {
    const seen: string[] = [];
    @Injectable()
    class Early implements OnModuleInit, OnApplicationBootstrap {
      constructor(private readonly runner: DurableRunner) {}
      id = '';
      async onModuleInit(): Promise<void> {
        const run = await this.runner.start('hello', null, { idempotencyKey: 'early' });
        this.id = run.id;
        seen.push(run.status);
      }
      async onApplicationBootstrap(): Promise<void> {
        seen.push((await this.runner.find(this.id)).workflowName);
      }
    }
    @Module({ providers: [Early] })
    class EarlyModule {}

    const app = await apps.boot({ imports: [EarlyModule], workflows: [hello()] });

    const { id } = app.moduleRef.get(Early, { strict: false });
    expect(seen).toEqual(['pending', 'hello']);
    expect(await app.runner.result(id, { timeout: '60s' })).toEqual({ say: 'hello' });
  });

  it('called in a constructor waits until every provider is there, also those that are made later', async () => {
    @Injectable()
    class Eager {
      readonly result: Promise<unknown>;
      constructor(runner: DurableRunner) {
        this.result = runner.startAndWait('slow');
      }
    }
    const slow = Promise.resolve().then(() => durable('slow').step('say', () => 'made later'));
    const app = await apps.compile({
      imports: [apps.typeorm(), DurableModule.forRoot()],
      providers: [Eager, { provide: 'slow', inject: [Eager], useFactory: () => slow }],
    });
    await app.moduleRef.init();

    expect(await app.moduleRef.get(Eager).result).toEqual({ say: 'made later' });
  });
});

describe('a start that fails', () => {
  it.each<[string, DurableModuleOptions, readonly Provider[]]>([
    ['because of the schema', { schema: 'nowhere', migrate: false }, []],
    ['because of a workflow', {}, [{ provide: 'x', useValue: durable('empty') }]],
    ['because the worker cannot register', {}, []],
  ])(
    '%s leaves no connection of the engine open, where nobody closes the application',
    async (reason, options, providers) => {
      if (reason.includes('register')) {
        await apps.sql(
          `create function durable.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$`,
        );
        await apps.sql(
          'create trigger refuse before insert on durable.worker for each row execute function durable.refuse()',
        );
      }
      const app = await apps.compile({
        imports: [apps.typeorm(), DurableModule.forRoot(options)],
        providers: [...providers],
      });

      await expect(app.moduleRef.init()).rejects.toThrow();

      expect(await apps.connections('nest-durable:')).toEqual([]);
      await apps.sql('drop function if exists durable.refuse cascade');
    },
  );
});

it('closes without having been initialised', async () => {
  const app = await apps.compile({ imports: [apps.typeorm(), DurableModule.forRoot()] });

  await app.close();

  expect(app.moduleRef.get(DataSource).isInitialized).toBe(false);
});
