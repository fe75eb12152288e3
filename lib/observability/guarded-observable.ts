import { Observable, Subscriber, type Observer, type Operator } from 'rxjs';

/** Told when a subscriber throws, or returns a promise that rejects. `key` is the same for each subscription. */
export type SubscriberFailure = (key: object, error: unknown) => void;

/**
 * A stream whose subscribers cannot end the process.
 *
 * What a subscriber of RxJS throws is thrown again on a timer, as an uncaught exception, and so is an error in an operator
 * that nobody handles; an async subscriber's rejection goes unhandled. Here, and behind every `pipe` from here, all of them
 * are told to `onFailure` instead. What is merged with other streams is theirs.
 */
export class GuardedObservable<T> extends Observable<T> {
  constructor(
    private readonly onFailure: SubscriberFailure,
    subscribe?: (subscriber: Subscriber<T>) => (() => void) | void,
  ) {
    super(subscribe);
  }

  /** Every operator makes its stream with it. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedObservable<R>(this.onFailure);
    lifted.source = this as Observable<unknown>;
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): ReturnType<Observable<T>['subscribe']> {
    // What operators hand on: only the last of a chain is the application's own.
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const given = typeof observerOrNext === 'object' && observerOrNext !== null ? observerOrNext : null;
    const next = given ? given.next?.bind(given) : (observerOrNext as ((value: T) => void) | null | undefined);
    const onError = given ? given.error?.bind(given) : error;
    const onComplete = given ? given.complete?.bind(given) : complete;
    const key = {};
    return super.subscribe({
      next: (value: T) => this.guard(key, () => next?.(value)),
      error: (reason: unknown) => {
        if (onError) this.guard(key, () => onError(reason));
        else this.onFailure(key, reason);
      },
      complete: () => this.guard(key, () => onComplete?.()),
    });
  }

  private guard(key: object, call: () => unknown): void {
    try {
      const returned = call() as PromiseLike<unknown> | null | undefined;
      if (typeof returned === 'object' && typeof returned?.then === 'function') {
        returned.then(undefined, (error: unknown) => this.onFailure(key, error));
      }
    } catch (error) {
      this.onFailure(key, error);
    }
  }
}
