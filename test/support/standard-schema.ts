import type { StandardSchema } from '../../lib/index.js';

/** What a validator finds wrong: a message, and where. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[];
}

/** A Standard Schema of one function: it returns what the value becomes, or a list of issues. */
export function schemaOf(check: (value: any) => { value: unknown } | { issues: readonly Issue[] }): StandardSchema {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      // Asynchronous, as validators may be.
      validate: async (value) => Promise.resolve(check(value)),
    },
  };
}

/** Accepts `{ <key>: number }`, also as a text, which becomes a number. */
export function numberIn(key: string): StandardSchema {
  return schemaOf((value) => {
    const found = Number(value?.[key]);
    if (value?.[key] !== undefined && Number.isFinite(found)) return { value: { [key]: found } };
    return { issues: [{ message: 'Expected a number', path: [key] }] };
  });
}
