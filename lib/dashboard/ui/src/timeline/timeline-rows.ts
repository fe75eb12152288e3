import type { TimelineSpan } from '../../../api/dashboard-api.contract.js';

/** A bar, in milliseconds since the epoch. */
export interface TimelineBar {
  readonly span: TimelineSpan;
  readonly from: number;
  readonly to: number;
}

/** One line of bars that do not overlap, and more lines where they do. */
export interface TimelineRow {
  /** A node's name; `null` for what concerns the whole run. */
  readonly node: string | null;
  readonly lanes: readonly (readonly TimelineBar[])[];
  /** Bars for which there was no line left. */
  readonly hidden: number;
}

export interface TimelineModel {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly TimelineRow[];
}

/** Items of a forEach side by side: more lines than this are no longer looked at one by one. */
const MOST_LANES = 8;

/**
 * Orders spans into rows by node, as they began; spans of one row that overlap stand below each other.
 *
 * @param now where open spans end.
 * @returns `null` when there is nothing to draw.
 */
export function timelineOf(spans: readonly TimelineSpan[], now: number): TimelineModel | null {
  const bars = spans
    .map((span): TimelineBar => {
      const from = Date.parse(span.from);
      return { span, from, to: Math.max(from, span.to === null ? now : Date.parse(span.to)) };
    })
    .sort((a, b) => a.from - b.from || a.to - b.to);
  if (bars.length === 0) return null;
  const byNode = new Map<string | null, TimelineBar[]>();
  for (const bar of bars) {
    const node = bar.span.node;
    if (!byNode.has(node)) byNode.set(node, []);
    byNode.get(node)!.push(bar);
  }
  return {
    from: bars[0].from,
    to: bars.reduce((latest, { to }) => Math.max(latest, to), bars[0].to),
    rows: [...byNode].map(([node, own]) => ({ node, ...lanesOf(own) })),
  };
}

function lanesOf(bars: readonly TimelineBar[]): { lanes: readonly (readonly TimelineBar[])[]; hidden: number } {
  const lanes: TimelineBar[][] = [];
  let hidden = 0;
  for (const bar of bars) {
    const free = lanes.find((lane) => lane.at(-1)!.to <= bar.from);
    if (free !== undefined) free.push(bar);
    else if (lanes.length < MOST_LANES) lanes.push([bar]);
    else hidden++;
  }
  return { lanes, hidden };
}
