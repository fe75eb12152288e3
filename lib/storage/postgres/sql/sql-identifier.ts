import { createHash } from 'node:crypto';

/** A PostgreSQL identifier, quoted: the only thing that is ever put into the text of a statement. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A short tag of a schema for names that are capped at 63 bytes: prepared statements, channels. */
export function schemaTag(schema: string): string {
  return createHash('sha256').update(schema).digest('hex').slice(0, 12);
}
