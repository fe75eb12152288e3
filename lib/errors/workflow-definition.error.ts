import { DurableError } from './durable.error.js';

/** The plans of this process are wrong. Reports every mistake at once; each names class, method and fix. */
export class WorkflowDefinitionError extends DurableError {
  static override readonly code: string = 'DURABLE_WORKFLOW_DEFINITION';

  constructor(readonly problems: readonly string[]) {
    super(WorkflowDefinitionError.code, describe(problems));
  }
}

function describe(problems: readonly string[]): string {
  const count = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
  const lines = problems.map((problem, index) => `  ${index + 1}. ${problem}`);
  return [`The workflows of this process have ${count}:`, ...lines].join('\n');
}
