import { channel, type Channel } from 'node:diagnostics_channel';
import type { LoggerService } from '@nestjs/common';
import { DURABLE_EVENTS } from './durable-event-names.js';
import type { DurableEvent, DurableEventMap, DurableEventName } from './durable-event.interface.js';

/** Hears events; what it throws, or what a promise of it rejects with, is told to the log once. */
export interface EventListener {
  /** What the log calls it. */
  readonly title: string;
  readonly hear: (event: DurableEvent) => unknown;
}

interface Topic {
  readonly channel: Channel;
  listeners: readonly EventListener[];
}

/**
 * Takes events to whoever listens in this process, at once and in the order of their subscriptions.
 *
 * Nobody listens most of the time, so callers ask `wants` before they make an event: some fifty nanoseconds, where a step
 * takes tens of thousands. A listener that fails disturbs no other and is told of once: by the kind of its error and the place, as
 * messages may hold what logs must not. Subscribers of a `diagnostics_channel` are Node's own: what they throw is an
 * uncaught exception.
 */
export class EventBus {
  private readonly topics = new Map<DurableEventName, Topic>(
    DURABLE_EVENTS.map((name) => [name, { channel: channel(name), listeners: [] }]),
  );
  private readonly failed = new WeakSet<object>();

  constructor(
    private readonly logger: Pick<LoggerService, 'error'>,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Whether anybody listens to the event now. */
  wants(name: DurableEventName): boolean {
    const topic = this.topics.get(name)!;
    return topic.listeners.length > 0 || topic.channel.hasSubscribers;
  }

  /** Never throws. Ask `wants` first. */
  emit<Name extends DurableEventName>(name: Name, fields: DurableEventMap[Name]): void {
    const topic = this.topics.get(name)!;
    const event = Object.freeze({ name, time: this.now(), ...fields }) as unknown as DurableEvent;
    for (const listener of topic.listeners) this.tell(listener, event);
    topic.channel.publish(event);
  }

  /** @returns what ends it. */
  listen(listener: EventListener, names: readonly DurableEventName[] = DURABLE_EVENTS): () => void {
    const topics = names.map((name) => this.topics.get(name)!);
    // A new list each time: one may be added or removed while an event is being told.
    for (const topic of topics) topic.listeners = [...topic.listeners, listener];
    return () => {
      for (const topic of topics) topic.listeners = topic.listeners.filter((other) => other !== listener);
    };
  }

  /** Tells the log of a listener's failure, the first time. */
  failure({ key, title }: { readonly key: object; readonly title: string }, on: string, error: unknown): void {
    if (this.failed.has(key)) return;
    this.failed.add(key);
    this.logger.error(`${title} failed on ${on} with ${kindOf(error)}. Runs are not disturbed; it is told of once.`);
  }

  private tell(listener: EventListener, event: DurableEvent): void {
    const failed = (error: unknown): void => this.failure({ ...listener, key: listener }, event.name, error);
    try {
      const heard = listener.hear(event);
      if (isThenable(heard)) heard.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** The class of an error and where it was made, without its message. Whatever was thrown, it does not throw. */
function kindOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `a thrown ${error === null ? 'null' : typeof error}`;
    const { message } = error;
    const stack = String(error.stack);
    // A message may look like a frame.
    const frames = stack.slice(stack.includes(message) ? stack.indexOf(message) + message.length : 0);
    const frame = /^\s+at (.+)$/m.exec(frames)?.[1];
    return `${error.constructor.name}${frame ? ` at ${frame}` : ''}`;
  } catch {
    return 'an error that cannot be shown';
  }
}
