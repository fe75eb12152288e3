import type { OverviewAnswer } from '../../../api/dashboard-api.contract.js';
import { formatTime } from '../components/format-time.js';

/** The figures of the chart for those who read rather than look; times without any are left out. */
export function ThroughputTable({ overview }: { readonly overview: OverviewAnswer }) {
  const rows = overview.buckets.filter((each) => each.started + each.completed + each.failed + each.canceled > 0);
  if (rows.length === 0) return null;
  return (
    <details>
      <summary class="small">As a table</summary>
      <div class="scroll" role="region" aria-label="Throughput as a table" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>From</th>
              <th class="number">Started</th>
              <th class="number">Completed</th>
              <th class="number">Failed</th>
              <th class="number">Canceled</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((each) => (
              <tr key={each.at}>
                <td class="nowrap">{formatTime(Date.parse(each.at))}</td>
                <td class="number">{each.started}</td>
                <td class="number">{each.completed}</td>
                <td class="number">{each.failed}</td>
                <td class="number">{each.canceled}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
