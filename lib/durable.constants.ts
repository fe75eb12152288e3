/** What `DurableModule.forRoot` was given, before validation. */
export const DURABLE_MODULE_OPTIONS = Symbol.for('nest-durable:module-options');

/** Injection token of the `ResolvedDurableOptions`. */
export const DURABLE_OPTIONS = Symbol.for('nest-durable:options');
