import { Link } from 'wouter-preact';
import type { DefinitionsAnswer } from '../../../api/dashboard-api.contract.js';
import { useResource } from '../api/resource.js';
import { PageHead } from '../app/page-head.js';
import { workflowPath } from '../app/routes.js';
import { formatCount } from '../components/format-text.js';
import { Empty, Loading, Trouble } from '../components/placeholders.js';
import { WorkflowName } from '../components/run-link.js';
import { At } from '../components/times.js';
import { useDatabaseTime } from '../state/clock.js';

type Definition = DefinitionsAnswer['definitions'][number];

/** Every plan that was ever registered, by its content, so that a run can be read after its class is gone. */
export function DefinitionsPage() {
  const { data, error, reload } = useResource<DefinitionsAnswer>('definitions');
  useDatabaseTime(data);
  return (
    <>
      <PageHead title="Definitions">
        <p>Every plan that was ever registered, so that a run can be read after its class is gone.</p>
      </PageHead>
      {error !== null && <Trouble error={error} retry={reload} />}
      {data === null ? (
        error === null && <Loading what="definitions" />
      ) : data.definitions.length === 0 ? (
        <Empty title="No plan is stored" />
      ) : (
        <div class="card scroll" role="region" aria-label="Definitions" tabIndex={0}>
          <DefinitionTable definitions={data.definitions} />
        </div>
      )}
    </>
  );
}

function DefinitionTable({ definitions }: { readonly definitions: readonly Definition[] }) {
  return (
    <table>
      <caption class="visually-hidden">Definitions</caption>
      <thead>
        <tr>
          <th>Workflow</th>
          <th>Content</th>
          <th class="number">Nodes</th>
          <th class="number">In flight</th>
          <th class="number">Stopped</th>
          <th>Executed by</th>
          <th>First registered</th>
        </tr>
      </thead>
      <tbody>
        {definitions.map((each) => (
          <tr key={`${each.name} ${each.version} ${each.hash}`}>
            <td class="long-name">
              <Link href={workflowPath(each.name, each.version, each.hash)}>
                <WorkflowName name={each.name} version={each.version} />
              </Link>
            </td>
            <td>
              <code title={each.hash}>{each.hash.slice(0, 12)}</code>
            </td>
            <td class="number">{each.nodes}</td>
            <td class="number">{formatCount(each.inFlight)}</td>
            <td class="number">{formatCount(each.stopped)}</td>
            <td class="nowrap">
              {each.workers} {each.workers === 1 ? 'worker' : 'workers'}
            </td>
            <td>
              <At at={each.registeredAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
