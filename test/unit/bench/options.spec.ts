/** Covers: the arguments of the bench. What it measures is only seen by running it. */
import { parseBenchOptions } from '../../../bench/options/bench-options.js';
import { chooseNamed } from '../../../bench/workloads/run-workloads.js';

describe('the options of the bench', () => {
  it('measures everything three times by default', () => {
    expect(parseBenchOptions([])).toMatchObject({ only: null, subjects: null, turns: 3, seconds: 3, inFlight: null });
  });

  it('measures once and shortly with --quick, unless it is told otherwise', () => {
    expect(parseBenchOptions(['--quick', '--seconds', '2'])).toMatchObject({ turns: 1, seconds: 2, quick: true });
  });

  it('splits names at commas', () => {
    expect(parseBenchOptions(['--only', 'latency, starts'])?.only).toEqual(['latency', 'starts']);
  });

  it('answers --help with nothing to measure', () => {
    expect(parseBenchOptions(['--help'])).toBeNull();
  });

  it.each([
    [['--turns', '0'], '--turns must be a whole number from 1, not 0'],
    [['--seconds', 'x'], '--seconds must be a whole number from 1, not x'],
    [['--only', ','], '--only needs at least one name'],
  ])('refuses %j', (args, message) => {
    expect(() => parseBenchOptions(args)).toThrow(new RangeError(message));
  });

  it('refuses an option that there is not', () => {
    expect(() => parseBenchOptions(['--fast'])).toThrow("Unknown option '--fast'");
  });

  it('chooses by name, in the order of all, and names what there is for one that is unknown', () => {
    const all = ['a', 'b', 'c'];
    const choose = (only: string[] | null): string[] => chooseNamed('letter', all, (one) => one, only);
    expect(choose(null)).toEqual(all);
    expect(choose(['c', 'a'])).toEqual(['a', 'c']);
    expect(() => choose(['a', 'z'])).toThrow(new RangeError('no letter is called z; there are: a, b, c'));
  });
});
