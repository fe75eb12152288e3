import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose code is being executed. */
export interface HandlerOrigin {
  readonly runId: string;
  readonly workflow: string;
  readonly step: string;
}

/** What all workers of a process share, also those of another copy of this package. */
interface Scope {
  readonly origins: AsyncLocalStorage<HandlerOrigin>;
  /** Rejections that were told of already: every worker of the process hears each. */
  readonly heard: WeakSet<object>;
}

const SCOPE = Symbol.for('nest-durable.handler-scope');
const LISTENER = Symbol.for('nest-durable.rejection-listener');

type RejectionListener = ((reason: unknown, promise: Promise<unknown>) => void) & { [LISTENER]?: true };

function scope(): Scope {
  const shared = globalThis as { [SCOPE]?: Scope };
  return (shared[SCOPE] ??= { origins: new AsyncLocalStorage(), heard: new WeakSet() });
}

/** Calls a handler so that whatever it starts is known to be its own. About a microsecond a step. */
export function callHandler<T>(origin: HandlerOrigin, call: () => T): T {
  return scope().origins.run(origin, call);
}

/**
 * Keeps the process alive when a handler leaves a promise behind that rejects, which Node answers by ending it: every run
 * of the worker would go down with one careless line, and come back to do it again.
 *
 * Only rejections that come from a handler are taken in and told of. All others meet what they would without it: the
 * application's own listeners, else the end of the process.
 *
 * States: created → listening (`start`) → stopped (`stop`). Both may be called twice.
 */
export class DetachedRejections {
  private readonly listener: RejectionListener;

  constructor(private readonly onRejection: (origin: HandlerOrigin, reason: unknown) => void) {
    this.listener = Object.assign((reason: unknown, promise: Promise<unknown>) => this.hear(reason, promise), {
      [LISTENER]: true as const,
    });
  }

  start(): void {
    this.stop();
    process.on('unhandledRejection', this.listener);
  }

  stop(): void {
    process.off('unhandledRejection', this.listener);
  }

  private hear(reason: unknown, promise: Promise<unknown>): void {
    const { origins, heard } = scope();
    const origin = origins.getStore();
    if (!origin) return passOn(reason);
    if (heard.has(promise)) return;
    heard.add(promise);
    this.onRejection(origin, reason);
  }
}

/** A listener for this event keeps Node from ending the process, so what is not ours has to be thrown here. */
function passOn(reason: unknown): void {
  const listeners = process.listeners('unhandledRejection') as RejectionListener[];
  if (listeners.some((listener) => !listener[LISTENER]) || isTolerated()) return;
  throw reason instanceof Error ? reason : new Error(`Unhandled rejection: ${String(reason)}`, { cause: reason });
}

/** The process was started so that unhandled rejections do not end it. */
function isTolerated(): boolean {
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  return /--unhandled-rejections[= ](?:warn|none)/.test(flags);
}
