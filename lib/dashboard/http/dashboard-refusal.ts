import type { DashboardErrorCode } from '../api/dashboard-api.contract.js';

const STATUS: Readonly<Record<DashboardErrorCode, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  cross_origin: 403,
  not_found: 404,
  refused: 409,
  count_changed: 409,
  too_large: 413,
  not_json: 415,
  too_slow: 503,
  unavailable: 503,
  internal: 500,
};

/** A request that is not done, as the page is told. */
export class DashboardRefusal extends Error {
  readonly status: number;

  constructor(
    readonly code: DashboardErrorCode,
    message: string,
    /** The parameter or field that is wrong. */
    readonly field?: string,
  ) {
    super(message);
    this.name = 'DashboardRefusal';
    this.status = STATUS[code];
  }
}
