import type { JournalRow, NodeView, RunAnswer } from '../../../api/dashboard-api.contract.js';
import { StateBadge } from '../components/badges.js';
import { formatCount, visibleText } from '../components/format-text.js';
import { PayloadView } from '../components/payload-view.js';
import { SafeText } from '../components/safe-text.js';
import { At, Lasted } from '../components/times.js';
import type { OpenAction } from './run-actions.js';

interface RunNodeProps {
  readonly answer: RunAnswer;
  readonly node: NodeView;
  /** The box that was chosen: the node itself or a branch of it. */
  readonly unit: string;
  readonly onAction: (open: OpenAction) => void;
}

/** Of this many rows of a node the payloads are shown; the journal has all. */
const ROWS_SHOWN = 6;

/** What is known of one node, and what can be done with it. */
export function RunNode({ answer, node, unit, onAction }: RunNodeProps) {
  const rows = answer.journal.rows.filter(({ key }) => belongs(key, unit));
  const retry = answer.actions.find(
    ({ action, enabled, nodes }) => action === 'retry' && enabled && nodes?.includes(node.name),
  );
  const skip = answer.actions.find(
    ({ action, enabled, nodes }) => action === 'skip' && enabled && nodes?.includes(node.name),
  );
  return (
    <section class="run-node stack" aria-label={`Node ${visibleText(unit)}`} aria-live="polite">
      <div class="row apart">
        <h3>
          <SafeText text={unit} />
        </h3>
        <StateBadge state={node.parts.find(({ name }) => unit === `${node.name}.${name}`)?.state ?? node.state} />
      </div>
      <dl class="facts">
        <dt>Begun</dt>
        <dd>
          <At at={node.startedAt} />
        </dd>
        <dt>Took</dt>
        <dd>{node.startedAt === null ? '–' : <Lasted from={node.startedAt} to={node.finishedAt} />}</dd>
        <dt>Failed attempts</dt>
        <dd>{node.failedAttempts}</dd>
      </dl>
      {node.partCount > 0 && <Parts node={node} />}
      {(retry !== undefined || skip !== undefined) && (
        <div class="row">
          {retry !== undefined && (
            <button type="button" class="button" onClick={() => onAction({ view: retry, known: { from: node.name } })}>
              Retry from here…
            </button>
          )}
          {skip !== undefined && (
            <button type="button" class="button" onClick={() => onAction({ view: skip, known: { node: node.name } })}>
              Skip with a result…
            </button>
          )}
        </div>
      )}
      {rows.slice(0, ROWS_SHOWN).map((row) => (
        <NodeRow key={`${row.key} ${row.kind} ${row.attempt} ${row.at}`} row={row} runId={answer.run.id} />
      ))}
      {rows.length > ROWS_SHOWN && (
        <p class="muted small">{formatCount(rows.length - ROWS_SHOWN)} more of it are in the journal.</p>
      )}
    </section>
  );
}

/** Names of nodes hold no `.`, `#` or `:`, so what follows the name says what part of the node it is. */
function belongs(key: string, unit: string): boolean {
  const own = key.slice(key.indexOf(':') + 1);
  return own === unit || own.startsWith(`${unit}.`) || own.startsWith(`${unit}#`);
}

function Parts({ node }: { readonly node: NodeView }) {
  return (
    <ul class="row tight" aria-label="Its parts">
      {node.parts.map(({ name, state, failedAttempts }) => (
        <li
          key={name}
          class="part"
          data-tone={state}
          title={`${visibleText(name)}: ${state}, ${failedAttempts} failed attempts`}
        >
          <SafeText text={name} />
          <span class="visually-hidden"> {state}</span>
        </li>
      ))}
      {node.partCount > node.parts.length && (
        <li class="muted small">and {formatCount(node.partCount - node.parts.length)} more</li>
      )}
    </ul>
  );
}

function NodeRow({ row, runId }: { readonly row: JournalRow; readonly runId: string }) {
  return (
    <div class="stack tight">
      <span class="small">
        <strong>
          <SafeText text={row.key} />
        </strong>{' '}
        <span class="muted">
          {row.status} at attempt {row.attempt}
        </span>
      </span>
      {row.error === null ? (
        <PayloadView payload={row.result} runId={runId} name={`result of ${row.key}`} />
      ) : (
        <p class="wrong">
          <SafeText text={`${row.error.name}: ${row.error.message}`} max={500} />
        </p>
      )}
    </div>
  );
}
