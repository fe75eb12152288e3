import { DurableError } from './durable.error.js';
import { showValue } from './show-value.js';

/** A route chose a branch that it does not have. */
export class UnknownBranchError extends DurableError {
  static override readonly code: string = 'DURABLE_UNKNOWN_BRANCH';

  constructor(
    readonly route: string,
    readonly branch: unknown,
    readonly known: readonly string[],
  ) {
    super(
      UnknownBranchError.code,
      `Route "${route}" chose ${showValue(branch)}, which is none of its branches: ${known.join(', ')}. Return one of these names, or declare the branch.`,
    );
  }
}
