/** The run that a span belongs to. */
export interface TracedRun {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  /** What {@link StartSpan.trace} was at the run's start; `null` when nobody traced it. */
  readonly trace: string | null;
}

/** The span of a start: everything that the run does later hangs on it. */
export interface StartSpan {
  /** To be stored with the run, at most a few hundred characters. */
  readonly trace: string;
  end(error?: unknown): void;
}

/** The span of one attempt, ended once. */
export interface AttemptSpan {
  /** Calls with the span active, so that whatever is traced inside hangs on it. */
  run<T>(call: () => T): T;
  end(outcome: 'succeeded' | 'failed' | 'abandoned', error?: unknown): void;
}

/** How a run ended, for its own span. */
export interface RunEnd {
  readonly status: string;
  readonly error: { readonly name: string; readonly message: string } | null;
}

/**
 * What the engine asks of a tracer. Each method returns `null`, at next to no cost, while nobody records spans. None
 * throws.
 */
export interface Tracing {
  /** Begins the span of a start, as a child of whatever span is active in the caller. */
  start(run: Omit<TracedRun, 'trace'>): StartSpan | null;

  /** Begins the span of a child's start: a trace of its own, linked with the span of the parent that is active. */
  startChild(child: Omit<TracedRun, 'trace'>, parent: TracedRun): StartSpan | null;

  /** Begins the span of an attempt. */
  attempt(run: TracedRun, step: string, attempt: number): AttemptSpan | null;

  /** Records the span of a whole run, once it has ended. */
  ended(run: TracedRun, end: RunEnd): void;
}
