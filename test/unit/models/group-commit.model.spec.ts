// Covers the group commit in every order in which flushes can come back, fail, and be given up, found by fast-check's
// scheduler. Single cases: test/unit/engine/group-commit.spec.ts.
import fc from 'fast-check';
import { SystemClock } from '../../../lib/common/clock.js';
import { GroupCommit } from '../../../lib/common/group-commit.js';
import { tries } from '../../support/model-runs.js';

type Fate = 'written' | 'lost answer' | 'transient';

interface Scene {
  readonly items: readonly { readonly bad: boolean; readonly later: boolean }[];
  readonly fates: readonly Fate[];
  readonly lanes: number;
  readonly abandonAfter: number | null;
}

const scenes = fc.record<Scene>({
  items: fc.array(fc.record({ bad: fc.boolean(), later: fc.boolean() }), { minLength: 1, maxLength: 12 }),
  fates: fc.array(fc.constantFrom<Fate[]>('written', 'lost answer', 'transient'), { maxLength: 3 }),
  lanes: fc.integer({ min: 1, max: 3 }),
  abandonAfter: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null, freq: 3 }),
});

const failure = (kind: string): Error => Object.assign(new Error(kind), { kind });

it('settles every item once, by what became of it', async () => {
  const property = fc.asyncProperty(fc.scheduler(), scenes, async (s, { items, fates, lanes, abandonAfter }) => {
    const written = new Map<number, number>();
    const left = [...fates];
    let inFlight = 0;
    let most = 0;
    let flushes = 0;
    const flush = async (batch: readonly number[]): Promise<readonly number[]> => {
      flushes++;
      most = Math.max(most, ++inFlight);
      if (flushes === abandonAfter)
        void s.schedule(Promise.resolve('abandon')).then(() => commits.abandon(failure('abandoned')));
      await s.schedule(Promise.resolve(`flush of ${batch.join(' ')}`));
      inFlight--;
      const fate = left.shift() ?? 'written';
      if (fate === 'transient') throw failure('transient');
      if (batch.some((item) => items[item].bad)) throw failure('rejected');
      for (const item of batch) written.set(item, (written.get(item) ?? 0) + 1);
      if (fate === 'lost answer') throw failure('transient');
      return batch;
    };
    const commits: GroupCommit<number, number> = new GroupCommit<number, number>({
      ...{ flush, lanes, clock: new SystemClock(), sizeOf: () => 1, giveUpAfterMs: Infinity },
      errorClass: (error) => (error as { kind: 'transient' | 'rejected' }).kind,
    });
    const outcomes = items.map(async ({ later }, item) => {
      if (later) await s.schedule(Promise.resolve(`add ${item}`));
      return commits.add(item).then(
        (result) => ({ result, error: null }),
        (error: Error) => ({ result: null, error: error.message }),
      );
    });
    const settled = await s.waitFor(Promise.all(outcomes));
    await s.waitFor(commits.idle());

    expect(most).toBeLessThanOrEqual(lanes);
    settled.forEach(({ result, error }, item) => {
      if (error === null) {
        expect(result).toBe(item);
        expect(written.get(item)).toBeGreaterThanOrEqual(1);
      } else if (error === 'rejected') expect(items[item].bad).toBe(true);
      // Whoever is told of a transient error was given up in between: nobody else hears of one.
      else expect(abandonAfter).not.toBeNull();
      if (items[item].bad) expect(written.has(item)).toBe(false);
    });
    expect(commits.isIdle).toBe(true);
  });
  await fc.assert(property, tries(60));
});
