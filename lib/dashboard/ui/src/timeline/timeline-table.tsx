import type { TimelineSpan } from '../../../api/dashboard-api.contract.js';
import { formatDuration, formatTime } from '../components/format-time.js';
import { SafeText } from '../components/safe-text.js';

/** The timeline for those who read rather than look. */
export function TimelineTable({ spans, now }: { readonly spans: readonly TimelineSpan[]; readonly now: number }) {
  return (
    <div class="scroll" role="region" aria-label="Timeline as a table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th>Unit</th>
            <th>What</th>
            <th>Outcome</th>
            <th>From</th>
            <th class="number">Lasted</th>
            <th>Note</th>
          </tr>
        </thead>
        <tbody>
          {spans.map((span, index) => {
            const from = Date.parse(span.from);
            const to = span.to === null ? now : Date.parse(span.to);
            return (
              <tr key={index}>
                <td>
                  <SafeText text={span.unit ?? 'the run'} />
                </td>
                <td class="nowrap">
                  {span.kind} {span.attempt}
                </td>
                <td>{span.outcome}</td>
                <td class="nowrap">{formatTime(from)}</td>
                <td class="number">{formatDuration(to - from)}</td>
                <td>
                  <SafeText text={span.label} max={300} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
