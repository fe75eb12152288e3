// Covers: what one step, run or checkpoint can do to another: nothing. Handlers that misbehave: handlers.spec.ts.
import { durable } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

it('gives every step copies of the input and the results, so that what one does to them is not seen by the next', async () => {
  const returned = { list: [1, 2], nested: { deep: 'x' } };
  const seen: unknown[] = [];
  const plan = durable('copies')
    .step('one', (ctx) => {
      ctx.input.lines.push('added');
      return returned;
    })
    .step('two', (ctx) => {
      seen.push(structuredClone([ctx.input, ctx.results.one]));
      returned.list.push(99);
      ctx.results.one.list.push(3);
      ctx.results.one = 'replaced';
      ctx.results.invented = true;
      ctx.input.lines = null;
    })
    .step('three', (ctx) => void seen.push([ctx.input, { ...ctx.results }]));
  const { runner } = await apps.boot({ workflows: [plan] });

  const results = await runner.startAndWait('copies', { lines: ['a'] });

  const one = { list: [1, 2], nested: { deep: 'x' } };
  expect(seen).toEqual([
    [{ lines: ['a'] }, one],
    [{ lines: ['a'] }, { one, two: null }],
  ]);
  expect(results).toEqual({ one, two: null, three: null });
});

it('gives the second attempt the input and results as they were for the first', async () => {
  const seen: unknown[] = [];
  const plan = durable('copies').step(
    'one',
    (ctx) => {
      seen.push(structuredClone(ctx.input));
      ctx.input.n++;
      if (ctx.attempt === 1) throw new Error('again');
    },
    { backoff: () => 0 },
  );
  const { runner } = await apps.boot({ workflows: [plan] });

  await runner.startAndWait('copies', { n: 1 });

  expect(seen).toEqual([{ n: 1 }, { n: 1 }]);
});

it('reads the same results after a crash as before, keys in the order in which they were returned', async () => {
  const gate = new Gate();
  const seen: string[] = [];
  const plan = durable('copies')
    .step('give', () => ({ z: 1, a: 1.5e300, '2': 'two', text: 'é🦆\n"' }))
    .step('take', async (ctx) => {
      seen.push(JSON.stringify(ctx.results.give));
      await gate.pass();
    });
  const {
    apps: [first, second],
    testing,
  } = await apps.bootVirtual({ workflows: [plan] }, { workflows: [plan] });

  const run = await first.runner.start('copies');
  await gate.reached;
  await apps.declareDead(first.workerId);
  await second.runner.recover();
  gate.open();
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'completed' });
  expect(seen).toHaveLength(2);
  expect(seen[1]).toBe(seen[0]);
});

describe('a checkpoint that the database refuses', () => {
  /** The database refuses the journal rows of one workflow's runs, as it refuses data that no check of ours foresaw. */
  async function refuse(workflow: string, sqlstate: string, table = 'journal', operation = 'insert'): Promise<void> {
    await apps.sql(`
      create function durable.refuse() returns trigger language plpgsql as $$
      begin
        if exists (select from durable.run where id = new.${table === 'run' ? 'id' : 'run_id'} and workflow = '${workflow}') then
          raise exception 'refused for a test' using errcode = '${sqlstate}';
        end if;
        return new;
      end $$`);
    await apps.sql(
      `create trigger refuse before ${operation} on durable.${table} for each row execute function durable.refuse()`,
    );
  }

  afterEach(async () => {
    await apps.sql('drop function if exists durable.refuse cascade');
  });

  it('fails its own run, and all that were written with it pass', async () => {
    await refuse('bad', '22023');
    const gate = new Gate();
    const plan = (name: string) => durable(name).step('work', () => gate.pass(), { maxAttempts: 1 });
    const { runner } = await apps.boot({ workflows: [plan('good'), plan('bad')] });

    const good = await runner.startMany(
      'good',
      Array.from({ length: 20 }, (_, n) => n),
    );
    const bad = await runner.start('bad');
    const more = await runner.startMany(
      'good',
      Array.from({ length: 20 }, (_, n) => n),
    );
    gate.open();

    await Promise.all([...good, ...more].map((run) => run.result()));
    await expect(bad.result()).rejects.toThrow('refused for a test');
    expect(await bad.snapshot()).toMatchObject({
      status: 'failed',
      error: { name: 'CheckpointRejectedError', step: 'work', cause: { message: 'refused for a test' } },
    });
  });

  it('undoes what the run had completed', async () => {
    await apps.sql(`
      create function durable.refuse() returns trigger language plpgsql as $$
      begin
        if new.key = 'second' then raise exception 'refused for a test' using errcode = '22P05'; end if;
        return new;
      end $$`);
    await apps.sql(
      'create trigger refuse before insert on durable.journal for each row execute function durable.refuse()',
    );
    const log: string[] = [];
    const plan = durable('bad')
      .step('first', () => log.push('did'), { compensate: async () => void log.push('undid') })
      .step('second', () => 1);
    const { runner } = await apps.boot({ workflows: [plan] });

    const run = await runner.start('bad');
    await expect(run.result()).rejects.toThrow('refused for a test');

    expect(log).toEqual(['did', 'undid']);
    expect(await run.snapshot()).toMatchObject({ status: 'failed', results: { first: 1 } });
  });

  it('in the transaction of a step rolls that back and fails the run', async () => {
    await refuse('bad', '23514');
    await apps.sql('create table effect (n int)');
    const plan = durable('bad').step('work', (ctx) => ctx.manager.query('insert into effect values (1)'), {
      transactional: true,
      maxAttempts: 1,
    });
    const { runner } = await apps.boot({ workflows: [plan] });

    const run = await runner.start('bad');
    await expect(run.result()).rejects.toThrow('refused for a test');

    expect(await apps.sql('select n from effect')).toEqual([]);
    await apps.sql('drop table effect');
  });
});

it('does not hold up other runs while the row of one is locked by another transaction', async () => {
  const gate = new Gate();
  const plan = durable('locked').step('work', () => gate.pass());
  const { runner } = await apps.boot({ workflows: [plan] });
  const [locked, ...others] = await runner.startMany(
    'locked',
    Array.from({ length: 30 }, (_, n) => n),
  );
  await gate.reached;

  await apps.withClient(async (client) => {
    await client.query('begin');
    await client.query('select from durable.run where id = $1 for update', [locked.id]);
    gate.open();
    await Promise.all(others.map((run) => run.result({ timeout: '60s' })));
    expect(await apps.runRow(locked.id)).toMatchObject({ status: 'running' });
    await client.query('rollback');
  });

  expect(await locked.result({ timeout: '60s' })).toEqual({ work: null });
});
