import Table from 'cli-table3';
import { cutTo, visible } from './safe-text.js';
import type { Paint } from './colors.js';

export interface Column<Row> {
  readonly head: string;
  /** The cell's text; what comes from the database is made harmless here. */
  readonly value: (row: Row) => string | number | null | undefined;
  /** Colours the text of a cell, after its width is known. */
  readonly paint?: (text: string, row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Gives way first where a terminal is too narrow. */
  readonly shrinks?: boolean;
}

export interface TableStyle {
  readonly paint: Paint;
  /** Of the terminal; `undefined` where lines may be as long as they are. */
  readonly width: number | undefined;
}

/** Two spaces between columns. */
const GAP = 2;
/** Below, a cell says nothing any more; the terminal wraps instead. */
const NARROWEST = 8;

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' },
  ...{ 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '' },
  ...{ 'right-mid': '', middle: ' '.repeat(GAP) },
};

/** A table without borders, one row a line: for people, and for `grep`. Nothing for no rows. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { paint, width }: TableStyle,
): string {
  if (rows.length === 0) return '';
  const texts = rows.map((row) => columns.map(({ value }) => visible(String(value(row) ?? '-'))));
  const widths = fit(columns, texts, width);
  const table = new Table({
    head: columns.map(({ head }) => paint('bold', head)),
    chars: NO_BORDERS,
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  rows.forEach((row, index) => {
    const cells = texts[index].map((text, column) => {
      const cut = cutTo(text, widths[column]);
      return columns[column].paint?.(cut, row) ?? cut;
    });
    table.push(cells);
  });
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The widest that each column may be. */
function fit<Row>(
  columns: readonly Column<Row>[],
  texts: readonly (readonly string[])[],
  width: number | undefined,
): number[] {
  const widths = columns.map(({ head }, column) => Math.max(head.length, ...texts.map((row) => row[column].length)));
  if (width === undefined) return widths;
  let over = widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
  // From the last column on: the first ones name the row.
  for (let column = columns.length - 1; column >= 0 && over > 0; column -= 1) {
    if (!columns[column].shrinks) continue;
    const given = Math.min(over, Math.max(0, widths[column] - NARROWEST));
    widths[column] -= given;
    over -= given;
  }
  return widths;
}
