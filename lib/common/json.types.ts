/** What a payload may hold: exactly the values that survive a round trip through JSON unchanged. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
