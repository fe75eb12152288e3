import { DurableError } from '../errors/durable.error.js';

/** Collects what is wrong with a definition, so that all of it can be reported at once. */
export class ProblemList {
  private readonly errors: DurableError[] = [];

  get found(): readonly DurableError[] {
    return this.errors;
  }

  add(error: DurableError): void {
    this.errors.push(error);
  }

  throwFirst(): void {
    if (this.errors.length > 0) throw this.errors[0];
  }

  /** Runs a check that throws, and keeps what it throws. Returns `undefined` then. Errors of other kinds go through. */
  attempt<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof DurableError)) throw error;
      this.errors.push(error);
      return undefined;
    }
  }
}
