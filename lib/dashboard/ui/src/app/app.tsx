import { Route, Router, Switch } from 'wouter-preact';
import { BASE_PATH } from '../api/base-path.js';
import { Empty } from '../components/placeholders.js';
import { ComparePage } from '../pages/compare-page.js';
import { DefinitionsPage } from '../pages/definitions-page.js';
import { OverviewPage } from '../pages/overview-page.js';
import { RunPage } from '../pages/run-page.js';
import { RunsPage } from '../pages/runs-page.js';
import { WorkersPage } from '../pages/workers-page.js';
import { NewestWorkflowPage, WorkflowPage } from '../pages/workflow-page.js';
import { WorkflowsPage } from '../pages/workflows-page.js';
import { PageHead } from './page-head.js';
import { Shell } from './shell.js';

export function App() {
  return (
    <Router base={BASE_PATH.slice(0, -1)}>
      <Shell>
        <Switch>
          <Route path="/" component={OverviewPage} />
          <Route path="/runs" component={RunsPage} />
          <Route path="/runs/:id">{({ id }) => <RunPage id={id} key={id} />}</Route>
          <Route path="/workflows" component={WorkflowsPage} />
          <Route path="/workflows/:name">{({ name }) => <NewestWorkflowPage name={decoded(name)} />}</Route>
          <Route path="/workflows/:name/:version">
            {({ name, version }) => <WorkflowPage name={decoded(name)} version={decoded(version)} />}
          </Route>
          <Route path="/compare/:name">{({ name }) => <ComparePage name={decoded(name)} />}</Route>
          <Route path="/workers" component={WorkersPage} />
          <Route path="/definitions" component={DefinitionsPage} />
          <Route>
            <PageHead title="Nothing here" />
            <Empty title="There is no such page">The menu leads to all that there are.</Empty>
          </Route>
        </Switch>
      </Shell>
    </Router>
  );
}

/** Half an escape in an address is text like any other. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
