import { useMemo, useState } from 'preact/hooks';
import type { TimelineSpan } from '../../../api/dashboard-api.contract.js';
import { visibleText } from '../components/format-text.js';
import { formatClock, formatDuration } from '../components/format-time.js';
import { SafeText } from '../components/safe-text.js';
import { Empty } from '../components/placeholders.js';
import { linearScale, squeezedScale, type TimeScale } from './time-scale.js';
import { timelineOf, type TimelineBar, type TimelineModel, type TimelineRow } from './timeline-rows.js';
import { TimelineTable } from './timeline-table.js';

interface TimelineProps {
  readonly spans: readonly TimelineSpan[];
  /** The database's time, where open spans end. */
  readonly now: number;
  readonly truncated: boolean;
}

type Drawing = 'scale' | 'squeezed' | 'table';
const DRAWINGS: readonly (readonly [Drawing, string])[] = [
  ['scale', 'To scale'],
  ['squeezed', 'Waits cut'],
  ['table', 'Table'],
];

/** What happened when: attempts, waits and undos, to scale. */
export function Timeline({ spans, now, truncated }: TimelineProps) {
  const [drawing, setDrawing] = useState<Drawing>('scale');
  const model = useMemo(() => timelineOf(spans, now), [spans, now]);
  if (model === null) return <Empty title="Nothing has happened yet" />;
  return (
    <div class="stack tight">
      <div class="row apart">
        <TimelineLegend />
        <div class="segments" role="group" aria-label="How to draw the timeline">
          {DRAWINGS.map(([name, label]) => (
            <button type="button" key={name} aria-pressed={drawing === name} onClick={() => setDrawing(name)}>
              {label}
            </button>
          ))}
        </div>
      </div>
      {truncated && <p class="muted small">The oldest parts are left out.</p>}
      {drawing === 'table' ? (
        <TimelineTable spans={spans} now={now} />
      ) : (
        <TimelineDrawing model={model} drawing={drawing} />
      )}
    </div>
  );
}

function TimelineLegend() {
  const kinds = [
    ['attempt', 'attempt'],
    ['attempt failed', 'failed attempt'],
    ['wait', 'wait'],
    ['compensation', 'undo'],
    ['queued', 'not taken, or paused'],
  ] as const;
  return (
    <ul class="legend" aria-label="Legend of the timeline">
      {kinds.map(([look, word]) => (
        <li key={look}>
          <span class={`timeline-key ${look}`} />
          {word}
        </li>
      ))}
    </ul>
  );
}

function TimelineDrawing({ model, drawing }: { readonly model: TimelineModel; readonly drawing: Drawing }) {
  const scale = useMemo(() => {
    if (drawing === 'scale') return linearScale(model.from, model.to);
    const bars = model.rows.flatMap(({ lanes }) => lanes.flat());
    const busy = bars.filter(({ span }) => span.kind === 'attempt' || span.kind === 'compensation');
    return squeezedScale(model.from, model.to, busy);
  }, [model, drawing]);
  return (
    <figure class="timeline">
      <TimelineAxis model={model} scale={scale} />
      <ul>
        {model.rows.map((row) => (
          <TimelineLine key={row.node} row={row} scale={scale} />
        ))}
      </ul>
      <figcaption class="muted small">
        {formatClock(model.from)} to {formatClock(model.to)}, {formatDuration(model.to - model.from)} in all
      </figcaption>
    </figure>
  );
}

/** From here on a label stands before its line, not behind it, where it would be cut off at 320 px. */
const LATE = 0.85;

function TimelineAxis({ scale }: { readonly model: TimelineModel; readonly scale: TimeScale }) {
  return (
    <div class="timeline-axis" aria-hidden="true">
      {scale.ticks.map(({ place, label }) => (
        <span key={label} class={place > LATE ? 'late' : ''} style={{ left: percent(place) }}>
          {label}
        </span>
      ))}
      {scale.breaks.map(({ from, to, label }) => (
        <span key={from} class="cut" style={{ left: percent((from + to) / 2) }}>
          {label}
        </span>
      ))}
    </div>
  );
}

function TimelineLine({ row, scale }: { readonly row: TimelineRow; readonly scale: TimeScale }) {
  return (
    <li class="timeline-row">
      <span class="timeline-name" title={visibleText(row.node ?? 'the run')}>
        {row.node === null ? <em>the run</em> : <SafeText text={row.node} />}
      </span>
      <div class="timeline-lanes">
        {scale.ticks.map(({ place }) => (
          <i key={place} class="timeline-tick" style={{ left: percent(place) }} />
        ))}
        {scale.breaks.map(({ from, to }) => (
          <i key={from} class="timeline-cut" style={{ left: percent(from), width: percent(to - from) }} />
        ))}
        {row.lanes.map((lane, index) => (
          <div class="timeline-lane" key={index}>
            {lane.map((bar, at) => (
              <Bar key={at} bar={bar} scale={scale} />
            ))}
          </div>
        ))}
        {row.hidden > 0 && <span class="muted small">and {row.hidden} more at the same time</span>}
      </div>
    </li>
  );
}

function Bar({ bar, scale }: { readonly bar: TimelineBar; readonly scale: TimeScale }) {
  const { span } = bar;
  const left = scale.place(bar.from);
  const words = describe(bar);
  return (
    <span
      class={`timeline-bar ${span.kind} ${span.outcome}`}
      style={{ left: `min(${percent(left)}, 100% - 3px)`, width: percent(Math.max(0, scale.place(bar.to) - left)) }}
      title={visibleText(words)}
    >
      <span class="visually-hidden">
        <SafeText text={words} />
      </span>
    </span>
  );
}

function describe({ span, from, to }: TimelineBar): string {
  const what = span.attempt === null ? span.kind : `${span.kind} ${span.attempt}`;
  const outcome = span.outcome === 'open' ? 'since' : span.outcome;
  const label = span.label === '' ? '' : `: ${span.label.slice(0, 200)}`;
  return `${span.unit ?? 'the run'}, ${what}, ${outcome} ${formatDuration(to - from)}${label}`;
}

function percent(place: number): string {
  return `${Math.round(place * 100_000) / 1000}%`;
}
