import { didYouMean } from '../common/did-you-mean.js';
import { InvalidNameError } from '../errors/index.js';
import { DURABLE_EVENTS } from './durable-event-names.js';
import type { DurableEventName, DurableEventOf } from './durable-event.interface.js';
import { noteEvents } from './event-metadata.js';

/** A method that handles events of these names. */
export type DurableEventHandler<Name extends DurableEventName> = (event: DurableEventOf<Name>) => unknown;

/**
 * Calls a method of a provider or controller with every event of these names; without one, with all events.
 *
 * It is called at once, in the process where the event happens, and never waited for. What it throws, or rejects with, is
 * logged once and disturbs nothing. docs/events.md lists the events.
 *
 * @example
 * ```ts
 * @OnDurableEvent('durable.run.failed')
 * async onFailed({ runId, workflow, error }: DurableEventOf<'durable.run.failed'>) { … }
 * ```
 * @throws InvalidNameError for a name that no event has.
 */
export function OnDurableEvent<Name extends DurableEventName = DurableEventName>(...names: readonly Name[]) {
  for (const name of names) assertEvent(name);
  return <Method extends DurableEventHandler<Name>>(
    _target: object,
    _key: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const handled = names.length === 0 ? DURABLE_EVENTS : names;
    noteEvents(descriptor.value!, handled);
  };
}

function assertEvent(name: unknown): void {
  if (DURABLE_EVENTS.includes(name as DurableEventName)) return;
  const meant = typeof name === 'string' ? didYouMean(name, DURABLE_EVENTS) : undefined;
  const hint = meant === undefined ? `the events are ${DURABLE_EVENTS.join(', ')}` : `did you mean "${meant}"?`;
  throw new InvalidNameError('event name', name, `no event has it; ${hint}`.replace(/\?$/, ''));
}
