import { DurableError } from './durable.error.js';

/** Something needs a worker in this process, which was configured with `worker: false`. */
export class WorkerDisabledError extends DurableError {
  static override readonly code: string = 'DURABLE_WORKER_DISABLED';

  constructor() {
    super(
      WorkerDisabledError.code,
      'This process executes no runs, because the module option worker is false. Call it in a worker process, or configure a worker here.',
    );
  }
}
