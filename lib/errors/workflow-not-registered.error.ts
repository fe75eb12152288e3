import { DurableError } from './durable.error.js';
import { showValue } from './show-value.js';

/** This process has no workflow of that name or version. */
export class WorkflowNotRegisteredError extends DurableError {
  static override readonly code: string = 'DURABLE_WORKFLOW_NOT_REGISTERED';

  /** @param message what to say where the name is not even one that could be registered. */
  constructor(
    readonly workflow: string,
    readonly version: number | undefined,
    readonly known: readonly string[],
    message?: string,
  ) {
    super(WorkflowNotRegisteredError.code, message ?? describe(workflow, version, known));
  }
}

/** A message of a few lines, even in an application with hundreds of workflows. */
const MOST_LISTED = 20;

function describe(workflow: string, version: number | undefined, known: readonly string[]): string {
  const which = version === undefined ? '' : ` version ${version}`;
  const more = known.length > MOST_LISTED ? ` and ${known.length - MOST_LISTED} more` : '';
  const listed = known.length === 0 ? 'none' : known.slice(0, MOST_LISTED).join(', ') + more;
  return (
    `Workflow ${showValue(workflow)}${which} is not registered in this process (registered: ${listed}). ` +
    'Add its class to the providers of a module that this process loads, or register its builder in the WorkflowRegistry.'
  );
}
