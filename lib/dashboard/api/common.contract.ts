/** A value as JSON carries it: dates are texts. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Wire<T[Key]> }
      : T;

/** ISO 8601, UTC, e.g. `2026-03-01T12:00:00.000Z`. */
export type Time = string;

/** What a person may be allowed to do with one run. By default `view` alone. */
export const DASHBOARD_ACTIONS = [
  'view',
  'payload',
  'signal',
  'resume',
  'cancel',
  'retry',
  'skip',
  'pause',
  'unpause',
  'terminate',
  'migrate',
] as const;

export type DashboardAction = (typeof DASHBOARD_ACTIONS)[number];

/** What changes a run. */
export type RunAction = Exclude<DashboardAction, 'view' | 'payload'>;

/**
 * | status | code | when |
 * |---|---|---|
 * | 400 | `bad_request` | a parameter or body is not as described; `field` names it |
 * | 401, 403 | `unauthorized`, `forbidden` | a guard or `authorize` said no |
 * | 403 | `cross_origin` | a POST that did not come from the page's own origin |
 * | 404 | `not_found` | no such run, workflow, action or path; or one that the person may not view |
 * | 409 | `refused` | the order does not fit the run as it is now; `message` says why |
 * | 409 | `count_changed` | more runs match a bulk order now than were confirmed; preview again |
 * | 413 | `too_large` | the body or a payload is too large |
 * | 415 | `not_json` | a POST whose content type is not `application/json` |
 * | 503 | `too_slow`, `unavailable` | the query hit its time limit; the database is away |
 * | 500 | `internal` | anything else; the server's log has it |
 */
export type DashboardErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'cross_origin'
  | 'not_found'
  | 'refused'
  | 'count_changed'
  | 'too_large'
  | 'not_json'
  | 'too_slow'
  | 'unavailable'
  | 'internal';

export interface ErrorAnswer {
  readonly error: {
    readonly code: DashboardErrorCode;
    /** For people. Plain text. */
    readonly message: string;
    /** The parameter or field that is wrong. */
    readonly field?: string;
  };
}

/** A count that stops at `limits.count`. */
export interface CappedCount {
  readonly count: number;
  /** There are more. */
  readonly capped: boolean;
}

/** An error as it is stored with a run or an attempt. */
export interface ErrorView {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly step?: string;
  readonly stack?: string;
  readonly cause?: ErrorView;
}
