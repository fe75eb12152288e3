/** The filter of the list of runs, as an address and as what the server is asked, and the columns that a browser remembers. */
import {
  filterBody,
  filterQuery,
  isFiltered,
  NO_FILTER,
  readFilter,
  runsPath,
  writeFilter,
  type RunFilter,
} from '../../../lib/dashboard/ui/src/state/run-filter.js';
import { readColumns } from '../../../lib/dashboard/ui/src/state/known-columns.js';

const FULL: RunFilter = {
  status: ['suspended', 'failed'],
  workflow: 'order & co',
  version: 3,
  within: null,
  from: '2030-01-01T00:00:00.000Z',
  to: '2030-01-02T00:00:00.000Z',
  key: 'a=b&c',
  tag: ['eu', 'a,b'],
  error: '</script> 100% \u202E',
  id: '0199f3a2-7c1e-7d2a-9b1c-000000000001',
  parent: '0199f3a2-7c1e-7d2a-9b1c-000000000002',
  before: 'next+page/=',
};

describe('the address of the list of runs', () => {
  it('keeps every part of the filter, whatever it contains', () => {
    expect(readFilter(writeFilter(FULL))).toEqual(FULL);
    expect(readFilter(`?${writeFilter(FULL)}`)).toEqual(FULL);
  });

  it('is short where nothing is filtered', () => {
    expect([runsPath({}), runsPath({ status: ['failed', 'canceled'] })]).toEqual([
      '/runs',
      '/runs?status=failed,canceled',
    ]);
    expect([isFiltered(NO_FILTER), isFiltered({ ...NO_FILTER, before: 'x' }), isFiltered(FULL)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it.each([
    ['a status that there is none of', 'status=failed,lost', { status: ['failed'] }],
    ['a version that is no number', 'version=two', { version: null }],
    ['a version that is none', 'version=-1', { version: null }],
    ['a window that is not offered', 'within=1y', { within: null }],
    ['a window named like a method', 'within=toString', { within: null }],
    ['an empty tag', 'tag=&tag=eu', { tag: ['eu'] }],
    ['a parameter that nobody knows', 'shape=round', {}],
  ])('leaves out %s', (_, search, expected) => {
    expect(readFilter(search)).toEqual({ ...NO_FILTER, ...expected });
  });
});

describe('what the server is asked', () => {
  it('is everything but the page, with nothing that is empty', () => {
    const { within: _, before: __, ...rest } = FULL;
    expect(filterBody(FULL, 0)).toEqual(rest);
    expect(filterBody(NO_FILTER, 0)).toEqual({});
  });

  it('counts a window back from the database’s time, and lets it come before other times', () => {
    const now = Date.parse('2030-01-02T00:00:00.000Z');
    expect(filterBody({ ...FULL, within: '1h' }, now)).toMatchObject({ from: '2030-01-01T23:00:00.000Z' });
    expect(filterBody({ ...FULL, within: '1h' }, now)).not.toHaveProperty('to');
  });

  it('repeats tags and joins statuses', () => {
    const query = filterQuery({ status: ['failed', 'canceled'], tag: ['eu', 'vip'] });
    expect(decodeURIComponent(query)).toBe('status=failed,canceled&tag=eu&tag=vip');
  });
});

describe('the columns that a browser remembers', () => {
  it.each<[string, string | null, string[]]>([
    ['nothing', null, ['status', 'run', 'node', 'detail', 'created', 'lasted']],
    ['that all were taken away', '', ['status', 'run']],
    ['some, in whatever order', 'worker,status,run,tags', ['status', 'run', 'tags', 'worker']],
    ['one that there is no longer, and noise', 'colour,__proto__, queue,queue', ['status', 'run', 'queue']],
  ])('are put right where it remembers %s', (_, stored, columns) => {
    expect(readColumns(stored)).toEqual(columns);
  });
});
