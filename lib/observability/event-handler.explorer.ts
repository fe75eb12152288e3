import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { DurableEvent, DurableEventName } from './durable-event.interface.js';
import type { EventListener } from './event-bus.js';
import { notedEvents } from './event-metadata.js';

/** One `@OnDurableEvent` method of one instance. */
export interface EventHandler {
  readonly names: readonly DurableEventName[];
  readonly listener: EventListener;
}

/** What providers and controllers listen to, and what is wrong with how they do. */
export interface HandlerExploration {
  readonly handlers: readonly EventHandler[];
  readonly problems: readonly string[];
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];
type Method = (this: object, event: DurableEvent) => unknown;

/** Finds the `@OnDurableEvent` methods of all providers and controllers. Registers nothing. */
@Injectable()
export class EventHandlerExplorer {
  private readonly scanner = new MetadataScanner();

  constructor(private readonly discovery: DiscoveryService) {}

  explore(): HandlerExploration {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const seen = new Set<object>();
    const handlers: EventHandler[] = [];
    const problems: string[] = [];
    for (const wrapper of wrappers.filter(({ isAlias }) => !isAlias)) {
      const prototype = prototypeOf(wrapper);
      const found = prototype === null ? [] : this.methodsOf(prototype);
      if (found.length === 0) continue;
      const title = (method: string): string => `${String(wrapper.name)}.${method}`;
      if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
        problems.push(
          `${title(found[0].key)} handles events, but no instance of its class lasts: make it a singleton.`,
        );
        continue;
      }
      const instance = wrapper.instance as object;
      if (seen.has(instance)) continue;
      seen.add(instance);
      for (const { key, method, names } of found) {
        handlers.push({ names, listener: { title: title(key), hear: (event) => method.call(instance, event) } });
      }
    }
    return { handlers, problems };
  }

  private methodsOf(prototype: object) {
    return this.scanner.getAllMethodNames(prototype).flatMap((key) => {
      const method = (prototype as Record<string, Method>)[key];
      const names = notedEvents(method);
      return names ? [{ key, method, names }] : [];
    });
  }
}

function prototypeOf({ instance, metatype }: Wrapper): object | null {
  const made: unknown = instance;
  if (typeof made === 'object' && made !== null) return Object.getPrototypeOf(made) as object | null;
  const type: unknown = metatype;
  return typeof type === 'function' ? ((type.prototype as object | undefined) ?? null) : null;
}
