import type { PlanName, Subject } from '../subjects/subject.interface.js';

/** Keeps so many runs of a plan going: as soon as one has ended, the next is started. */
export class Lanes {
  private stopped = false;
  private readonly lanes: Promise<void>[];

  /** @param limit ends after so many runs. */
  constructor(
    private readonly subject: Pick<Subject, 'run'>,
    private readonly plan: PlanName,
    inFlight: number,
    private limit = Number.POSITIVE_INFINITY,
  ) {
    this.lanes = Array.from({ length: Math.min(inFlight, limit) }, () => this.lane());
  }

  /** Resolves when the last run has ended, which without a limit takes a `stop`. */
  async ended(): Promise<void> {
    await Promise.all(this.lanes);
  }

  stop(): void {
    this.stopped = true;
  }

  private async lane(): Promise<void> {
    while (!this.stopped && this.limit-- > 0) await this.subject.run(this.plan);
  }
}
