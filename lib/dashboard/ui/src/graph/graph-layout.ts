import * as dagre from '@dagrejs/dagre';
import type { GraphEdge, GraphModel, GraphNode } from './graph-model.js';

export interface PlacedNode extends GraphNode {
  /** Of its left upper corner, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge extends GraphEdge {
  /** The `d` of an SVG path. */
  readonly path: string;
}

export interface GraphLayout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** Wide enough for most names at 13 px; longer ones are cut, and read whole in the details. */
const NODE = { width: 216, height: 46 };
/** Narrower, so that three stand side by side in a column of a page. */
const BRANCH = { width: 140, height: 46 };
const END_BOX = { width: 64, height: 26 };
const MARGIN = 12;

/** Places the boxes top down, with dagre. The same plan always gives the same picture. */
export function layoutOf(model: GraphModel): GraphLayout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 12, ranksep: 24, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of model.nodes) graph.setNode(node.id, { ...sizeOf(node) });
  for (const { from, to } of model.edges) graph.setEdge(from, to);
  dagre.layout(graph);
  const placed = model.nodes.map((node): PlacedNode => {
    const { x, y, width, height } = graph.node(node.id) as { x: number; y: number; width: number; height: number };
    return { ...node, x: x - width / 2, y: y - height / 2, width, height };
  });
  const nodes = inOrder(placed);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const edges = model.edges.map((edge) => ({ ...edge, path: pathOf(byId.get(edge.from)!, byId.get(edge.to)!) }));
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { nodes, edges, width, height };
}

/** Branches stand from left to right as the plan has them; dagre is free to choose, and they are equally wide. */
function inOrder(nodes: readonly PlacedNode[]): PlacedNode[] {
  const places = new Map<string, number[]>();
  for (const { kind, node, x } of nodes) {
    if (kind === 'branch')
      places.set(
        node!,
        [...(places.get(node!) ?? []), x].sort((a, b) => a - b),
      );
  }
  return nodes.map((node) => (node.kind === 'branch' ? { ...node, x: places.get(node.node!)!.shift()! } : node));
}

function sizeOf(node: GraphNode): { width: number; height: number } {
  if (node.kind === 'start' || node.kind === 'end') return END_BOX;
  return node.kind === 'branch' ? BRANCH : NODE;
}

/** From the foot of one box to the head of another. Every arrow of a plan leads to the next rank, so none crosses a box. */
function pathOf(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1] = [round(from.x + from.width / 2), round(from.y + from.height)];
  const [x2, y2] = [round(to.x + to.width / 2), round(to.y)];
  if (x1 === x2) return `M${x1} ${y1}V${y2}`;
  const middle = round((y1 + y2) / 2);
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
