import type { RunAnswer } from '../../../api/dashboard-api.contract.js';
import { Card } from '../components/card.js';
import { PayloadView } from '../components/payload-view.js';
import { Empty } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';
import { Ago } from '../components/times.js';

/** What it was sent, and which wait took it. */
export function RunSignals({ answer }: { readonly answer: RunAnswer }) {
  const { signals, run } = answer;
  return (
    <Card title="Signals" flush>
      {signals.length === 0 ? (
        <Empty title="No signals were sent" />
      ) : (
        <ul class="list">
          {signals.map((signal) => (
            <li class="list-row stacked" key={signal.id}>
              <span class="row apart">
                <strong>
                  <SafeText text={signal.name} max={80} />
                </strong>
                <span class="muted small">
                  sent <Ago at={signal.sentAt} />,{' '}
                  <SafeText
                    text={signal.consumedBy === null ? 'kept for a later wait' : `taken by ${signal.consumedBy}`}
                  />
                </span>
              </span>
              <PayloadView payload={signal.payload} runId={run.id} name={`payload of signal ${signal.name}`} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
