import { isRunId } from '../common/ids.js';
import { assertIdempotencyKey, assertName, assertTags } from '../common/names.js';
import { isVersion } from '../definition/check-identity.js';
import { RUN_STATUSES, type RunStatus } from '../definition/run-state.js';
import { InvalidNameError, InvalidOptionError } from '../errors/index.js';
import type { RunFilter } from '../storage/contract/run-admin.contract.js';
import { assertOptions } from './known-options.js';
import type { ListFilter } from './run-options.interface.js';
import { referenceOf } from './workflow-reference.js';

/** A page is one query and one answer; more is better fetched as several. */
const LARGEST_PAGE = 500;
const DEFAULT_PAGE = 50;
/** A sentence of an error; every further character is compared with every error. */
const LONGEST_SEARCH = 200;

/**
 * Checks everything that a caller asks of a list: what the database would refuse is refused here, by the option's name.
 *
 * @throws InvalidOptionError
 * @throws WorkflowNotRegisteredError when a class has no `@Workflow`.
 */
export function toRunFilter(filter: ListFilter): RunFilter {
  assertOptions('list', filter);
  const { limit = DEFAULT_PAGE, createdAfter, createdBefore, before, parentRunId, idempotencyKey } = filter;
  check('limit', limit, isPageSize, `an integer from 1 to ${LARGEST_PAGE}`);
  check('before', before, isRunId, 'the `next` of another page');
  check('parentRunId', parentRunId, isRunId, 'the id of a run');
  check('version', filter.version, isVersion, 'the version of a workflow');
  check('createdAfter', createdAfter, isTime, 'a valid Date');
  check('createdBefore', createdBefore, isTime, 'a valid Date');
  const status = filter.status === undefined ? undefined : [filter.status].flat();
  for (const one of status ?? []) check('status', one, isStatus, `one of ${RUN_STATUSES.join(', ')}`);
  if (idempotencyKey !== undefined) named('idempotencyKey', idempotencyKey, assertIdempotencyKey);
  const tags = [filter.tag ?? []].flat();
  if (filter.tag !== undefined) named('tag', tags, assertTags);
  check('error', filter.error, isSearch, `a text of 1 to ${LONGEST_SEARCH} characters`);
  const { name, version } = target(filter.workflow);
  return {
    limit,
    before,
    idempotencyKey,
    tags: tags.length === 0 ? undefined : tags,
    error: filter.error,
    createdAfter,
    createdBefore,
    status,
    workflow: name,
    version: filter.version ?? version,
    parentId: parentRunId,
  };
}

function target(workflow: ListFilter['workflow']): { readonly name?: string; readonly version?: number } {
  if (workflow === undefined) return {};
  if (typeof workflow === 'string') named('workflow', workflow, (name) => assertName('workflow name', name));
  return referenceOf(workflow);
}

function check(option: string, value: unknown, accepts: (value: unknown) => boolean, expectation: string): void {
  if (value !== undefined && !accepts(value)) throw new InvalidOptionError(option, value, expectation);
}

/** A name that no run can have is told by the option that holds it. */
function named(option: string, value: unknown, assert: (value: unknown) => void): void {
  try {
    assert(value);
  } catch (error) {
    if (!(error instanceof InvalidNameError)) throw error;
    throw new InvalidOptionError(option, value, `a name that can be stored: ${error.reason}`, { cause: error });
  }
}

function isPageSize(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST_PAGE;
}

function isSearch(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_SEARCH && !value.includes('\0');
}

function isTime(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

function isStatus(value: unknown): boolean {
  return RUN_STATUSES.includes(value as RunStatus);
}
