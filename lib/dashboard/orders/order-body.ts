import { assertName } from '../../common/names.js';
import { InvalidNameError } from '../../errors/index.js';
import { DASHBOARD_ACTIONS, type RunAction } from '../api/dashboard-api.contract.js';
import { DashboardRefusal } from '../http/dashboard-refusal.js';
import { bad, integer } from '../http/run-query.js';

const LONGEST_REASON = 1_000;
const LARGEST_VERSION = 2_147_483_647;

/** An order as its body said it, checked. */
export interface Order {
  readonly action: RunAction;
  readonly reason: string | undefined;
  /** For `signal`. */
  readonly name: string;
  readonly payload: unknown;
  readonly compensate: boolean;
  /** For `retry`. */
  readonly from: string | undefined;
  /** For `skip`. */
  readonly node: string;
  /** For `migrate`. */
  readonly to: number;
  readonly map: Readonly<Record<string, string>> | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws DashboardRefusal with `not_found` for what is no action. */
export function actionOf(text: string): RunAction {
  const found = DASHBOARD_ACTIONS.find((action) => action === text);
  if (found && found !== 'view' && found !== 'payload') return found;
  throw new DashboardRefusal('not_found', `There is no action ${text.slice(0, 50)}.`);
}

/**
 * Checks what an order takes. Whether a run can take it is decided on the run.
 *
 * @throws DashboardRefusal which names the field.
 */
export function orderOf(action: RunAction, fields: Fields): Order {
  const { compensate = true, payload, map } = fields;
  if (typeof compensate !== 'boolean') throw bad('compensate', 'true or false');
  return {
    action,
    reason: reasonOf(fields.reason),
    name: action === 'signal' ? name('name', fields.name) : '',
    payload,
    compensate,
    from: action === 'retry' && isGiven(fields.from) ? name('from', fields.from) : undefined,
    node: action === 'skip' ? name('node', fields.node) : '',
    to: action === 'migrate' ? integer('to', fields.to, 1, LARGEST_VERSION) : 0,
    map: action === 'migrate' && isGiven(map) ? mapOf(map) : undefined,
  };
}

/** @throws DashboardRefusal */
export function reasonOf(reason: unknown): string | undefined {
  if (!isGiven(reason)) return undefined;
  if (typeof reason === 'string' && reason.length <= LONGEST_REASON && !/\0|\p{Surrogate}/u.test(reason)) return reason;
  throw bad('reason', `a text of at most ${LONGEST_REASON} characters`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function name(field: string, value: unknown): string {
  try {
    assertName(field, value);
    return value;
  } catch (error) {
    if (error instanceof InvalidNameError) throw bad(field, `a name (${error.reason})`);
    throw error;
  }
}

function mapOf(map: unknown): Readonly<Record<string, string>> {
  const isMap = typeof map === 'object' && map !== null && !Array.isArray(map);
  if (isMap && Object.values(map).every((value) => typeof value === 'string')) return map as Record<string, string>;
  throw bad('map', 'an object of present names by former ones');
}
