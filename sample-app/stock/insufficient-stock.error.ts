import { NonRetryableError } from '../../lib/index.js';

/** There is not enough left of an article. Another attempt would not change that, so the step gives up at once. */
export class InsufficientStockError extends NonRetryableError {
  constructor(
    readonly sku: string,
    readonly wanted: number,
  ) {
    super(`${sku}: ${wanted} wanted, fewer left`);
  }
}
