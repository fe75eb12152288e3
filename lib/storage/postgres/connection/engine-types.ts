import { types, type CustomTypesConfig } from 'pg';

const JSON_OID = 114;
const JSONB_OID = 3802;
const TIMESTAMPTZ_OID = 1184;

function asText(text: string): string {
  return text;
}

/** `2030-01-31 10:00:00.123456+05:30`, as `DateStyle = ISO` prints it; what is finer than a millisecond is cut off. */
function asDate(text: string): Date {
  const iso = text.replace(' ', 'T');
  return new Date(/[+-]\d\d$/.test(iso) ? `${iso}:00` : iso);
}

const PARSERS = new Map<number, (text: string) => unknown>([
  [JSON_OID, asText],
  [JSONB_OID, asText],
  [TIMESTAMPTZ_OID, asDate],
]);

/**
 * How the engine's connections read values: payloads stay JSON text, which crosses the store unparsed, and times are
 * `Date`, whatever an application has set for all of its connections with `pg.types.setTypeParser`.
 */
export const engineTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    PARSERS.get(oid) ?? types.getTypeParser(oid, format)) as CustomTypesConfig['getTypeParser'],
};
