import type { RunStatus } from '../definition/run-state.js';
import type { StoredError } from '../storage/contract/records.js';
import { DurableError } from './durable.error.js';
import { restoreError } from './restore-error.js';

/** A run that somebody waits for ended without a result: `failed`, `canceled` or `compensation_failed`. */
export class RunFailedError extends DurableError {
  static override readonly code: string = 'DURABLE_RUN_FAILED';

  /**
   * `cause` is an `Error` made of `error`, with the name, message, code and stack of the worker's.
   *
   * @param reason why it was canceled, where somebody said so.
   */
  constructor(
    readonly runId: string,
    readonly workflow: string,
    readonly status: RunStatus,
    readonly error: StoredError | null,
    readonly reason: string | null = null,
  ) {
    super(RunFailedError.code, describe(runId, workflow, status, error, reason), {
      cause: error === null ? undefined : restoreError(error),
    });
  }
}

const VERBS: Partial<Record<RunStatus, string>> = {
  failed: 'failed',
  canceled: 'was canceled',
  compensation_failed: 'failed, and undoing what it had done failed too',
};

function describe(
  runId: string,
  workflow: string,
  status: RunStatus,
  error: StoredError | null,
  canceledFor: string | null,
): string {
  const verb = VERBS[status] ?? `ended as ${status}`;
  const step = error?.step === undefined ? '' : ` at step "${error.step}"`;
  const failure = error && `${error.name}: ${error.message}`;
  const told = status === 'canceled' ? (canceledFor ?? failure) : failure;
  const reason = told === null ? '' : `: ${told}`;
  const next = status === 'canceled' ? '' : ` Once the cause is removed, runner.retry('${runId}') goes on from there.`;
  return `Run ${runId} of workflow "${workflow}" ${verb}${step}${reason}${/[.!?]$/.test(reason) ? '' : '.'}${next}`;
}
