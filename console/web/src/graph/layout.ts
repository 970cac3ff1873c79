import type { Edge, Graph, Node } from '../run/definition';
import { crossings, layered } from './layered';

/** A Place is where a node is, relative to its parent, in pixels. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A Layout is a graph with places and the points of its edges, absolute. */
export interface Layout {
  places: Map<string, Place>;
  /** By the edge's index: the points of its line. */
  lines: Map<number, { x: number; y: number }[]>;
  width: number;
  height: number;
  /** The lines are Bézier curves of three points each; otherwise they are straight between their points. */
  curves: boolean;
}

export const nodeWidth = 176;
export const nodeHeight = 44;
const header = 34;

interface ElkNode {
  id: string;
  width?: number;
  height?: number;
  x?: number;
  y?: number;
  children?: ElkNode[];
  edges?: ElkEdge[];
  layoutOptions?: Record<string, string>;
}
interface ElkEdge {
  id: string;
  sources: string[];
  targets: string[];
  layoutOptions?: Record<string, string>;
  sections?: { startPoint: Point; endPoint: Point; bendPoints?: Point[] }[];
}
interface Point {
  x: number;
  y: number;
}

let worker: Worker | undefined;
let serial = 0;
const waiting = new Map<number, (m: { data?: ElkNode; error?: unknown }) => void>();

/** warm starts the worker ahead of the first layout: its script is the console's largest. */
export async function warm(): Promise<void> {
  if (worker) return;
  const { default: url } = await import('elkjs/lib/elk-worker.min.js?worker&url');
  if (worker) return;
  worker = new Worker(url);
  worker.onmessage = (ev: MessageEvent<{ id: number; data?: ElkNode; error?: unknown }>) => {
    waiting.get(ev.data.id)?.(ev.data);
    waiting.delete(ev.data.id);
  };
  void post({ cmd: 'register', algorithms: ['layered', 'fixed'] });
}

// elk's own API file makes a worker and numbers its messages; these lines are all we need of it.
async function elk(graph: ElkNode): Promise<ElkNode> {
  await warm();
  const answer = await post({ cmd: 'layout', graph, layoutOptions: {}, options: {} });
  if (answer.error || !answer.data) throw new Error(`lay out the graph: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function post(message: Record<string, unknown>): Promise<{ data?: ElkNode; error?: unknown }> {
  const id = serial++;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    worker!.postMessage({ ...message, id });
  });
}

/** large is the number of states from which elk is too slow. */
export const large = 150;

/**
 * layout places a graph's nodes from top to bottom. Nearly all machines have a plain
 * layered one, which is there at once. elk is for those where more than a few lines
 * would cross or wide clusters push others aside: it finds better ways, and costs a
 * worker half a second to begin with, so that its answers are kept.
 */
export async function layout(g: Graph, collapsed: ReadonlySet<string>): Promise<Layout> {
  const plain = layered(g, collapsed, { width: widthOf, cluster: clusterWidth, height: nodeHeight, padding: { top: header + 8, side: 14, bottom: 16 } });
  const few = Math.floor(g.edges.length / 12);
  const narrow = plain.width < 700 || plain.width < plain.least * 1.15;
  if (g.nodes.length > large || (narrow && crossings(g, plain, few + 1) <= few)) return plain;
  const asked = toElk(g, collapsed);
  const key = JSON.stringify(asked);
  const known = remembered().find((k) => k.key === key);
  if (known) return unpacked(known.layout);
  const found = read(await elk(asked));
  remember(key, found);
  return found;
}

// The answers of elk that this browser remembers, the newest first.
interface Known {
  key: string;
  layout: Packed;
}

interface Packed {
  places: [string, Place][];
  lines: [number, Point[]][];
  width: number;
  height: number;
}

const shelf = 'layouts';
const kept = 16;

function remembered(): Known[] {
  try {
    const all = JSON.parse(localStorage.getItem(shelf) ?? '[]') as Known[];
    return Array.isArray(all) ? all : [];
  } catch {
    return []; // a browser that stores nothing
  }
}

function remember(key: string, l: Layout): void {
  try {
    const one: Known = { key, layout: { places: [...l.places], lines: [...l.lines], width: l.width, height: l.height } };
    localStorage.setItem(shelf, JSON.stringify([one, ...remembered().filter((k) => k.key !== key)].slice(0, kept)));
  } catch {
    // a browser that stores nothing, or not as much
  }
}

function unpacked(p: Packed): Layout {
  return { places: new Map(p.places), lines: new Map(p.lines), width: p.width, height: p.height, curves: true };
}

// A node is as wide as its name, within bounds; a character takes some 8 pixels.
function widthOf(n: Node): number {
  return Math.round(Math.min(250, Math.max(130, n.id.length * 8.2 + 70, (n.detail?.length ?? 0) * 5.6 + 90)));
}

// A cluster's name and detail stand beside each other.
function clusterWidth(n: Node): number {
  return Math.round(Math.min(360, Math.max(nodeWidth, n.id.length * 8.2 + (n.detail?.length ?? 0) * 6 + 100)));
}

/** toElk writes the graph as elk wants it: each Parallel and Map lays out its own states. */
export function toElk(g: Graph, collapsed: ReadonlySet<string>): ElkNode {
  const options: Record<string, string> = {
    'elk.algorithm': 'layered',
    'elk.direction': 'DOWN',
    'elk.edgeRouting': 'SPLINES',
    'elk.layered.spacing.nodeNodeBetweenLayers': '34',
    'elk.spacing.nodeNode': '20',
    'elk.spacing.edgeNode': '16',
    'elk.layered.spacing.edgeNodeBetweenLayers': '14',
    'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
    'elk.layered.cycleBreaking.strategy': g.unordered ? 'GREEDY' : 'MODEL_ORDER',
    'elk.layered.thoroughness': '7',
    ...(g.unordered ? {} : { 'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES' }),
    'elk.separateConnectedComponents': 'false',
  };
  const inner = { ...options, 'elk.padding': `[top=${header + 8},left=14,bottom=16,right=14]`, };
  const byParent = new Map<string | undefined, Node[]>();
  for (const n of g.nodes) {
    const list = byParent.get(n.parent);
    if (list) list.push(n);
    else byParent.set(n.parent, [n]);
  }
  const place = new Map(g.nodes.map((n) => [n.id, n.parent]));
  const edges = new Map<string | undefined, ElkEdge[]>();
  g.edges.forEach((e: Edge, i) => {
    const p = place.get(e.from);
    if (p !== place.get(e.to)) return;
    const list = edges.get(p) ?? [];
    list.push({ id: `e${i}`, sources: [e.from], targets: [e.to], layoutOptions: { 'elk.layered.priority.direction': e.kind === 'catch' ? '0' : '5' } });
    edges.set(p, list);
  });
  const node = (n: Node): ElkNode => {
    const children = collapsed.has(n.id) ? undefined : byParent.get(n.id);
    if (!children) return { id: n.id, width: widthOf(n), height: nodeHeight };
    return { id: n.id, layoutOptions: { ...inner, 'elk.contentAlignment': 'H_CENTER V_TOP', 'elk.nodeSize.constraints': 'MINIMUM_SIZE', 'elk.nodeSize.minimum': `(${clusterWidth(n)},${nodeHeight})` }, children: children.map(node), edges: edges.get(n.id) ?? [] };
  };
  return { id: ' root', layoutOptions: { ...options, 'elk.padding': '[top=10,left=10,bottom=10,right=10]' }, children: (byParent.get(undefined) ?? []).map(node), edges: edges.get(undefined) ?? [] };
}

/** read turns elk's answer into places and lines. */
export function read(root: ElkNode): Layout {
  const out: Layout = { places: new Map(), lines: new Map(), width: root.width ?? 0, height: root.height ?? 0, curves: true };
  const visit = (n: ElkNode, x: number, y: number): void => {
    for (const e of n.edges ?? []) {
      const points: Point[] = [];
      for (const s of e.sections ?? []) points.push(s.startPoint, ...(s.bendPoints ?? []), s.endPoint);
      out.lines.set(Number(e.id.slice(1)), points.map((p) => ({ x: p.x + x, y: p.y + y })));
    }
    for (const c of n.children ?? []) {
      out.places.set(c.id, { x: c.x ?? 0, y: c.y ?? 0, width: c.width ?? nodeWidth, height: c.height ?? nodeHeight });
      visit(c, x + (c.x ?? 0), y + (c.y ?? 0));
    }
  };
  visit(root, 0, 0);
  return out;
}
