/** One bound statement. A name makes it a prepared statement of its connection; one name always has one text. */
export interface SqlStatement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const texts = new Map<string, string>();

/** The text of a prepared statement, which is built once for each schema: thousands a second are sent. */
export function textOnce(schema: string, name: string, build: () => string): string {
  const key = `${schema}:${name}`;
  let text = texts.get(key);
  if (text === undefined) {
    text = build();
    texts.set(key, text);
  }
  return text;
}
