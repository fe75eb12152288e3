import { DurableError } from './durable.error.js';

/** A `manager` option is no `EntityManager` of an open transaction. Nothing was written. */
export class ManagerNotInTransactionError extends DurableError {
  static override readonly code: string = 'DURABLE_MANAGER_NOT_IN_TRANSACTION';

  constructor(
    /** The call, e.g. `start`. */
    readonly method: string,
  ) {
    super(
      ManagerNotInTransactionError.code,
      `runner.${method} was given a manager that is in no transaction. Pass the one that dataSource.transaction(async (manager) => …) hands you, or leave the option out.`,
    );
  }
}
