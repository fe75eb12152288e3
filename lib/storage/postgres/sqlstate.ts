/**
 * What to do about a database error. The only place that knows SQLSTATE codes and the driver's error texts.
 *
 * - `conflict`: another transaction was in the way; the same transaction may be repeated at once.
 * - `transient`: the database, or the way to it, is not available now; repeat later. The outcome may be unknown.
 * - `data`: the database refuses these values; repeating cannot help, other rows of the batch may pass without them.
 * - `permanent`: anything else: a missing table, a missing privilege, a bug. Repeating cannot help.
 */
export type ErrorClass = 'conflict' | 'transient' | 'data' | 'permanent';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: single codes, which win over their class. */
const CODES: Readonly<Record<string, ErrorClass>> = {
  '40000': 'conflict', // transaction_rollback
  '40001': 'conflict', // serialization_failure
  '40P01': 'conflict', // deadlock_detected
  '55P03': 'conflict', // lock_not_available: lock_timeout, or NOWAIT

  '25006': 'transient', // read_only_sql_transaction: a standby, until the connection reaches the new primary
  '25P03': 'transient', // idle_in_transaction_session_timeout
  '25P04': 'transient', // transaction_timeout
  '26000': 'transient', // invalid_sql_statement_name: the prepared statement is gone, a new connection has it again
  '40003': 'transient', // statement_completion_unknown
  '57014': 'transient', // query_canceled: statement_timeout, or an operator
  '57P01': 'transient', // admin_shutdown
  '57P02': 'transient', // crash_shutdown
  '57P03': 'transient', // cannot_connect_now: starting up or shutting down
  '57P05': 'transient', // idle_session_timeout
};

const CLASSES: Readonly<Record<string, ErrorClass>> = {
  '08': 'transient', // connection exception
  '53': 'transient', // insufficient resources: disk full, out of memory, too many connections
  '58': 'transient', // system error of the server's machine

  '21': 'data', // cardinality violation
  '22': 'data', // data exception: a value out of range, invalid JSON, \u0000
  '23': 'data', // integrity constraint violation
  '44': 'data', // with check option violation
  '54': 'data', // program limit exceeded: a row or an index entry too large
};

/** Codes of Node's sockets and resolver. ENOENT is a Unix socket whose server is restarting. */
const SOCKET_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ETIMEDOUT',
]);

/** Errors that pg and pg-pool raise themselves carry no code. */
const DRIVER_TEXTS: readonly RegExp[] = [
  /^Connection terminated/,
  /^Connection ended unexpectedly/,
  /^Query read timeout/,
  /^timeout expired/,
  /^timeout exceeded when trying to connect/,
  /^Client has encountered a connection error/,
  /^Client was closed and is not queryable/,
];

/** A table changed under a prepared statement; a new connection plans it again. */
const STALE_PLAN = /^cached plan must not change result type/;

/** Codes after which the connection itself is of no use, although the server may not have closed it. */
const UNUSABLE_CONNECTION: ReadonlySet<string> = new Set(['25006', '25P02', '25P03', '26000']);

interface DriverError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** The driver's error, out of TypeORM's `QueryFailedError` where it is wrapped in one. */
function factsOf(error: unknown): { readonly code: string; readonly message: string } {
  const outer = error as (DriverError & { readonly driverError?: DriverError }) | null | undefined;
  const inner = outer?.driverError ?? outer;
  return {
    code: typeof inner?.code === 'string' ? inner.code : '',
    message: typeof inner?.message === 'string' ? inner.message : '',
  };
}

/** The SQLSTATE of an error that the server sent, else `null`. `EPIPE` has five letters too, but no class begins with E. */
export function sqlState(error: unknown): string | null {
  const { code } = factsOf(error);
  return /^[0-9FHPX][0-9A-Z]{4}$/.test(code) ? code : null;
}

/** Says what to do about an error of the database or the driver. */
export function classify(error: unknown): ErrorClass {
  const { code, message } = factsOf(error);
  const state = sqlState(error);
  if (state === null) {
    return SOCKET_CODES.has(code) || DRIVER_TEXTS.some((text) => text.test(message)) ? 'transient' : 'permanent';
  }
  if (state === '0A000' && STALE_PLAN.test(message)) return 'transient';
  return CODES[state] ?? CLASSES[state.slice(0, 2)] ?? 'permanent';
}

/** True when the connection that raised the error must not be used again. */
export function breaksConnection(error: unknown): boolean {
  const state = sqlState(error);
  if (state === null) return true;
  if (UNUSABLE_CONNECTION.has(state)) return true;
  if (state === '0A000') return STALE_PLAN.test(factsOf(error).message);
  return state.startsWith('08') || state.startsWith('57P') || state.startsWith('XX');
}

/** True when a row with the same key is there already: `23505`. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

/** True when an earlier statement of the transaction failed and nothing but a rollback is possible: `25P02`. */
export function isTransactionAborted(error: unknown): boolean {
  return sqlState(error) === '25P02';
}

/** True when the role lacks a privilege: `42501`. */
export function isPrivilegeMissing(error: unknown): boolean {
  return sqlState(error) === '42501';
}

/** True when the server gave a statement up, for its time limit or at an operator's word: `57014`. */
export function isQueryCanceled(error: unknown): boolean {
  return sqlState(error) === '57014';
}
