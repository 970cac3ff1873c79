import { BaseEdge, Controls, Handle, Position, ReactFlow, ReactFlowProvider, useReactFlow, type Edge as FlowEdge, type EdgeProps, type Node as FlowNode, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import type { Graph } from '../run/definition';
import type { Tally } from '../run/model';
import { Problem, Text, type Tone } from '../ui/bits';
import { Icon, type IconName } from '../ui/icon';
import { layout, type Layout } from './layout';
import { useSize } from '../ui/measure';
import './flow.css';

type StateNode = FlowNode<{ label: string; kind: string; detail?: string | undefined; tone?: Tone | undefined; tally?: Tally | undefined; cluster: boolean; start: boolean; dim: boolean; current: boolean; distributed: boolean; children?: number | undefined; onToggle?: (() => void) | undefined }, 'state'>;
type LineEdge = FlowEdge<{ points: { x: number; y: number }[]; kind: string; label?: string | undefined; spline: boolean; taken: boolean }, 'line'>;

const icons: Record<string, IconName> = { Task: 'task', Pass: 'pass', Choice: 'choice', Wait: 'waiting', Parallel: 'parallel', Map: 'map', Succeed: 'succeed', Fail: 'fail' };

const State = memo(function State({ data }: NodeProps<StateNode>): React.ReactElement {
  const t = data.tally;
  const badges: string[] = [];
  if (t && t.visits > 1) badges.push(`×${t.visits}`);
  if (t && t.retries > 0) badges.push(`${t.retries} ${t.retries === 1 ? 'retry' : 'retries'}`);
  return (
    <div className={`fnode ${data.cluster ? 'fnode-cluster' : ''} ${data.tone ? `tone-${data.tone} fnode-toned` : ''} ${data.dim ? 'fnode-dim' : ''} ${data.current ? 'fnode-current' : ''} fkind-${data.kind}`}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div className="fnode-head">
        <Icon name={icons[data.kind] ?? 'task'} className="fnode-kind" />
        <div className="fnode-text">
          <div className="fnode-name" title={data.label}><Text>{data.label}</Text></div>
          {data.detail || badges.length ? (
            <div className="fnode-detail">
              {data.detail ? <span className="clip"><bdi>{data.detail}</bdi></span> : null}
              {badges.map((b) => <span key={b} className="fnode-badge num">{b}</span>)}
            </div>
          ) : null}
        </div>
        {data.tone ? <Icon name={data.tone} label={data.tone} className={`fnode-status ${data.tone === 'running' ? 'spin' : ''}`} /> : null}
      </div>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
});

function path(points: { x: number; y: number }[], spline: boolean): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let d = `M${first.x} ${first.y}`;
  if (spline && rest.length % 3 === 0) {
    for (let i = 0; i + 2 < rest.length; i += 3) d += `C${rest[i]!.x} ${rest[i]!.y} ${rest[i + 1]!.x} ${rest[i + 1]!.y} ${rest[i + 2]!.x} ${rest[i + 2]!.y}`;
    return d;
  }
  // Corners are round.
  rest.forEach((p, i) => {
    const before = points[i]!;
    const after = rest[i + 1];
    if (!after) {
      d += `L${p.x} ${p.y}`;
      return;
    }
    const r = Math.min(12, Math.hypot(p.x - before.x, p.y - before.y) / 2, Math.hypot(after.x - p.x, after.y - p.y) / 2);
    const a = toward(p, before, r);
    const b = toward(p, after, r);
    d += `L${a.x} ${a.y}Q${p.x} ${p.y} ${b.x} ${b.y}`;
  });
  return d;
}

/** toward is the point r from p on the way to q. */
function toward(p: { x: number; y: number }, q: { x: number; y: number }, r: number): { x: number; y: number } {
  const length = Math.hypot(q.x - p.x, q.y - p.y) || 1;
  return { x: p.x + ((q.x - p.x) * r) / length, y: p.y + ((q.y - p.y) * r) / length };
}

const Line = memo(function Line({ id, data }: EdgeProps<LineEdge>): React.ReactElement {
  const points = data!.points;
  const mid = points[Math.min(points.length - 1, Math.floor(points.length / 2))];
  const end = points[points.length - 1];
  const before = points[points.length - 2];
  const angle = end && before ? (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI : 90;
  return (
    <g className={`fline fline-${data!.kind} ${data!.taken ? 'fline-taken' : ''}`}>
      {data!.label ? <title>{data!.label}</title> : null}
      <BaseEdge id={id} path={path(points, data!.spline)} />
      {end ? <path className="fline-head" d="M-7 -3.500 0 0-7 3.500Z" transform={`translate(${end.x} ${end.y}) rotate(${angle})`} /> : null}
      {data!.kind === 'catch' && mid ? <circle cx={mid.x} cy={mid.y} r="2.500" className="fline-dot" /> : null}
    </g>
  );
});

const nodeTypes = { state: State };
const edgeTypes = { line: Line };
const none: ReadonlySet<string> = new Set();

export interface FlowProps {
  graph: Graph;
  /** How each state fared; undefined draws the definition alone. */
  tallies?: Map<string, Tally> | undefined;
  selected?: string | undefined;
  /** The state under the pointer elsewhere. */
  onSelect?: (state: string) => void;
  taken?: ReadonlySet<string> | undefined;
  label: string;
}

/** Flow draws a machine's graph: states with their statuses, clusters for Parallel and Map. */
export function Flow(props: FlowProps): React.ReactElement {
  return (
    <ReactFlowProvider>
      <Inner {...props} />
    </ReactFlowProvider>
  );
}

/** inChildren are the states that run in the children of distributed maps that have run: this run's history does not tell of them. */
function inChildren(graph: Graph, tallies: Map<string, Tally> | undefined): Set<string> {
  const found = new Set<string>();
  const maps = new Set(graph.nodes.filter((n) => n.distributed && tallies?.has(n.id)).map((n) => n.id));
  for (let size = -1; maps.size > 0 && found.size !== size; ) {
    size = found.size;
    for (const n of graph.nodes) if (n.parent !== undefined && (maps.has(n.parent) || found.has(n.parent))) found.add(n.id);
  }
  return found;
}

function Inner({ graph, tallies, selected, onSelect, taken, label }: FlowProps): React.ReactElement {
  const [placed, setPlaced] = useState<{ of: string; layout: Layout; graph: Graph }>();
  const [error, setError] = useState<Error>();
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const flow = useReactFlow();
  // A new layout only where the shape has changed, not with each letter typed into a comment.
  const shape = useMemo(() => JSON.stringify([graph.nodes.map((n) => [n.id, n.parent, n.branch]), graph.edges.map((e) => [e.from, e.to, e.kind])]), [graph]);
  const latest = useRef(graph);
  latest.current = graph;

  useEffect(() => {
    let gone = false;
    const started = performance.now();
    layout(latest.current, none).then(
      (l) => {
        if (gone) return;
        performance.measure('graph layout', { start: started, end: performance.now() });
        setError(undefined);
        setPlaced({ of: shape, layout: l, graph: latest.current });
      },
      (e: unknown) => !gone && setError(e instanceof Error ? e : new Error(String(e))),
    );
    return () => {
      gone = true;
    };
  }, [shape]);

  const nodes = useMemo<StateNode[]>(() => {
    if (!placed) return [];
    const parents = new Set(graph.nodes.map((n) => n.parent));
    const elsewhere = inChildren(graph, tallies);
    return graph.nodes.flatMap((n): StateNode[] => {
      const p = placed.layout.places.get(n.id);
      if (!p) return [];
      const t = tallies?.get(n.id);
      const cluster = parents.has(n.id);
      return [{
        id: n.id,
        type: 'state',
        position: { x: p.x, y: p.y },
        ...(n.parent !== undefined ? { parentId: n.parent } : {}),
        width: p.width,
        height: p.height,
        // Their places are known: nothing is measured, and what is not on screen is never drawn.
        handles: [
          { type: 'target', position: Position.Top, x: p.width / 2, y: 0, width: 1, height: 1 },
          { type: 'source', position: Position.Bottom, x: p.width / 2, y: p.height, width: 1, height: 1 },
        ],
        draggable: false,
        connectable: false,
        focusable: true,
        ariaLabel: `${n.type} ${n.id}${t ? `, ${t.status}` : ''}`,
        zIndex: cluster ? 0 : 1,
        data: { label: n.id, kind: n.type, detail: n.distributed ? ['distributed', n.detail].filter(Boolean).join(', ') : n.detail, tone: t?.status, tally: t, cluster, start: n.start ?? false, dim: tallies !== undefined && !t && !elsewhere.has(n.id), current: selected === n.id, distributed: n.distributed ?? false },
      }];
    });
  }, [placed, graph, tallies, selected]);

  const edges = useMemo<LineEdge[]>(() => {
    if (!placed) return [];
    return placed.graph.edges.flatMap((e, i): LineEdge[] => {
      const points = placed.layout.lines.get(i);
      if (!points) return [];
      return [{
        id: `e${i}`, source: e.from, target: e.to, type: 'line', focusable: false, selectable: false, zIndex: 0,
        data: { points, kind: e.kind, label: e.label, spline: placed.layout.curves, taken: taken?.has(`${e.from}\n${e.to}`) ?? false },
      }];
    });
  }, [placed, taken]);

  // Fit what is new, as long as the user has not moved the picture.
  const moved = useRef(false);
  const fittedTo = useRef('');
  useEffect(() => {
    if (!placed || size.width === 0) return;
    const key = `${placed.of} ${size.width} ${size.height}`;
    if (fittedTo.current === key || (moved.current && fittedTo.current.startsWith(placed.of))) return;
    fittedTo.current = key;
    fit(flow, placed.layout, size, graph.unordered);
    show(selected);
    // eslint-disable-next-line
  }, [placed, size, flow]);

  // The place is the layout's: what the library knows of a new graph comes later.
  const show = (id: string | undefined): void => {
    if (!id || !placed || size.width === 0) return;
    const n = placed.layout.places.get(id);
    if (!n) return;
    let { x, y } = n;
    const parents = new Map(placed.graph.nodes.map((m) => [m.id, m.parent]));
    for (let up = parents.get(id); up !== undefined; up = parents.get(up)) {
      x += placed.layout.places.get(up)?.x ?? 0;
      y += placed.layout.places.get(up)?.y ?? 0;
    }
    const v = flow.getViewport();
    const left = x * v.zoom + v.x;
    const top = y * v.zoom + v.y;
    const w = (n.width ?? 0) * v.zoom;
    const h = Math.min(n.height ?? 0, 60) * v.zoom;
    if (left < 0 || top < 0 || left + w > size.width || top + h > size.height) {
      void flow.setCenter(x + (n.width ?? 0) / 2, y + Math.min(n.height ?? 0, 60) / 2, { zoom: Math.max(v.zoom, 0.7), duration: 150 });
    }
  };
  useEffect(() => {
    show(selected);
    // Follows the selection only.
    // eslint-disable-next-line
  }, [selected, placed]);

  return (
    <div className="flow" ref={box} role="region" aria-label={label}>
      {error ? <Problem error={error} /> : null}
      <ReactFlow<StateNode, LineEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, n) => onSelect?.(n.id)}
        onMove={(_, v) => box.current?.classList.toggle('flow-far', v.zoom < far)}
        onMoveStart={(ev) => {
          if (ev) moved.current = true;
        }}
        onKeyDown={(e) => {
          const id = (e.target as HTMLElement).closest<HTMLElement>('.react-flow__node')?.dataset.id;
          if (id && (e.key === 'Enter' || e.key === ' ')) {
            e.preventDefault();
            onSelect?.(id);
          }
        }}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        nodesFocusable
        onlyRenderVisibleElements={graph.nodes.length > 120}
        minZoom={0.05}
        maxZoom={1.8}
        panOnScroll
        zoomOnDoubleClick={false}
        proOptions={{ hideAttribution: true }}
        deleteKeyCode={null}
        disableKeyboardA11y
      >
        <Controls showInteractive={false} position="bottom-left" onFitView={() => { moved.current = false; if (placed) fit(flow, placed.layout, size, graph.unordered); }} fitViewOptions={{ padding: 0.06, maxZoom: 1 }} />
      </ReactFlow>
    </div>
  );
}

// Below this zoom a state shows its name alone, as large as it fits.
const far = 0.55;

// The smallest zoom at which a whole machine is shown.
const least = 0.25;

function fit(flow: ReturnType<typeof useReactFlow>, l: Layout, size: { width: number; height: number }, unordered = false): void {
  const whole = Math.min(size.width / (l.width + 20), size.height / (l.height + 20), 1);
  // A large machine is not shrunk beyond telling its states apart: it begins at its first one, and the rest is a scroll away.
  // Resources have no first one: they are shown whole, whatever their number.
  const zoom = whole < least && !unordered ? 0.58 : whole;
  const first = l.places.values().next().value;
  const middle = l.width * zoom <= size.width || !first ? l.width / 2 : Math.min(Math.max(first.x + first.width / 2, size.width / zoom / 2), l.width - size.width / zoom / 2);
  const y = l.height * zoom <= size.height ? (size.height - l.height * zoom) / 2 : 6;
  void flow.setViewport({ x: size.width / 2 - middle * zoom, y, zoom });
}
