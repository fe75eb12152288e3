import type { RunFilterBody } from '../../../api/dashboard-api.contract.js';

type Status = NonNullable<RunFilterBody['status']>[number];

/** Times that people ask for, back from now; in milliseconds. */
export const WITHIN = {
  '15m': 900_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
} as const;
export type Within = keyof typeof WITHIN;

/** What the list of runs is narrowed to; the address of the page holds nothing else, so that a link shows the same. */
export interface RunFilter {
  readonly status: readonly Status[];
  readonly workflow: string;
  readonly version: number | null;
  /** Created this short a time ago; comes before `from` and `to`. */
  readonly within: Within | null;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly key: string;
  readonly tag: readonly string[];
  readonly error: string;
  readonly id: string;
  readonly parent: string;
  /** Where the page begins; empty for the newest runs. */
  readonly before: string;
}

export const NO_FILTER: RunFilter = {
  status: [],
  workflow: '',
  version: null,
  within: null,
  from: '',
  to: '',
  key: '',
  tag: [],
  error: '',
  id: '',
  parent: '',
  before: '',
};

const KNOWN: readonly Status[] = [
  'pending',
  'running',
  'suspended',
  'compensating',
  'completed',
  'failed',
  'canceled',
  'compensation_failed',
];
const TEXTS = ['workflow', 'from', 'to', 'key', 'error', 'id', 'parent', 'before'] as const;

/** Reads the part of an address behind `?`. What makes no sense is left out. */
export function readFilter(search: string): RunFilter {
  const params = new URLSearchParams(search);
  const texts = Object.fromEntries(TEXTS.map((name) => [name, params.get(name) ?? '']));
  const version = Number(params.get('version') ?? '');
  const within = params.get('within') as Within | null;
  return {
    ...NO_FILTER,
    ...texts,
    status: KNOWN.filter((status) => (params.get('status') ?? '').split(',').includes(status)),
    version: Number.isInteger(version) && version > 0 ? version : null,
    within: within !== null && Object.hasOwn(WITHIN, within) ? within : null,
    tag: params.getAll('tag').filter((tag) => tag !== ''),
  };
}

/** The part of an address behind `?`; empty without a filter. `readFilter` reads it back. */
export function writeFilter(filter: RunFilter): string {
  const params = new URLSearchParams();
  if (filter.status.length > 0) params.set('status', filter.status.join(','));
  if (filter.version !== null) params.set('version', String(filter.version));
  if (filter.within !== null) params.set('within', filter.within);
  for (const name of TEXTS) if (filter[name] !== '') params.set(name, filter[name]);
  for (const tag of filter.tag) params.append('tag', tag);
  return params.toString().replace(/%2C/g, ',');
}

/** The address of the list so filtered. */
export function runsPath(filter: Partial<RunFilter>): string {
  const search = writeFilter({ ...NO_FILTER, ...filter });
  return search === '' ? '/runs' : `/runs?${search}`;
}

/** What the server is asked. @param now the database's time, which `within` counts back from. */
export function filterBody(filter: RunFilter, now: number): RunFilterBody {
  const from = filter.within === null ? filter.from : new Date(now - WITHIN[filter.within]).toISOString();
  const to = filter.within === null ? filter.to : '';
  return {
    ...(filter.status.length > 0 && { status: filter.status }),
    ...(filter.workflow !== '' && { workflow: filter.workflow }),
    ...(filter.version !== null && { version: filter.version }),
    ...(from !== '' && { from }),
    ...(to !== '' && { to }),
    ...(filter.key !== '' && { key: filter.key }),
    ...(filter.tag.length > 0 && { tag: filter.tag }),
    ...(filter.error !== '' && { error: filter.error }),
    ...(filter.id !== '' && { id: filter.id }),
    ...(filter.parent !== '' && { parent: filter.parent }),
  };
}

/** The same as the query of a GET. */
export function filterQuery(body: RunFilterBody): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    if (name === 'tag') for (const tag of body.tag ?? []) params.append('tag', tag);
    else params.set(name, String(value));
  }
  return params.toString();
}

/** Whether anything but the place in the list is given. */
export function isFiltered(filter: RunFilter): boolean {
  return writeFilter({ ...filter, before: '' }) !== '';
}
