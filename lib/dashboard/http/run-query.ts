import { isRunId } from '../../common/ids.js';
import { assertIdempotencyKey, assertName, assertTags } from '../../common/names.js';
import { RUN_STATUSES, type RunStatus } from '../../definition/run-state.js';
import { InvalidNameError } from '../../errors/index.js';
import type { RunSearch } from '../../storage/contract/dashboard-store.contract.js';
import { DashboardRefusal } from './dashboard-refusal.js';

/** Rows of a page: what fits on a screen several times over. */
export const LARGEST_PAGE = 100;
const DEFAULT_PAGE = 50;
/** A sentence of an error; every further character is compared with every error. */
const LONGEST_SEARCH = 200;
const LARGEST_VERSION = 2_147_483_647;

/** Fields of a filter, from a URL or from a body. */
export type FilterFields = Readonly<Record<string, unknown>>;

/** The parameters of a URL as fields: `status` is separated by commas, `tag` is repeated. */
export function fieldsOf(query: URLSearchParams): FilterFields {
  const fields: Record<string, unknown> = {};
  for (const name of [
    'workflow',
    'version',
    'from',
    'to',
    'key',
    'error',
    'id',
    'parent',
    'before',
    'limit',
  ] as const) {
    const value = query.get(name);
    if (value !== null && value !== '') fields[name] = value;
  }
  const list = (name: string): string[] => query.getAll(name).filter((value) => value !== '');
  const status = list('status').flatMap((value) => value.split(','));
  if (status.length > 0) fields.status = status;
  const tags = list('tag');
  if (tags.length > 0) fields.tag = tags;
  return fields;
}

/**
 * Checks a filter: what the database would refuse is refused here, by the field's name.
 *
 * @throws DashboardRefusal
 */
export function searchOf(fields: FilterFields): RunSearch {
  const { status, workflow, version, from, to, key, tag, error, id, parent, before } = fields;
  return {
    status: status === undefined ? undefined : statuses(status),
    workflow: named('workflow', workflow, (value) => assertName('workflow', value)),
    version: version === undefined ? undefined : integer('version', version, 1, LARGEST_VERSION),
    createdFrom: time('from', from),
    createdBefore: time('to', to),
    idempotencyKey: named('key', key, assertIdempotencyKey),
    tags: tag === undefined ? undefined : tags(tag),
    error: search(error),
    ids: id === undefined ? undefined : [runId('id', id)],
    parentId: parent === undefined ? undefined : runId('parent', parent),
    before: before === undefined ? undefined : runId('before', before),
  };
}

/** @throws DashboardRefusal */
export function limitOf({ limit }: FilterFields): number {
  return limit === undefined ? DEFAULT_PAGE : integer('limit', limit, 1, LARGEST_PAGE);
}

/** @throws DashboardRefusal */
export function integer(field: string, value: unknown, min: number, max: number): number {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw bad(field, `an integer from ${min} to ${max}`);
}

/** @throws DashboardRefusal */
export function runId(field: string, value: unknown): string {
  if (isRunId(value)) return value;
  throw bad(field, 'the id of a run');
}

export function bad(field: string, expectation: string): DashboardRefusal {
  return new DashboardRefusal('bad_request', `${field} must be ${expectation}.`, field);
}

function statuses(value: unknown): readonly RunStatus[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  if (list.every((one) => RUN_STATUSES.includes(one as RunStatus))) return [...new Set(list as RunStatus[])];
  throw bad('status', `of ${RUN_STATUSES.join(', ')}`);
}

function tags(value: unknown): readonly string[] | undefined {
  const list: unknown = Array.isArray(value) ? value : [value];
  return named('tag', list, assertTags);
}

/** What no run can be called is refused by the field that holds it. */
function named<T>(field: string, value: unknown, assert: (value: unknown) => asserts value is T): T | undefined {
  if (value === undefined) return undefined;
  try {
    assert(value);
    return value;
  } catch (error) {
    if (!(error instanceof InvalidNameError)) throw error;
    throw bad(field, `a name that can be stored (${error.reason})`);
  }
}

/** PostgreSQL's times begin before and end after those of JavaScript. */
function time(field: string, value: unknown): Date | undefined {
  if (value === undefined) return undefined;
  const date = typeof value === 'string' ? new Date(value) : new Date(Number.NaN);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) {
    throw bad(field, 'a time such as 2030-01-31T12:00:00Z');
  }
  return date;
}

function search(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length <= LONGEST_SEARCH && !/\0|\p{Surrogate}/u.test(value)) return value;
  throw bad('error', `a text of at most ${LONGEST_SEARCH} characters`);
}
