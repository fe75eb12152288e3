// Covers: neither payloads nor credentials come out in logs and errors, whatever fails. What names can do to statements:
// hostile-names.spec.ts. What the log makes of handlers' own text: test/unit/common/redacting-logger.spec.ts. Which errors those failures are: test/integration/engine and test/integration/faults.
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import { durable } from '../../../lib/index.js';
import { DurableApp, DurableApps, until } from '../../support/durable-app.js';
import { DataSource } from 'typeorm';

const PASSWORD = 'c4nary!pa:ss/wörd@1';
const CANARY = 'canary-payload-7f3a';
const ROLE = `canary_${randomBytes(4).toString('hex')}`;
const PAYLOAD = { card: CANARY, nested: [{ [`deep`]: `${CANARY}'"$1` }] };

// Before the applications look for what was left open, and close their connection.
let printed: string[] = [];
const spies: { mockRestore(): void }[] = [];

beforeEach(() => {
  printed = [];
  const keep = (...text: unknown[]): boolean => printed.push(text.map(shown).join(' ')) > 0;
  for (const stream of [process.stdout, process.stderr])
    spies.push(jest.spyOn(stream, 'write').mockImplementation(keep));
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    spies.push(jest.spyOn(console, method).mockImplementation(keep));
  }
});
afterEach(() => spies.splice(0).forEach((spy) => spy.mockRestore()));
afterAll(async () => {
  await apps.sql(`drop owned by ${ROLE}`);
  await apps.sql(`drop role ${ROLE}`);
});

const apps = new DurableApps();

beforeAll(async () => {
  await apps.sql(`create role ${ROLE} superuser login password '${PASSWORD}'`);
});

function url(changes: Partial<Pick<URL, 'port' | 'pathname'>> = {}): string {
  const address = new URL(apps.database.url);
  address.username = ROLE;
  address.password = encodeURIComponent(PASSWORD);
  return Object.assign(address, changes).href;
}

/** Everything of an error that a logger or an error tracker might show. */
function shown(error: unknown): string {
  return `${String(error)}\n${inspect(error, { depth: 10, showHidden: true })}\n${JSON.stringify(error)}`;
}

/** What the work failed with; a failure to fail is one of the test. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  expect(failure).not.toBeNull();
  return shown(failure!.error);
}

function expectNoCanary(texts: readonly string[]): void {
  const all = [...texts, ...apps.log.lines, ...printed];
  for (const secret of [CANARY, PASSWORD, encodeURIComponent(PASSWORD), 'pa:ss']) {
    expect(all.filter((text) => text.includes(secret))).toEqual([]);
  }
}

/** Makes the database refuse rows with an error that quotes them. */
async function refuse(table: string, column: string, work: () => Promise<void>): Promise<void> {
  const name = `refuse_${table}`;
  await apps.sql(
    `alter table durable.${table} add constraint ${name} check (position('${CANARY}' in ${column}::text) = 0) not valid`,
  );
  try {
    await work();
  } finally {
    await apps.sql(`alter table durable.${table} drop constraint ${name}`);
  }
}

it('hides the password when the application cannot connect', async () => {
  const options = { typeorm: { retryAttempts: 0 } };
  expectNoCanary([
    await failureOf(DurableApp.boot(url({ port: '1' }), options, apps.log)),
    await failureOf(DurableApp.boot(url({ pathname: '/no_such_database' }), options, apps.log)),
    await failureOf(apps.boot({ dataSource: url() })),
  ]);
});

describe('an application at work', () => {
  const leaked: string[] = [];
  const plan = durable('canaries')
    .step('plain', (ctx) => ctx.input, { maxAttempts: 1 })
    .step('transactional', () => PAYLOAD, { transactional: true, maxAttempts: 1 })
    .waitForSignal('go', 'go');
  let app: DurableApp;

  beforeEach(async () => {
    app = await DurableApp.boot(url(), { workflows: [plan], typeorm: { logging: true, retryAttempts: 0 } }, apps.log);
    leaked.length = 0;
  });
  // The check that nothing was left open comes after this one.
  afterEach(() => app.close());

  it('shows nothing of payloads that the database refuses', async () => {
    const { runner, dataSource } = app;
    await refuse('run', 'input', async () => {
      leaked.push(await failureOf(runner.start('canaries', PAYLOAD)));
      leaked.push(await failureOf(runner.startMany('canaries', [PAYLOAD, 1])));
      leaked.push(await failureOf(dataSource.transaction((manager) => runner.start('canaries', PAYLOAD, { manager }))));
    });
    const run = await runner.start('canaries', PAYLOAD);
    await until(
      () => run.snapshot(),
      ({ awaitingSignal }) => awaitingSignal !== null,
    );
    await refuse('signal', 'payload', async () => {
      leaked.push(await failureOf(run.signal('go', PAYLOAD)));
      leaked.push(
        await failureOf(dataSource.transaction((manager) => runner.signal(run.id, 'go', PAYLOAD, { manager }))),
      );
    });
    expectNoCanary(leaked);
  });

  it('shows nothing of results that the database refuses, in the failed run either', async () => {
    const { runner } = app;
    await refuse('journal', 'result', async () => {
      const plain = await runner.start('canaries', PAYLOAD);
      leaked.push(await failureOf(plain.result()));
      const transactional = await runner.start('canaries', 'harmless');
      leaked.push(await failureOf(transactional.result()));
      for (const run of [plain, transactional]) {
        const { error } = await run.snapshot();
        leaked.push(shown(error), shown(await runner.explain(run.id)));
      }
    });
    expect(leaked[0]).toContain('violates check constraint');
    expectNoCanary(leaked);
  });

  it('shows nothing of what is refused before it is written', async () => {
    const { runner } = app;
    await runner.start('canaries', PAYLOAD, { idempotencyKey: 'one' });
    leaked.push(
      await failureOf(runner.start('canaries', { other: PAYLOAD }, { idempotencyKey: 'one' })),
      await failureOf(runner.start('canaries', { bad: 1n, ...PAYLOAD })),
      await failureOf(runner.start('canaries', { text: `${CANARY}\u0000` })),
      await failureOf(runner.start('canaries', { text: CANARY.repeat(100_000) })),
    );
    expectNoCanary(leaked);
  });

  it('shows nothing while its connections are killed and the database refuses it', async () => {
    const { runner } = app;
    const run = await runner.start('canaries', PAYLOAD);
    await apps.sql(`alter role ${ROLE} nologin`);
    try {
      await apps.sql('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [ROLE]);
      leaked.push(await failureOf(new DataSource({ type: 'postgres', url: url() }).initialize()));
      leaked.push(await failureOf(runner.find(run.id)));
      await until(
        () => apps.log.lines,
        (lines) => lines.some((line) => line.includes('not permitted to log in')),
      );
    } finally {
      await apps.sql(`alter role ${ROLE} login`);
    }
    expectNoCanary(leaked);
  });
});
