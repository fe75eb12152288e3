import type { BranchJson, PlanJson, PlanNodeJson, UnitJson, WaitJson } from './plan-json.js';
import { waitText } from './wait-text.js';

/**
 * Draws a plan as the text of a Mermaid flowchart: one shape a kind of node, branches of parallel groups and routes side
 * by side, and a dotted line to what undoes a step. Names are escaped, whatever they contain.
 *
 * https://mermaid.js.org/syntax/flowchart.html
 */
export function planToMermaid(plan: PlanJson): string {
  const lines = [
    'flowchart TD',
    `  start([${label(`${plan.name} v${plan.version}`)}])`,
    ...plan.nodes.flatMap((node, index) => drawNode(node, `n${index}`)),
    '  finish(["end"])',
  ];
  const ids = ['start', ...plan.nodes.map((_, index) => `n${index}`), 'finish'];
  ids.slice(1).forEach((id, index) => lines.push(`  ${leaving(ids[index], plan.nodes[index - 1])} --> ${id}`));
  return `${lines.join('\n')}\n`;
}

/** A route is left through its join, everything else through itself. */
function leaving(id: string, node: PlanNodeJson | undefined): string {
  return node?.kind === 'route' ? `${id}_end` : id;
}

function drawNode(node: PlanNodeJson, id: string): string[] {
  const { name } = node;
  switch (node.kind) {
    case 'step': {
      const detail = node.transactional === false ? '' : `transaction: ${node.transactional.toLowerCase()}`;
      return [`  ${id}[${label(name, detail, attempts(node))}]`, ...undo(id, node)];
    }
    case 'parallel':
      return drawParallel(name, node.branches, id);
    case 'route':
      return drawRoute(name, node.branches, id);
    case 'loop':
      return [`  ${id}[[${label(name, `loop, at most ${node.maxIterations}`, attempts(node))}]]`, ...undo(id, node)];
    case 'forEach': {
      const detail = `for each item, ${node.concurrency} at a time`;
      return [`  ${id}[[${label(name, detail, attempts(node))}]]`, ...undo(id, node)];
    }
    case 'sleep':
      return [`  ${id}([${label(name, `sleep ${waitText(node.duration)}`)}])`];
    case 'waitForSignal': {
      const signal = node.signal === null ? 'a computed signal' : `signal ${node.signal}`;
      return [`  ${id}{{${label(name, `wait for ${signal}`, timeout(node.timeout))}}}`];
    }
    case 'waitForAny':
      return [`  ${id}{{${label(name, `wait for any of ${node.signals.join(', ')}`, timeout(node.timeout))}}}`];
    case 'childWorkflow': {
      const version = node.childVersion === undefined ? '' : ` v${node.childVersion}`;
      return [`  ${id}[/${label(name, `child ${node.child}${version}`)}/]`];
    }
  }
}

function drawParallel(name: string, branches: readonly BranchJson[], id: string): string[] {
  const drawn = branches.flatMap((branch, index) => {
    const branchId = `${id}_${index}`;
    return [`  ${branchId}[${label(branch.name, attempts(branch))}]`, ...undo(branchId, branch)];
  });
  return [`  subgraph ${id} [${label(name, 'parallel')}]`, ...drawn.map((line) => `  ${line}`), '  end'];
}

function drawRoute(name: string, branches: readonly BranchJson[], id: string): string[] {
  const drawn = branches.flatMap((branch, index) => {
    const branchId = `${id}_${index}`;
    return [
      `  ${branchId}[${label(branch.name, attempts(branch))}]`,
      `  ${id} --> ${branchId}`,
      `  ${branchId} --> ${id}_end`,
      ...undo(branchId, branch),
    ];
  });
  return [`  ${id}{${label(name)}}`, ...drawn, `  ${id}_end((" "))`];
}

function undo(id: string, unit: UnitJson): string[] {
  return unit.compensate ? [`  ${id} -.-> ${id}_undo["undo"]`] : [];
}

function attempts(unit: UnitJson): string {
  if (unit.maxAttempts === undefined) return '';
  return unit.maxAttempts === 1 ? 'one attempt' : `at most ${unit.maxAttempts} attempts`;
}

function timeout(limit: WaitJson | undefined): string {
  return limit === undefined ? '' : `at most ${waitText(limit)}`;
}

/** A quoted label of one or more lines. Everything that could end the quotes or start markup becomes `#code;`. */
function label(...lines: readonly string[]): string {
  const escaped = lines.filter((line) => line !== '').map((line) => line.replace(/[^\p{L}\p{N} .,:/_-]/gu, entity));
  return `"${escaped.join('<br/>')}"`;
}

function entity(character: string): string {
  return `#${character.codePointAt(0)};`;
}
