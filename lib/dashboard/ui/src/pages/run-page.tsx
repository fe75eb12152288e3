import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunAnswer } from '../../../api/dashboard-api.contract.js';
import { useLive } from '../api/live.js';
import { useResource } from '../api/resource.js';
import { PageHead } from '../app/page-head.js';
import { Loading, Trouble } from '../components/placeholders.js';
import { hasEnded } from '../components/status.js';
import { Card } from '../components/card.js';
import { now, useDatabaseTime } from '../state/clock.js';
import { Timeline } from '../timeline/timeline.js';
import { RunActions, type OpenAction } from './run-actions.js';
import { RunAudit } from './run-audit.js';
import { RunData } from './run-data.js';
import { RunError } from './run-error.js';
import { RunFamily } from './run-family.js';
import { RunHead } from './run-head.js';
import { RunJournal } from './run-journal.js';
import { RunPlan } from './run-plan.js';
import { RunSignals } from './run-signals.js';

/** One run: why it is where it is, what it has done, and what can be done about it. */
export function RunPage({ id }: { readonly id: string }) {
  const path = `runs/${encodeURIComponent(id)}`;
  const { data, error, loading, reload } = useResource<RunAnswer>(path);
  useFollow(id, loading, reload);
  useDatabaseTime(data);
  if (data === null) {
    return (
      <>
        <PageHead title="Run" />
        {error === null ? <Loading what="the run" /> : <Trouble error={error} retry={reload} />}
      </>
    );
  }
  return (
    <>
      {error !== null && <Trouble error={error} retry={reload} />}
      <RunBody answer={data} reload={reload} />
    </>
  );
}

/** Fetches the run again when it changed, one answer at a time. */
function useFollow(id: string, loading: boolean, reload: () => void): void {
  const again = useRef(false);
  const busy = useRef(loading);
  busy.current = loading;
  useEffect(() => {
    if (loading || !again.current) return;
    again.current = false;
    reload();
  }, [loading, reload]);
  useLive(`topic=run&id=${encodeURIComponent(id)}`, {
    run: () => {
      if (busy.current) again.current = true;
      else reload();
    },
  });
}

function RunBody({ answer, reload }: { readonly answer: RunAnswer; readonly reload: () => void }) {
  const [open, setOpen] = useState<OpenAction | null>(null);
  const { run } = answer;
  return (
    <div class="stack">
      <RunHead answer={answer} />
      <RunActions answer={answer} open={open} setOpen={setOpen} reload={reload} />
      <div class="run-grid">
        <RunPlan answer={answer} onAction={setOpen} />
        <div class="stack">
          {run.error !== null && <RunError error={run.error} />}
          <Card title="Timeline">
            <LiveTimeline answer={answer} ended={hasEnded(run.status)} />
          </Card>
          <RunData answer={answer} />
        </div>
      </div>
      <RunJournal answer={answer} />
      <div class="columns">
        <RunSignals answer={answer} />
        <RunFamily answer={answer} />
      </div>
      <RunAudit answer={answer} />
    </div>
  );
}

/** Open bars grow by themselves while the run has not ended. */
function LiveTimeline({ answer, ended }: { readonly answer: RunAnswer; readonly ended: boolean }) {
  const at = ended ? Date.parse(answer.now) : now.value;
  return <Timeline spans={answer.timeline} truncated={answer.timelineTruncated} now={at} />;
}
