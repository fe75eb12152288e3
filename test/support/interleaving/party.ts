/** What a party is about to do, or has done: the name of a statement, or of the commit behind it. */
export type Action = string;

/** What ends a transaction is never turned away. */
export const COMMIT: Action = 'commit';

/**
 * One side of a race: a session of its own, and code that runs until its next statement and waits there for its turn.
 *
 * States: acting (runs code, or a statement that may be waiting for a lock) → ready (stands before a statement), or
 * refused (stands before one that was turned away by a lock and would be again) → acting → … → over.
 */
export class Party {
  state: 'acting' | 'ready' | 'refused' | 'over' = 'acting';
  /** What the play ended with. */
  error: unknown = null;
  private turnedAway = false;
  private go: (() => void) | null = null;
  private watchers: (() => void)[] = [];

  constructor(
    readonly name: string,
    /** The session's process in the server. */
    readonly pid: number,
    private readonly record: (event: string) => void,
  ) {}

  /** Runs the code; it never rejects. */
  play(code: () => Promise<unknown>): void {
    code()
      .catch((error: unknown) => (this.error = error))
      .finally(() => this.become('over'));
  }

  /** Waits for the turn, does the work, and remembers that it is done. */
  async act<T>(action: Action, work: () => Promise<T>, wasTurnedAway: (result: T) => boolean): Promise<T> {
    await this.turn(action !== COMMIT && this.turnedAway);
    if (action !== COMMIT) this.turnedAway = false;
    try {
      const result = await work();
      if (wasTurnedAway(result)) this.turnedAway = true;
      else this.record(`${this.name} ${action}`);
      return result;
    } catch (error) {
      this.turnedAway = true;
      throw error;
    }
  }

  /** Gives it the turn. */
  proceed(): void {
    this.become('acting');
    this.go!();
  }

  /** Somebody else has acted: what turned it away may be gone. */
  encourage(): void {
    this.turnedAway = false;
    if (this.state === 'refused') this.state = 'ready';
  }

  /** Resolves at the next change of state. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.watchers.push(resolve));
  }

  private turn(refused: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.go = resolve;
      this.become(refused ? 'refused' : 'ready');
    });
  }

  private become(state: Party['state']): void {
    this.state = state;
    for (const notify of this.watchers.splice(0)) notify();
  }
}
