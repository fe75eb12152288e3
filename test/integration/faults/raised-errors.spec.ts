// Covers errors that the database raises at the statements of the engine, and at their COMMIT, brought about by triggers:
// each passes after a while, nothing acknowledged is lost, and nothing happens twice. What each SQLSTATE is taken for:
// test/unit/storage/sqlstate.spec.ts. Errors that do not pass: test/integration/engine/isolation.spec.ts.
import { durable, type DurableContext } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();

const PASSING = {
  '40P01': 'a deadlock',
  '40001': 'a serialization failure',
  '55P03': 'a lock that was not to be had in time',
  '57014': 'a statement that took too long',
  '53100': 'a full disk',
  '53200': 'no memory',
  '53300': 'too many connections',
  '25006': 'a read-only server',
  '58030': 'a disk that cannot be read',
};

/** How often each place fails before it works. */
const TIMES = 2;

const PLACES = {
  start: 'before insert on durable.run for each row',
  claim: 'before update on durable.run for each row when (new.epoch > old.epoch)',
  checkpoint: 'before insert on durable.journal for each row',
  signal: 'before insert on durable.signal for each row',
  lease: 'before update on durable.worker for each row',
};
const AT_COMMIT = {
  start: 'after insert on durable.run deferrable initially deferred for each row',
  claim: 'after update on durable.run deferrable initially deferred for each row when (new.epoch > old.epoch)',
  checkpoint: 'after insert on durable.journal deferrable initially deferred for each row',
  signal: 'after insert on durable.signal deferrable initially deferred for each row',
};

beforeAll(async () => {
  await apps.sql('create table effect (run_id uuid, step text)');
  // A sequence counts what a rollback takes back.
  await apps.sql(`
    create function fault() returns trigger language plpgsql as $$
    begin
      if nextval('fault_' || tg_argv[0]) <= ${TIMES} then
        raise exception 'raised for a test' using errcode = tg_argv[1];
      end if;
      return new;
    end $$`);
});

afterEach(async () => {
  for (const place of Object.keys(PLACES)) await apps.sql(`drop sequence if exists fault_${place}`);
  const tables = ['run', 'journal', 'signal', 'worker'];
  const there = await apps.sql<{ text: string }>(
    `select format('drop trigger %I on durable.%I', t.tgname, c.relname) as text
       from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where t.tgname like 'fault_%' and c.relname = any ($1)`,
    [tables],
  );
  for (const { text } of there) await apps.sql(text);
  await apps.sql('truncate effect');
});

async function raise(code: string, places: Readonly<Record<string, string>>, kind: string): Promise<void> {
  for (const [place, when] of Object.entries(places)) {
    await apps.sql(`create sequence fault_${place}`);
    await apps.sql(`create ${kind} fault_${place} ${when} execute function fault('${place}', '${code}')`);
  }
}

async function timesRaised(places: Readonly<Record<string, string>>): Promise<Record<string, boolean>> {
  const raised: Record<string, boolean> = {};
  for (const place of Object.keys(places)) {
    const [row] = await apps.sql<{ last: string }>(`select last_value as last from fault_${place}`);
    raised[place] = Number(row.last) > TIMES;
  }
  return raised;
}

/** A run through every kind of write; @returns how often each plain step was begun. */
async function live(): Promise<Record<string, number>> {
  const begun: Record<string, number> = {};
  const count = ({ stepName }: DurableContext): string => {
    begun[stepName] = (begun[stepName] ?? 0) + 1;
    return stepName;
  };
  const effect = async (ctx: DurableContext): Promise<void> => {
    await ctx.manager.query('insert into effect values ($1, $2)', [ctx.runId, ctx.stepName]);
  };
  const plan = durable('faulty')
    .step('first', count)
    .step('inside', effect, { transactional: true, backoff: () => 0 })
    .waitForSignal('go', 'go')
    .step('last', count);
  const app = await apps.boot({ workflows: [plan], worker: { pollInterval: 50 } });
  // Later than now, so that it has to be claimed.
  const run = await app.runner.start('faulty', null, { idempotencyKey: 'one', delay: 10 });
  for (let beat = 0; beat <= TIMES; beat++) await app.engine.worker!.renew();
  await run.signal('go', 'now', { id: 'one' });
  expect(await run.result({ timeout: '60s' })).toEqual({ first: 'first', inside: null, go: 'now', last: 'last' });
  expect(app.workerId).not.toBeNull();
  return begun;
}

async function expectOnce(begun: Record<string, number>): Promise<void> {
  expect(begun).toEqual({ first: 1, last: 1 });
  expect(await apps.count('run')).toBe(1);
  expect(await apps.count('signal')).toBe(1);
  expect(await apps.sql('select step from effect')).toEqual([{ step: 'inside' }]);
}

it.each(Object.entries(PASSING))(
  'survives %s (%s) at the start, a claim, checkpoints, signals and the lease',
  async (code) => {
    await raise(code, PLACES, 'trigger');
    await expectOnce(await live());
    expect(await timesRaised(PLACES)).toEqual({
      start: true,
      claim: true,
      checkpoint: true,
      signal: true,
      lease: true,
    });
  },
);

it.each(['40001', '53100', '57014'])('survives %s at the COMMIT of each', async (code) => {
  await raise(code, AT_COMMIT, 'constraint trigger');
  await expectOnce(await live());
  expect(await timesRaised(AT_COMMIT)).toEqual({ start: true, claim: true, checkpoint: true, signal: true });
});
