/** Covers: how the page of a run says why the run is where it is. What is said is in test/unit/runner/explain-run.spec.ts. */
import { formatTime } from '../../../lib/dashboard/ui/src/components/format-time.js';
import { explainText } from '../../../lib/dashboard/ui/src/state/explain-text.js';

const run = { runId: 'R', workflowName: 'order', version: 2 };

it('leaves out which run it is, and says times as the rest of the page does', () => {
  const summary = 'Run R of order@2 waits for signal "go" until 2030-01-04T12:05:09.711Z (node "wait").';
  const until = formatTime(Date.UTC(2030, 0, 4, 12, 5, 9));
  expect(explainText({ ...run, summary })).toBe(`This run waits for signal "go" until ${until} (node "wait").`);
});

it('leaves names and messages as they are', () => {
  const summary = 'Run R of order@2 failed in "a": Error: Run R of order@2 on 2030-01-04 is late.';
  expect(explainText({ ...run, summary })).toBe(
    'This run failed in "a": Error: Run R of order@2 on 2030-01-04 is late.',
  );
});
