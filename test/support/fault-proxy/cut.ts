/** Where a connection is cut, and what is left of it. */
export interface Cut {
  /** What the client sends then: the name of a prepared statement, a statement, or its `application_name`. */
  readonly pattern: Buffer;
  /**
   * `before` the server hears it; `after` the server has done what it says, and before it says so; or `with-answer`: the
   * server says that it is ready and ends the connection in one packet.
   */
  readonly moment: 'before' | 'after' | 'with-answer';
  /** Whether the client sees an end, or a connection on which nothing passes any more. */
  readonly leaves: 'end' | 'silence';
  /** Told once whether the cut happened, or was given up. */
  readonly done: (happened: boolean) => void;
}

/** A cut that is waited for. */
export interface AwaitedCut {
  readonly happened: Promise<boolean>;
  giveUp(): void;
}
