import { useRef } from 'preact/hooks';
import type { OverviewAnswer } from '../../../api/dashboard-api.contract.js';
import { formatClock, formatTime } from './format-time.js';
import { formatCount, formatShort } from './format-text.js';
import { useWidth } from './use-width.js';

const HEIGHT = 180;
const LEFT = 36;
const BOTTOM = 20;
const TOP = 8;

/** From the bottom up. Each has a colour and, in the legend, a word and a shape. */
const SERIES = [
  ['completed', 'completed'],
  ['canceled', 'canceled'],
  ['failed', 'failed'],
] as const;

/** Runs that ended, stacked by how, and runs that started, as a line. */
export function ThroughputChart({ overview }: { readonly overview: OverviewAnswer }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  return (
    <div class="chart-frame" ref={frame}>
      {width > 0 && <Drawing overview={overview} width={width} />}
    </div>
  );
}

function Drawing({ overview, width }: { readonly overview: OverviewAnswer; readonly width: number }) {
  const { buckets } = overview;
  const most = Math.max(
    4,
    ...buckets.map((each) => Math.max(each.started, each.completed + each.failed + each.canceled)),
  );
  const top = niceTop(most);
  const step = (width - LEFT) / Math.max(1, buckets.length);
  const y = (count: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - count / top);
  const line = buckets
    .map((each, index) => `${round(LEFT + (index + 0.5) * step)},${round(y(each.started))}`)
    .join(' ');
  return (
    <svg
      class="chart"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={summaryOf(overview)}
    >
      {[0, top / 2, top].map((count) => (
        <g key={count}>
          <line class="chart-line" x1={LEFT} x2={width} y1={y(count)} y2={y(count)} />
          <text class="chart-text" x={LEFT - 6} y={y(count) + 4} text-anchor="end">
            {formatShort(count)}
          </text>
        </g>
      ))}
      {buckets.map((bucket, index) => (
        <Stack key={bucket.at} bucket={bucket} x={LEFT + index * step} width={step} y={y} />
      ))}
      <polyline class="chart-started" points={line} />
      {timeTicks(buckets, step).map(({ x, label, anchor }) => (
        <text class="chart-text" key={x} x={x} y={HEIGHT - 4} text-anchor={anchor}>
          {label}
        </text>
      ))}
    </svg>
  );
}

interface StackProps {
  readonly bucket: OverviewAnswer['buckets'][number];
  readonly x: number;
  readonly width: number;
  readonly y: (count: number) => number;
}

function Stack({ bucket, x, width, y }: StackProps) {
  let below = 0;
  const gap = Math.min(2, width * 0.2);
  return (
    <g>
      <title>
        {`${formatTime(Date.parse(bucket.at))}: ${bucket.started} started, ${bucket.completed} completed, ${bucket.failed} failed, ${bucket.canceled} canceled`}
      </title>
      <rect x={x} y={TOP} width={width} height={HEIGHT - TOP - BOTTOM} fill="transparent" />
      {SERIES.map(([name, tone]) => {
        const count = bucket[name];
        if (count === 0) return null;
        const from = y(below);
        below += count;
        return (
          <rect
            key={name}
            class="chart-bar"
            data-tone={tone}
            x={round(x + gap / 2)}
            width={round(Math.max(1, width - gap))}
            y={round(y(below))}
            height={round(Math.max(1, from - y(below)))}
          />
        );
      })}
    </g>
  );
}

function timeTicks(buckets: OverviewAnswer['buckets'], step: number) {
  const places = [0, Math.floor(buckets.length / 2), buckets.length - 1];
  return [...new Set(places)]
    .filter((index) => buckets[index] !== undefined)
    .map((index) => {
      const anchor = index === 0 ? 'start' : index === buckets.length - 1 ? 'end' : 'middle';
      const x = round(LEFT + (index + (index === 0 ? 0 : index === buckets.length - 1 ? 1 : 0.5)) * step);
      return { x, anchor: anchor, label: labelOf(buckets, index) };
    });
}

/** Days where the window is longer than one, else the time of day. */
function labelOf(buckets: OverviewAnswer['buckets'], index: number): string {
  const length = Date.parse(buckets[buckets.length - 1].at) - Date.parse(buckets[0].at);
  const at = Date.parse(buckets[index].at);
  return length > 86_400_000 ? formatTime(at).slice(5, 16) : formatClock(at).slice(0, 5);
}

function summaryOf({ buckets, window }: OverviewAnswer): string {
  const sum = (name: 'started' | 'completed' | 'failed' | 'canceled'): string =>
    formatCount(buckets.reduce((total, each) => total + each[name], 0));
  return `In the last ${window}: ${sum('started')} started, ${sum('completed')} completed, ${sum('failed')} failed, ${sum('canceled')} canceled`;
}

/** 1, 2 or 5 with zeros, and even, so that its half is whole. */
function niceTop(most: number): number {
  const size = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 6, 8, 10].map((each) => each * size).find((each) => each >= most) ?? 10 * size;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
