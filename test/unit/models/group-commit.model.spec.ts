// Covers the group commit in every order in which flushes can come back, fail, and be given up, found by fast-check's
// scheduler. Single cases: test/unit/engine/group-commit.spec.ts.
import fc from 'fast-check';
import { SystemClock } from '../../../lib/common/clock.js';
import { GroupCommit } from '../../../lib/common/group-commit.js';
import { tries } from '../../support/model-runs.js';

type Fate = 'written' | 'lost answer' | 'transient';

interface Scene {
  /** The mark is that of the run whose checkpoint it is, as it were. */
  readonly items: readonly { readonly bad: boolean; readonly later: boolean; readonly mark: number }[];
  readonly fates: readonly Fate[];
  readonly lanes: number;
  readonly abandonAfter: number | null;
}

const scenes = fc.record<Scene>({
  items: fc.array(fc.record({ bad: fc.boolean(), later: fc.boolean(), mark: fc.integer({ min: 0, max: 5 }) }), {
    minLength: 1,
    maxLength: 12,
  }),
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
    const marked = new Set<number>();
    const together: number[] = [];
    const added: number[] = [];
    const sent: number[] = [];
    let flushes = 0;
    const flush = async (batch: readonly number[]): Promise<readonly number[]> => {
      flushes++;
      most = Math.max(most, ++inFlight);
      const marks = batch.map((item) => items[item].mark);
      together.push(...marks.filter((mark) => marked.has(mark) || !marked.add(mark)));
      sent.push(...batch);
      if (flushes === abandonAfter)
        void s.schedule(Promise.resolve('abandon')).then(() => commits.abandon(failure('abandoned')));
      await s.schedule(Promise.resolve(`flush of ${batch.join(' ')}`));
      inFlight--;
      for (const mark of marks) marked.delete(mark);
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
      orderOf: (item) => `${items[item].mark}`,
    });
    const outcomes = items.map(async ({ later }, item) => {
      if (later) await s.schedule(Promise.resolve(`add ${item}`));
      added.push(item);
      return commits.add(item).then(
        (result) => ({ result, error: null }),
        (error: Error) => ({ result: null, error: error.message }),
      );
    });
    const settled = await s.waitFor(Promise.all(outcomes));
    await s.waitFor(commits.idle());

    expect(most).toBeLessThanOrEqual(lanes);
    expect(together).toEqual([]);
    for (const mark of new Set(items.map((item) => item.mark))) {
      const ofMark = (order: readonly number[]): number[] => order.filter((item) => items[item].mark === mark);
      // What is repeated or split is sent again, and what was given up never: the first tries are in the order of the calls.
      const first = [...new Set(ofMark(sent))];
      expect(ofMark(added).filter((item) => first.includes(item))).toEqual(first);
    }
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
