import type { Command } from 'commander';
import type { PlanNodeJson } from '../../definition/plan-json.js';
import { parseWorkflow } from '../input/parse-input.js';
import { visible, visibleLines } from '../output/safe-text.js';
import type { Column } from '../output/table.js';
import type { Session } from '../session.js';

interface PlanArguments {
  readonly mermaid?: boolean;
  readonly hash?: string;
}

const NODE_COLUMNS: readonly Column<PlanNodeJson & { readonly place: number }>[] = [
  { head: '#', value: ({ place }) => place, align: 'right' },
  { head: 'NODE', value: ({ name }) => name },
  { head: 'KIND', value: ({ kind }) => kind },
];

/** `plan <workflow>`: the plan as a table, as JSON, or as a drawing. */
export function addPlanCommand(program: Command, session: Session): void {
  program
    .command('plan')
    .summary('show the plan of a workflow, also as JSON or Mermaid')
    .description(
      'Shows the plan of a workflow, also of one whose code is gone: as a table, as JSON, or as a Mermaid flowchart.',
    )
    .argument('<workflow>', 'name, or name@version; without a version the highest')
    .option('--mermaid', 'as the text of a Mermaid flowchart')
    .option('--hash <planHash>', 'the very plan, of those that the version has had')
    .action((workflow: string, _: unknown, command: Command) =>
      session.withContext<PlanArguments>(command, async ({ runner, out, options }) => {
        const { name, version } = parseWorkflow(workflow);
        const plan = await runner.plan(name, version, { hash: options.hash });
        if (options.mermaid) {
          out.show({ mermaid: plan.mermaid }, () => visibleLines(plan.mermaid.trimEnd()));
          return;
        }
        // From 1, as whatever else is said of nodes to people.
        const nodes = plan.nodes.map((node, index) => ({ ...node, place: index + 1 }));
        out.show(plan, () => {
          const title = `${visible(plan.name)}@${plan.version}  ${plan.hash}`;
          return [out.paint('bold', title), out.table(NODE_COLUMNS, nodes)].join('\n');
        });
      }),
    );
}
