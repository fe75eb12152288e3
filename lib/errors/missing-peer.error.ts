import { DurableError } from './durable.error.js';

/** An optional part of this package was imported, and the package that it builds upon is not installed. */
export class MissingPeerError extends DurableError {
  static override readonly code: string = 'DURABLE_MISSING_PEER';

  /**
   * @param peer the package to install.
   * @param part the entry point that needs it.
   */
  constructor(
    readonly peer: string,
    readonly part: string,
    options?: { readonly cause?: unknown },
  ) {
    super(
      MissingPeerError.code,
      `${part} needs the package ${peer}, which is not installed: run "npm install ${peer}".`,
      options,
    );
  }
}
