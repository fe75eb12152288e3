/**
 * Something that the program itself refuses or reports. What goes wrong in the package keeps its own class and code.
 *
 * `code` never changes between releases.
 */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly code: string,
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }

  /** An option, argument or combination of them that makes no sense. */
  static usage(message: string): CliError {
    return new CliError('CLI_USAGE', 2, message);
  }

  /** The state of the run does not allow it. */
  static impossible(message: string): CliError {
    return new CliError('CLI_NOT_POSSIBLE', 4, message);
  }
}
