import type { Observable } from 'rxjs';
import type { DurableEvent, DurableEventName, DurableEventOf } from './durable-event.interface.js';
import type { EventBus } from './event-bus.js';
import { GuardedObservable } from './guarded-observable.js';

/**
 * What the engine of this process does, as a stream. Inject it anywhere; docs/events.md lists the events.
 *
 * Hot: what happened before the subscription is not told. What a subscriber throws, or what an operator behind it throws,
 * is logged once and disturbs neither the engine nor other subscribers. Costs nothing while nobody subscribes.
 *
 * @example
 * ```ts
 * this.events.of('durable.run.failed', 'durable.run.compensation_failed').subscribe(({ runId, error }) => {
 *   this.pager.alert(`Run ${runId} failed: ${error?.name}`);
 * });
 * ```
 */
export class DurableEvents extends GuardedObservable<DurableEvent> {
  constructor(private readonly bus: EventBus) {
    super(failureTo(bus), (subscriber) => bus.listen({ title: TITLE, hear: (event) => subscriber.next(event) }));
  }

  /** Only the events of these names: no other is made for it. */
  of<Name extends DurableEventName>(...names: readonly Name[]): Observable<DurableEventOf<Name>> {
    const { bus } = this;
    return new GuardedObservable<DurableEventOf<Name>>(failureTo(bus), (subscriber) => {
      const hear = (event: DurableEvent): void => subscriber.next(event as unknown as DurableEventOf<Name>);
      return bus.listen({ title: TITLE, hear }, names);
    });
  }
}

const TITLE = 'A subscriber of DurableEvents';

function failureTo(bus: EventBus): (key: object, error: unknown) => void {
  return (key, error) => bus.failure({ key, title: TITLE }, 'an event', error);
}
