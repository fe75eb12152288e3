// Covers: the ways to give options to the module, and what becomes of wrong ones. Each option's values: test/unit/options.
// What the module does at start and stop: bootstrap.spec.ts, shutdown.spec.ts.
import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import {
  durable,
  DurableModule,
  DurableRunner,
  RunEntity,
  type DurableModuleOptions,
  type DurableOptionsFactory,
} from '../../../lib/index.js';
import { DurableApps, type DurableApp } from '../../support/durable-app.js';

const apps = new DurableApps();
const plan = { provide: 'plan', useFactory: () => durable('hello').step('say', () => 'hello') };

/** A start that fails in between leaves the DataSource open, and nobody can close it: it is not opened. */
const unconnected = (): DynamicModule => apps.typeorm({ manualInitialization: true });

async function init(app: DurableApp): Promise<DurableApp> {
  await app.moduleRef.init();
  return app;
}

async function expectToWork(app: DurableApp, queue: string): Promise<void> {
  const run = await app.runner.start('hello');
  expect(await run.result()).toEqual({ say: 'hello' });
  expect(await run.snapshot()).toMatchObject({ queue });
}

@Injectable()
class Settings {
  readonly queue = 'from settings';
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class OptionsFactory implements DurableOptionsFactory {
  constructor(private readonly settings: Settings) {}

  createDurableOptions(): DurableModuleOptions {
    return { queue: this.settings.queue };
  }
}

@Module({ imports: [SettingsModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class FactoryModule {}

describe('forRoot', () => {
  it('works without options', async () => {
    const app = await apps.compile({ imports: [apps.typeorm(), DurableModule.forRoot()], providers: [plan] });

    await expectToWork(await init(app), 'durable');
  });

  it('is global: every module may inject the runner', async () => {
    @Injectable()
    class Shop {
      constructor(readonly runner: DurableRunner) {}
    }
    @Module({ providers: [Shop, plan] })
    class ShopModule {}
    const app = await init(
      await apps.compile({ imports: [apps.typeorm(), ShopModule, DurableModule.forRoot({ queue: 'q' })] }),
    );

    expect(app.moduleRef.get(Shop, { strict: false }).runner).toBe(app.runner);
    await expectToWork(app, 'q');
  });

  it.each<[string, object, string]>([
    [
      'a concurrency of 0',
      { worker: { concurrency: 0 } },
      'Invalid option worker.concurrency: got 0, expected an integer from 1 to 10000.',
    ],
    ['an unknown option', { wroker: false }, 'Unknown option wroker. Did you mean worker?'],
    ['a schema of PostgreSQL', { schema: 'pg_catalog' }, 'Invalid option schema: got "pg_catalog"'],
    [
      'a poll interval above the lease',
      { worker: { leaseDuration: '2s', pollInterval: '3s' } },
      'Invalid option worker.pollInterval: got "3s"',
    ],
    ['worker: true', { worker: true }, 'Invalid option worker: got true, expected false or an object.'],
    ['a NaN jobTimeout', { jobTimeout: Number.NaN }, 'Invalid option jobTimeout: got NaN'],
  ])('throws at once for %s, naming the option and its value', (_, options, message) => {
    expect(() => DurableModule.forRoot(options as DurableModuleOptions)).toThrow(message);
  });
});

describe('forRootAsync', () => {
  it.each<[string, Parameters<typeof DurableModule.forRootAsync>[0]]>([
    ['useFactory', { imports: [SettingsModule], inject: [Settings], useFactory: ({ queue }: Settings) => ({ queue }) }],
    [
      'an async useFactory',
      { imports: [SettingsModule], inject: [Settings], useFactory: async ({ queue }: Settings) => ({ queue }) },
    ],
    ['useFactory without anything injected', { useFactory: () => ({ queue: 'from settings' }) }],
    ['useClass', { imports: [SettingsModule], useClass: OptionsFactory }],
    ['useExisting', { imports: [FactoryModule], useExisting: OptionsFactory }],
  ])('takes options from %s', async (_, options) => {
    const app = await apps.compile({
      imports: [apps.typeorm(), DurableModule.forRootAsync(options)],
      providers: [plan],
    });

    await expectToWork(await init(app), 'from settings');
  });

  it('throws at once when nothing makes the options', () => {
    expect(() => DurableModule.forRootAsync({})).toThrow(
      'Invalid option forRootAsync: got undefined, expected an object with useFactory, useClass or useExisting.',
    );
  });

  it('fails the start for invalid options, naming the option and its value', async () => {
    const compiling = apps.compile({
      imports: [unconnected(), DurableModule.forRootAsync({ useFactory: () => ({ payloadLimit: 3 }) })],
    });

    await expect(compiling).rejects.toThrow(
      'Invalid option payloadLimit: got 3, expected an integer from 64 to 67108864.',
    );
  });

  it('takes a factory that returns nothing for one without options', async () => {
    const module = DurableModule.forRootAsync({ useFactory: () => undefined as unknown as DurableModuleOptions });

    await expectToWork(
      await init(await apps.compile({ imports: [apps.typeorm(), module], providers: [plan] })),
      'durable',
    );
  });

  it.each([null, 'x', 7])('fails the start when the factory returns %p', async (made) => {
    const compiling = apps.compile({
      imports: [
        unconnected(),
        DurableModule.forRootAsync({ useFactory: () => made as unknown as DurableModuleOptions }),
      ],
    });

    await expect(compiling).rejects.toThrow(/^Invalid option of DurableModule: got .*, expected an object\.$/);
  });

  it('refuses a dataSource that only the factory names, because it is injected before', async () => {
    const compiling = apps.compile({
      imports: [unconnected(), DurableModule.forRootAsync({ useFactory: () => ({ dataSource: 'other' }) })],
    });

    await expect(compiling).rejects.toThrow(
      'Invalid option dataSource: got "other", expected given to forRootAsync itself',
    );
  });
});

describe('dataSource', () => {
  it.each(['forRoot', 'forRootAsync'] as const)(
    'names another DataSource of the application, in %s',
    async (method) => {
      const module =
        method === 'forRoot'
          ? DurableModule.forRoot({ dataSource: 'jobs' })
          : DurableModule.forRootAsync({ dataSource: 'jobs', useFactory: () => ({ dataSource: 'jobs' }) });
      const app = await init(
        await apps.compile({
          imports: [apps.typeorm({ name: 'jobs' }), apps.typeorm({ autoLoadEntities: false }), module],
          providers: [plan],
        }),
      );

      await expectToWork(app, 'durable');
      expect(app.dataSource.hasMetadata(RunEntity)).toBe(false);
    },
  );
});

describe('schema', () => {
  it.each([`we"ird 'name' $1 🦆`, 'UPPER', 'select', `x'); drop schema durable; --`])(
    'may be called %s',
    async (schema) => {
      const app = await init(
        await apps.compile({ imports: [apps.typeorm(), DurableModule.forRoot({ schema })], providers: [plan] }),
      );

      await expectToWork(app, 'durable');
      const runs = await app.moduleRef.get(DataSource).getRepository(RunEntity).find();
      expect(runs).toEqual([expect.objectContaining({ workflow: 'hello', status: 'completed' })]);
      expect(await apps.count('run')).toBe(0);
      expect(await apps.sql('select nspname from pg_namespace where nspname = $1', [schema])).toHaveLength(1);
      await app.close();
      await apps.sql(`drop schema "${schema.replaceAll('"', '""')}" cascade`);
    },
  );

  it('may differ between applications of one process and one database', async () => {
    const [one, two] = await Promise.all(
      ['one', 'two'].map(async (schema) =>
        init(
          await apps.compile({
            imports: [apps.typeorm({ name: schema }), DurableModule.forRoot({ schema, dataSource: schema })],
            providers: [plan],
          }),
        ),
      ),
    );
    await expectToWork(one, 'durable');

    expect(await one.runner.list()).toHaveLength(1);
    expect(await two.runner.list()).toHaveLength(0);
    await Promise.all([one.close(), two.close()]);
    await apps.sql('drop schema one cascade; drop schema two cascade');
  });
});

describe('an address in place of a DataSource', () => {
  it('is refused without showing what may be a password', () => {
    const make = (): unknown => DurableModule.forRoot({ dataSource: 'postgres://me:secret@db/x' });

    expect(make).toThrow('Invalid option dataSource: got an address');
    expect(make).not.toThrow('secret');
  });
});

describe('TypeOrmModule.forRootAsync', () => {
  it('works with the module as forRoot does', async () => {
    const app = await init(
      await apps.compile({
        imports: [
          TypeOrmModule.forRootAsync({
            useFactory: () => ({ type: 'postgres', url: apps.database.url, autoLoadEntities: true }),
          }),
          DurableModule.forRoot(),
        ],
        providers: [plan],
      }),
    );

    await expectToWork(app, 'durable');
  });
});
