import { useMemo } from 'preact/hooks';
import { useSearch } from 'wouter-preact';
import type { DifferenceAnswer } from '../../../api/dashboard-api.contract.js';
import { useResource } from '../api/resource.js';
import { PageHead } from '../app/page-head.js';
import { Card } from '../components/card.js';
import { Icon } from '../components/icon.js';
import { Loading, Trouble } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';
import { CHANGE_ICONS, CHANGE_TONES, differenceLooks, type Change } from '../graph/difference-looks.js';
import { PlanGraph } from '../graph/plan-graph.js';

/** Two plans of a workflow side by side: what is the same, what changed, and what runs in flight make of it. */
export function ComparePage({ name }: { readonly name: string }) {
  const query = useSearch();
  const path = `workflows/${encodeURIComponent(name)}/difference?${query}`;
  const { data, error, reload } = useResource<DifferenceAnswer>(path);
  return (
    <>
      <PageHead title={`${name}: two plans`} />
      {error !== null && <Trouble error={error} retry={reload} />}
      {data === null ? error === null && <Loading what="both plans" /> : <Comparison answer={data} />}
    </>
  );
}

function Comparison({ answer }: { readonly answer: DifferenceAnswer }) {
  const { from, to } = answer;
  const looks = useMemo(() => differenceLooks(answer), [answer]);
  return (
    <div class="stack">
      <Verdict answer={answer} />
      <div class="compare-grid">
        {[['from', from] as const, ['to', to] as const].map(([side, plan]) => (
          <Card
            key={side}
            title={`Version ${plan.version}`}
            aside={<code class="muted">{plan.hash.slice(0, 12)}</code>}
            flush
          >
            <PlanGraph
              plan={plan}
              label={`Plan of version ${plan.version} (${plan.hash.slice(0, 6)})`}
              look={(id) => looks[side].get(id) ?? null}
            />
          </Card>
        ))}
      </div>
      <Card title="Differences" flush>
        <DifferenceTable answer={answer} />
      </Card>
    </div>
  );
}

function Verdict({ answer }: { readonly answer: DifferenceAnswer }) {
  const { differences, from, to } = answer;
  if (differences.length === 0) {
    return (
      <div class="notice" data-tone="done">
        <Icon name="done" />
        <div>
          Runs in flight by version {from.version} could go on by version {to.version}, wherever they are.
        </div>
      </div>
    );
  }
  return (
    <div class="notice" data-tone="compensating">
      <Icon name="warning" />
      <div>
        <strong>Runs that have passed a change could not go on by version {to.version}:</strong>
        <ul class="effects">
          {differences.map((difference, index) => (
            <li key={index}>
              <SafeText text={difference.text} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function DifferenceTable({ answer }: { readonly answer: DifferenceAnswer }) {
  const nameAt = (side: 'from' | 'to', index: number | null): string =>
    index === null ? '–' : `${index + 1}. ${answer[side].nodes[index].name}`;
  return (
    <div class="scroll" role="region" aria-label="Differences as a table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th>Change</th>
            <th>Version {answer.from.version}</th>
            <th>Version {answer.to.version}</th>
            <th>What</th>
          </tr>
        </thead>
        <tbody>
          {answer.rows.map((row, index) => (
            <tr key={index}>
              <td>
                <ChangeBadge change={row.change} />
              </td>
              <td class={row.from === null ? 'muted' : ''}>
                <SafeText text={nameAt('from', row.from)} />
              </td>
              <td class={row.to === null ? 'muted' : ''}>
                <SafeText text={nameAt('to', row.to)} />
              </td>
              <td>
                {row.details.map((detail) => (
                  <div key={detail}>
                    <SafeText text={detail} max={300} />
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ChangeBadge({ change }: { readonly change: Change }) {
  const icon = CHANGE_ICONS[change];
  if (icon === null) return <span class="muted">same</span>;
  return (
    <span class="badge" data-tone={CHANGE_TONES[change]}>
      <Icon name={icon} />
      {change}
    </span>
  );
}
