import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { PlanJson } from '../../../../definition/plan-json.js';
import { visibleText } from '../components/format-text.js';
import type { IconName } from '../components/icon-paths.js';
import { Icon } from '../components/icon.js';
import { SafeText } from '../components/safe-text.js';
import { layoutOf, type PlacedNode } from './graph-layout.js';
import { graphOf } from './graph-model.js';
import type { NodeLook } from './node-look.js';

interface PlanGraphProps {
  readonly plan: Pick<PlanJson, 'nodes'>;
  readonly label: string;
  /** By box: `charge`, `carrier.post`. */
  readonly look: (id: string) => NodeLook | null;
  readonly selected?: string | null;
  readonly onSelect?: (node: string) => void;
}

/**
 * A plan as boxes and arrows. Boxes are a list in the order of the plan, which is how they are heard and stepped through;
 * the arrows behind them are decoration.
 */
export function PlanGraph({ plan, label, look, selected = null, onSelect }: PlanGraphProps) {
  const layout = useMemo(() => layoutOf(graphOf(plan)), [plan]);
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => showWhereItStands(frame.current!), [layout]);
  const reached = (id: string): boolean => {
    const known = look(id);
    return known !== null && known.faint !== true;
  };
  return (
    <div class="graph-scroll" ref={frame} role="region" aria-label={label} tabIndex={0}>
      <div class="graph" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
        <svg width={layout.width} height={layout.height} aria-hidden="true">
          {layout.edges.map(({ from, to, path }) => (
            <path
              key={`${from}>${to}`}
              d={path}
              class={reached(to) || (to === '(end)' && reached(from)) ? 'edge walked' : 'edge'}
            />
          ))}
        </svg>
        <ol>
          {layout.nodes.map((node) => (
            <li key={node.id} style={placeOf(node)}>
              {node.node === null ? (
                <span class="graph-end">{node.label}</span>
              ) : (
                <GraphBox node={node} look={look(node.id)} selected={selected === node.id} onSelect={onSelect} />
              )}
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

/** A plan that is larger than its frame begins where the run is, in the middle; else where it begins. */
function showWhereItStands(frame: HTMLElement): void {
  frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
  const here = frame.querySelector<HTMLElement>('[data-tone="failed"], [data-tone="running"], [data-tone="waiting"]');
  const place = here?.closest('li');
  if (place) frame.scrollTop = place.offsetTop - frame.clientHeight / 2;
}

function placeOf({ x, y, width, height }: PlacedNode): Record<string, string> {
  return { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
}

interface BoxProps {
  readonly node: PlacedNode;
  readonly look: NodeLook | null;
  readonly selected: boolean;
  readonly onSelect?: (node: string) => void;
}

function GraphBox({ node, look, selected, onSelect }: BoxProps) {
  const title = [node.label, node.detail, look?.says].flatMap((line) => (line ? [visibleText(line)] : [])).join('\n');
  const shared = {
    class: `graph-box ${look === null || look.faint ? 'faint' : ''}`,
    'data-tone': look?.tone ?? 'none',
    title,
  };
  const content = <BoxContent node={node} look={look} />;
  if (onSelect === undefined) return <div {...shared}>{content}</div>;
  return (
    <button type="button" {...shared} aria-pressed={selected} onClick={() => onSelect(node.id)}>
      {content}
    </button>
  );
}

function BoxContent({ node, look }: { readonly node: PlacedNode; readonly look: NodeLook | null }): ComponentChildren {
  const kind = node.kind === 'step' && node.detail.startsWith('transaction') ? 'transaction' : node.kind;
  return (
    <>
      <span class="graph-kind">
        <Icon name={kind as IconName} />
      </span>
      <span class="graph-text">
        <span class="graph-name">
          <span class="graph-label">
            <SafeText text={node.label} max={200} />
          </span>
          {node.compensated && (
            <span class="graph-undo" title="can be undone">
              <Icon name="undo" size={11} />
              <span class="visually-hidden">, can be undone</span>
            </span>
          )}
        </span>
        <span class="graph-detail">
          <SafeText text={node.detail} max={200} />
        </span>
      </span>
      {look !== null && (
        <span class="graph-state">
          {look.mark !== undefined && <span>{look.mark}</span>}
          {look.icon !== null && <Icon name={look.icon} size={15} />}
          <span class="visually-hidden">: {look.says}</span>
        </span>
      )}
    </>
  );
}
