import { InvalidOptionError } from './invalid-option.error.js';
import { cut } from './show-value.js';

/** There is no option of that name. Its value is not shown: in the wrong place, it may be a connection string. */
export class UnknownOptionError extends InvalidOptionError {
  static override readonly code: string = 'DURABLE_UNKNOWN_OPTION';

  /**
   * @param option its path, e.g. `worker.concurency`.
   * @param known the paths of the options that exist beside it.
   * @param meant the option that was probably meant.
   */
  constructor(
    option: string,
    readonly known: readonly string[],
    readonly meant: string | undefined,
  ) {
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
    super(option, undefined, `one of ${known.join(', ')}`, {
      shown: 'an unknown option',
      message: `Unknown option ${cut(option)}.${hint} The options here are: ${known.join(', ')}.`,
      code: UnknownOptionError.code,
    });
  }
}
