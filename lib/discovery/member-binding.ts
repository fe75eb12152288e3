/** A function of any kind, as options and classes hold them. */
export type AnyFunction = (...args: unknown[]) => unknown;

/** Options that hold validators: objects that may be functions, and must be passed on as they are. */
const VALIDATORS = new Set(['schema', 'schemas']);

/**
 * Calls the method through the instance, each time: what a subclass, a test double or a spy put in its place is what
 * runs.
 */
export function bindMethod(instance: object, key: string): AnyFunction {
  return (...args) => (instance as Record<string, AnyFunction>)[key](...args);
}

/** The options with every function of theirs called on the instance, so that a `function` reaches what is injected. */
export function bindOptions(instance: object, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) =>
      typeof value === 'function' && !VALIDATORS.has(name)
        ? [name, (...args: unknown[]): unknown => Reflect.apply(value, instance, args)]
        : [name, value],
    ),
  );
}

/** True when the instance has a method of that name, its own or inherited. */
export function hasMethod(instance: object, key: PropertyKey): boolean {
  return typeof (instance as Record<PropertyKey, unknown>)[key] === 'function';
}

/** Names of the methods that the classes of an instance declare, for suggestions. */
export function methodNames(instance: object): string[] {
  const names = new Set<string>();
  for (let at: unknown = instance; isObject(at) && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
