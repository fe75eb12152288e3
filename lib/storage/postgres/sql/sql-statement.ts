/** One bound statement. A name makes it a prepared statement of its connection; one name always has one text. */
export interface SqlStatement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}
