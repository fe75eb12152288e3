import type { WorkflowRef } from '../../storage/contract/records.js';
import type { RunStore } from '../../storage/contract/run-store.contract.js';

/**
 * Which workflows are paused, as far as this worker knows. Claims and starts do not depend on it, because their
 * statements consult the table; it tells the runs that are held already.
 */
export class PausedWorkflows {
  private names: ReadonlySet<string> = new Set();
  private latest: Promise<boolean> = Promise.resolve(false);

  constructor(private readonly store: Pick<RunStore, 'pausedWorkflows'>) {}

  has({ name, version }: WorkflowRef): boolean {
    return this.names.size > 0 && (this.names.has(keyOf(name, version)) || this.names.has(keyOf(name, null)));
  }

  /** Asks the database, after every earlier look. Resolves with whether a pause was lifted since the one before. */
  look(): Promise<boolean> {
    this.latest = this.latest.catch(() => false).then(() => this.lookUp());
    return this.latest;
  }

  private async lookUp(): Promise<boolean> {
    const known = this.names;
    const paused = await this.store.pausedWorkflows();
    this.names = new Set(paused.map(({ workflow, version }) => keyOf(workflow, version)));
    return [...known].some((name) => !this.names.has(name));
  }
}

function keyOf(workflow: string, version: number | null): string {
  return JSON.stringify([workflow, version]);
}
