/*
 * Covers what one more checkpoint costs when much has been done already: bytes of write-ahead log, statements and CPU time,
 * in the last tenth of long loops, forEachs and chains of children against the first, on a server of its own. Nothing that
 * is done is written again, and nothing is read again for every unit.
 */
import { jest } from '@jest/globals';
import { durable, type DurableWorkflow } from '../../lib/index.js';
import { DurableApp, LogBook } from '../support/durable-app.js';
import { CostMeter } from '../support/costs/cost-meter.js';
import { Tenths } from '../support/costs/tenths.js';

jest.setTimeout(180_000);

const ITERATIONS = 1_000;
const ITEMS = 10_000;
const CHILDREN = 100;
/** The log and the statements are counted to the last one. CPU time is not: a collection of garbage falls where it will. */
const LIMITS = { wal: 1.2, statements: 1.2, cpu: 4 };
/**
 * Nine units are too few to tell their CPU time from what else the process does; and a page of an index that is split among
 * them, which happens at any time, writes four kilobytes and more beside some 2,500 bytes a unit. What grew with the units
 * before would write several times as much.
 */
const FEW = { cpu: Infinity, wal: 1.6 };

describe('the cost of one more checkpoint', () => {
  let meter: CostMeter;

  beforeAll(async () => {
    meter = await CostMeter.start();
  });

  afterAll(async () => {
    await meter.stop();
  });

  /** Runs the first of the workflows once for each input. */
  async function execute(workflows: readonly DurableWorkflow[], ...inputs: unknown[]): Promise<void> {
    // The payloads of one test are large. Neither renewals nor polls within a test.
    const worker = { leaseDuration: '1h', pollInterval: '30m' };
    const app = await DurableApp.boot(meter.url, { workflows, worker, payloadLimit: 32_000_000 }, new LogBook());
    try {
      for (const input of inputs) {
        await (await app.runner.start(workflows[0].name, input)).result().catch((error: unknown) => {
          if (!String(error).includes('undo everything')) throw error;
        });
      }
    } finally {
      await app.close();
    }
  }

  function expectNoGrowth(what: string, tenths: Tenths, limits: Partial<typeof LIMITS> = {}): void {
    const { first, last, growth } = tenths;
    process.stdout.write(`${what}: ${JSON.stringify({ first, last })}\n`);
    for (const [meter, limit] of Object.entries({ ...LIMITS, ...limits })) {
      expect({ meter, grows: growth[meter as keyof typeof LIMITS] > limit, growth }).toMatchObject({ grows: false });
    }
  }

  it(`does not grow in a loop of ${ITERATIONS} iterations`, async () => {
    const tenths = new Tenths(meter, ITERATIONS);
    const loop = durable('loop').loop(
      'count',
      async (n: number) => {
        await tenths.pass(n);
        return n + 1;
      },
      { mapInput: () => 0, maxIterations: ITERATIONS },
    );
    await execute([loop], null, null);
    expectNoGrowth('an iteration', tenths);
  });

  it(`does not grow in a forEach of ${ITEMS} items`, async () => {
    const tenths = new Tenths(meter, ITEMS);
    const pack = durable('pack').forEach(
      'pack',
      async (item: number) => {
        await tenths.pass(item);
        return item;
      },
      { items: (ctx) => Array.from({ length: ctx.input }, (_, item) => item), concurrency: 8 },
    );
    await execute([pack], 2_000, ITEMS);
    expectNoGrowth('an item', tenths);
  });

  it('does not grow with what the items of a forEach weigh together, when they are undone one by one', async () => {
    const [few, many] = [new Tenths(meter, 50), new Tenths(meter, 1_000)];
    let tenths = few;
    let undone = 0;
    const heavy = durable('heavy')
      .forEach('pack', (item: { n: number }) => item.n, {
        items: (ctx) => Array.from({ length: ctx.input }, (_, n) => ({ n, weight: 'x'.repeat(20_000) })),
        concurrency: 50,
        compensate: async () => tenths.pass(undone++),
      })
      .step('fail', () => Promise.reject(new Error('undo everything')), { maxAttempts: 1 });
    await execute([heavy], 50);
    [tenths, undone] = [many, 0];
    await execute([heavy], 1_000);
    expectNoGrowth('an undo', many);
    expect(many.last.cpu / few.last.cpu).toBeLessThan(LIMITS.cpu);
  });

  it(`does not grow in a plan of ${CHILDREN} children, one after the other`, async () => {
    const tenths = new Tenths(meter, CHILDREN);
    const child = durable('child').step('work', (ctx) => tenths.pass(ctx.input));
    const chain = durable('chain');
    for (let n = 0; n < CHILDREN; n++) chain.childWorkflow(`child-${n}`, 'child', () => n);
    await execute([chain, child], null, null);
    expectNoGrowth('a child', tenths, FEW);
  });

  it(`does not grow in a chain of ${CHILDREN} children, each the child of the one before`, async () => {
    const down = new Tenths(meter, CHILDREN);
    const up = new Tenths(meter, CHILDREN);
    const links = Array.from({ length: CHILDREN }, (_, n) => {
      const link = durable(`link-${n}`).step('down', () => down.pass(n));
      if (n < CHILDREN - 1) link.childWorkflow('next', `link-${n + 1}`);
      return link.step('up', () => up.pass(CHILDREN - 1 - n));
    });
    await execute(links, null, null);
    expectNoGrowth('a birth', down, FEW);
    expectNoGrowth('an end', up, FEW);
  });
});
