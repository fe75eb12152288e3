import type { Client } from 'pg';
import type { Aftermath } from '../fleet/aftermath.js';

/** One thing that was not as it must be: what it happened to, and what it was. */
export interface Violation {
  readonly subject: string;
  readonly what: string;
}

/** What can be asked after a soak: the engine's tables, the shadow tables beside them, and the processes that lived. */
export interface Evidence {
  readonly client: Client;
  readonly aftermath: Aftermath;
}

/** One rule of the engine, in words for people and as a question that answers with its violations. */
export interface Invariant {
  readonly name: string;
  /** What holds, whatever fails and whenever. */
  readonly statement: string;
  check(evidence: Evidence): Promise<readonly Violation[]>;
}

/** Of thousands of violations, these many are shown. */
const SHOWN = 1_000;

/** An invariant whose violations are the rows of queries with the columns `subject` and `what`. */
export function sqlInvariant(name: string, statement: string, ...queries: readonly string[]): Invariant {
  return {
    name,
    statement,
    check: async ({ client }) => {
      const found: Violation[] = [];
      for (const text of queries) found.push(...(await client.query<Violation>(`${text}\nlimit ${SHOWN}`)).rows);
      return found;
    },
  };
}
