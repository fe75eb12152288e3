import 'reflect-metadata';
import type { DurableEventName } from './durable-event.interface.js';

/** Under this key a method has the names of the events that it handles. */
const EVENTS_METADATA = 'nest-durable:events';

export function noteEvents(method: object, names: readonly DurableEventName[]): void {
  Reflect.defineMetadata(EVENTS_METADATA, names, method);
}

export function notedEvents(method: object): readonly DurableEventName[] | undefined {
  return Reflect.getMetadata(EVENTS_METADATA, method) as readonly DurableEventName[] | undefined;
}
