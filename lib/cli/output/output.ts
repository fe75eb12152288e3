import type { CliIo } from '../cli-io.interface.js';
import { paintFor, type Paint } from './colors.js';
import { toJson } from './safe-text.js';
import { renderTable, type Column } from './table.js';

/** What the program says: data to stdout, everything that is about the data to stderr. */
export class Output {
  readonly paint: Paint;

  constructor(
    private readonly io: CliIo,
    /** For machines: one line of JSON a value, and nothing else on stdout. */
    readonly json: boolean,
    color: boolean,
  ) {
    this.paint = paintFor(io.stdout, io.env, color);
  }

  /** A value for machines, or its text for people. */
  show(value: unknown, text: () => string): void {
    this.line(this.json ? toJson(value) : text());
  }

  line(text: string): void {
    if (text !== '') this.io.stdout.write(`${text}\n`);
  }

  /** A remark for people; machines find it in the data. */
  remark(text: string): void {
    if (!this.json) this.io.stderr.write(`${text}\n`);
  }

  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
    const { isTTY, columns: width } = this.io.stdout;
    return renderTable(columns, rows, { paint: this.paint, width: isTTY ? width : undefined });
  }
}
