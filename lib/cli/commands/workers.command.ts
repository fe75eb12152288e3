import type { Command } from 'commander';
import type { SurveyedWorker } from '../../storage/contract/database-survey.contract.js';
import type { Output } from '../output/output.js';
import type { Column } from '../output/table.js';
import { lengthOf } from '../output/times.js';
import type { Session } from '../session.js';
import { stateOf } from '../worker-state.js';

/** `workers`: who executes runs, and who has died. */
export function addWorkersCommand(program: Command, session: Session): void {
  program
    .command('workers')
    .summary('list the workers: alive or dead, load, queue, workflows')
    .description('Lists the processes that execute runs: whether they live, how much they hold, and what they execute.')
    .action((_: unknown, command: Command) =>
      session.withContext(command, async ({ survey, out }) => {
        const workers = (await survey.workers()).map((worker) => ({ ...worker, state: stateOf(worker) }));
        out.show({ workers }, () => out.table(columns(out), workers));
        if (workers.length === 0) out.remark('No worker is registered: nothing executes runs.');
      }),
    );
}

function columns(out: Output): readonly Column<SurveyedWorker>[] {
  return [
    { head: 'WORKER', value: ({ name }) => name, shrinks: true },
    {
      head: 'STATE',
      value: stateOf,
      paint: (text, worker) => out.paint(stateOf(worker) === 'alive' ? 'green' : 'red', text),
    },
    { head: 'HEARD OF', value: ({ heartbeatAgeMs }) => `${lengthOf(heartbeatAgeMs)} ago` },
    { head: 'HOLDS', value: ({ held, slots }) => `${held}/${slots}`, align: 'right' },
    { head: 'QUEUE', value: ({ queue }) => queue },
    { head: 'HOST', value: ({ host, pid }) => `${host}:${pid}`, shrinks: true },
    { head: 'WORKFLOWS', value: ({ workflows }) => workflows.join(', '), shrinks: true },
  ];
}
