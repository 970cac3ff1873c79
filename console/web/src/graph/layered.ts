import type { Graph, Node } from '../run/definition';
import type { Layout, Place } from './layout';

// A layered layout in linear passes: 500 states take a few milliseconds, where elk
// takes seconds, so that it needs no worker. Layers by the longest
// path, order by barycenters, places by medians, as Sugiyama, Tagawa and Toda
// ("Methods for visual understanding of hierarchical system structures", 1981).

interface Point {
  x: number;
  y: number;
}

/** An Item is a state, or the place where a long line passes a layer. */
interface Item {
  /** The state's name; undefined where only a line passes. */
  id: string | undefined;
  width: number;
  height: number;
  layer: number;
  x: number; // of its middle
  y: number; // of its top
  up: Item[];
  down: Item[];
}

interface Box {
  width: number;
  height: number;
  /** The width of the widest layer: no layout is narrower. */
  least: number;
  places: Map<string, Place>;
  lines: Map<number, Point[]>;
}

const gapX = 24;
const gapLine = 14;
const gapY = 36;
const sweeps = 6;

/** Sizes are those of states; a cluster has what its own states need, and the padding around them. */
export interface Sizes {
  width: (n: Node) => number;
  /** The least width of a cluster. */
  cluster: (n: Node) => number;
  height: number;
  padding: { top: number; side: number; bottom: number };
}

/**
 * layered places a graph from top to bottom; each Parallel and Map places its own
 * states. least is the width below which no layout of it is possible.
 */
export function layered(g: Graph, collapsed: ReadonlySet<string>, sizes: Sizes): Layout & { least: number } {
  const children = new Map<string | undefined, Node[]>();
  const parentOf = new Map<string, string | undefined>();
  for (const n of g.nodes) {
    parentOf.set(n.id, n.parent);
    const list = children.get(n.parent);
    if (list) list.push(n);
    else children.set(n.parent, [n]);
  }
  const edgesIn = new Map<string | undefined, number[]>();
  g.edges.forEach((e, i) => {
    const p = parentOf.get(e.from);
    if (p !== parentOf.get(e.to) || !parentOf.has(e.to)) return;
    const list = edgesIn.get(p);
    if (list) list.push(i);
    else edgesIn.set(p, [i]);
  });
  const out = { places: new Map<string, Place>(), lines: new Map<number, Point[]>(), width: 0, height: 0, curves: false, least: 0 };
  const boxes = new Map<string, Box>();
  const lay = (parent: string | undefined): Box => {
    const nodes = children.get(parent) ?? [];
    const size = new Map<string, { width: number; height: number }>();
    for (const n of nodes) {
      if (!children.has(n.id) || collapsed.has(n.id)) {
        size.set(n.id, { width: sizes.width(n), height: sizes.height });
        continue;
      }
      const b = lay(n.id);
      boxes.set(n.id, b);
      size.set(n.id, { width: Math.max(sizes.cluster(n), b.width + 2 * sizes.padding.side), height: b.height + sizes.padding.top + sizes.padding.bottom });
    }
    return sequence(nodes, edgesIn.get(parent) ?? [], g, size);
  };
  const root = lay(undefined);
  const margin = 10;
  const write = (b: Box, dx: number, dy: number, x: number, y: number): void => {
    // Places are relative to the cluster, lines absolute.
    for (const [i, points] of b.lines) out.lines.set(i, points.map((p) => ({ x: p.x + x + dx, y: p.y + y + dy })));
    for (const [id, p] of b.places) {
      out.places.set(id, { ...p, x: p.x + dx, y: p.y + dy });
      const inner = boxes.get(id);
      if (inner) write(inner, (p.width - inner.width) / 2, sizes.padding.top, x + dx + p.x, y + dy + p.y);
    }
  };
  write(root, margin, margin, 0, 0);
  out.width = root.width + 2 * margin;
  out.height = root.height + 2 * margin;
  out.least = root.least + 2 * margin;
  return out;
}

function sequence(nodes: readonly Node[], edges: readonly number[], g: Graph, size: ReadonlyMap<string, { width: number; height: number }>): Box {
  const items = new Map<string, Item>(nodes.map((n) => [n.id, { id: n.id, ...size.get(n.id)!, layer: 0, x: 0, y: 0, up: [], down: [] }]));
  const back = backward(nodes, edges, g);
  const forward = edges.filter((i) => !back.has(i) && g.edges[i]!.from !== g.edges[i]!.to);

  // The longest path gives the layer.
  const waits = new Map<string, number>();
  const next = new Map<string, string[]>();
  for (const i of forward) {
    const e = g.edges[i]!;
    waits.set(e.to, (waits.get(e.to) ?? 0) + 1);
    const list = next.get(e.from);
    if (list) list.push(e.to);
    else next.set(e.from, [e.to]);
  }
  const ready = nodes.filter((n) => !waits.get(n.id)).map((n) => n.id);
  for (let k = 0; k < ready.length; k++) {
    const from = items.get(ready[k]!)!;
    for (const to of next.get(ready[k]!) ?? []) {
      const t = items.get(to)!;
      t.layer = Math.max(t.layer, from.layer + 1);
      const left = waits.get(to)! - 1;
      waits.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const layers: Item[][] = [];
  const put = (it: Item): void => {
    while (layers.length <= it.layer) layers.push([]);
    layers[it.layer]!.push(it);
  };
  for (const n of nodes) put(items.get(n.id)!);

  // A line over several layers has a place in each; those to one state share them.
  const ways = new Map<number, Item[]>();
  const shared = new Map<string, Item>();
  for (const i of edges) {
    const e = g.edges[i]!;
    if (e.from === e.to) continue;
    const turned = back.has(i);
    const a = items.get(turned ? e.to : e.from)!;
    const b = items.get(turned ? e.from : e.to)!;
    const way = [a];
    for (let l = a.layer + 1; l < b.layer; l++) {
      const key = `${e.to}\n${turned ? 'up' : e.kind === 'catch' ? 'catch' : 'next'}\n${l}`;
      let it = shared.get(key);
      if (!it) {
        it = { id: undefined, width: 0, height: 0, layer: l, x: 0, y: 0, up: [], down: [] };
        shared.set(key, it);
        put(it);
      }
      way.push(it);
    }
    way.push(b);
    for (let k = 1; k < way.length; k++) {
      if (way[k - 1]!.down.includes(way[k]!)) continue;
      way[k - 1]!.down.push(way[k]!);
      way[k]!.up.push(way[k - 1]!);
    }
    ways.set(i, turned ? way.reverse() : way);
  }

  order(layers);
  const width = across(layers);
  let y = 0;
  for (const layer of layers) {
    const height = Math.max(...layer.map((it) => it.height));
    for (const it of layer) it.y = y + (it.id === undefined ? 0 : (height - it.height) / 2);
    for (const it of layer) if (it.id === undefined) it.height = height;
    y += height + gapY;
  }
  const least = Math.max(0, ...layers.map((layer) => layer.reduce((n, it, i) => n + (i === 0 ? it.width : apart(layer[i - 1]!, it) + (it.width - layer[i - 1]!.width) / 2), 0)));
  const out: Box = { width, least, height: Math.max(0, y - gapY), places: new Map(), lines: new Map() };
  for (const it of items.values()) out.places.set(it.id!, { x: it.x - it.width / 2, y: it.y, width: it.width, height: it.height });
  // Two states that lead to each other have a line on either side.
  const pairs = new Set(edges.map((i) => `${g.edges[i]!.from}\n${g.edges[i]!.to}`));
  for (const [i, way] of ways) {
    const both = way.length === 2 && pairs.has(`${g.edges[i]!.to}\n${g.edges[i]!.from}`);
    const aside = !both ? 0 : back.has(i) ? 14 : -14;
    out.lines.set(i, line(way).map((p) => ({ x: p.x + aside, y: p.y })));
  }
  return out;
}

/** backward finds the edges that lead back to a state on the way to their own, which make no layer. */
function backward(nodes: readonly Node[], edges: readonly number[], g: Graph): Set<number> {
  const by = new Map<string, number[]>();
  for (const i of edges) {
    const from = g.edges[i]!.from;
    const list = by.get(from);
    if (list) list.push(i);
    else by.set(from, [i]);
  }
  const back = new Set<number>();
  const seen = new Map<string, 'open' | 'done'>();
  const starts = [...nodes.filter((n) => n.start), ...nodes];
  for (const s of starts) {
    if (seen.has(s.id)) continue;
    seen.set(s.id, 'open');
    const stack: [string, number][] = [[s.id, 0]];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const i = by.get(top[0])?.[top[1]++];
      if (i === undefined) {
        seen.set(top[0], 'done');
        stack.pop();
        continue;
      }
      const to = g.edges[i]!.to;
      const was = seen.get(to);
      if (was === 'open') back.add(i);
      else if (was === undefined) {
        seen.set(to, 'open');
        stack.push([to, 0]);
      }
    }
  }
  return back;
}

/** order sorts each layer by the middle of its neighbours, downwards and upwards in turn. */
function order(layers: Item[][]): void {
  const at = new Map<Item, number>();
  const number = (layer: Item[]): void => layer.forEach((it, i) => at.set(it, i));
  layers.forEach(number);
  for (let s = 0; s < sweeps; s++) {
    const down = s % 2 === 0;
    const seq = down ? layers.slice(1) : layers.slice(0, -1).reverse();
    for (const layer of seq) {
      if (layer.length < 2) continue;
      const key = new Map<Item, number>();
      for (const it of layer) {
        const by = down ? it.up : it.down;
        key.set(it, by.length ? by.reduce((n, o) => n + at.get(o)!, 0) / by.length : at.get(it)!);
      }
      layer.sort((a, b) => key.get(a)! - key.get(b)! || at.get(a)! - at.get(b)!);
      number(layer);
    }
  }
}

const apart = (a: Item, b: Item): number => (a.width + b.width) / 2 + (a.id === undefined || b.id === undefined ? gapLine : gapX);

/** across gives each item its middle: near those of its neighbours, never over its layer's others. It answers the width. */
function across(layers: Item[][]): number {
  for (const layer of layers) {
    let x = 0;
    layer.forEach((it, i) => {
      x = i === 0 ? 0 : x + apart(layer[i - 1]!, it);
      it.x = x;
    });
    for (const it of layer) it.x -= x / 2;
  }
  for (let s = 0; s < sweeps; s++) {
    const down = s % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) settle(layer, (it) => (down ? it.up : it.down));
  }
  let low = Infinity;
  let high = -Infinity;
  for (const layer of layers) {
    for (const it of layer) {
      low = Math.min(low, it.x - it.width / 2);
      high = Math.max(high, it.x + it.width / 2);
    }
  }
  if (low === Infinity) return 0;
  for (const layer of layers) for (const it of layer) it.x -= low;
  return high - low;
}

/** settle moves a layer's items towards their neighbours: those that overlap become one block at the mean of their wishes. */
function settle(layer: Item[], by: (it: Item) => Item[]): void {
  interface Block {
    items: Item[];
    offsets: number[];
    sum: number;
    weight: number;
  }
  const blocks: Block[] = [];
  const place = (b: Block): number => b.sum / b.weight;
  for (const it of layer) {
    const near = by(it);
    const weight = near.length === 0 ? 0.01 : it.id === undefined ? 4 : 1; // straight lines first
    const wish = near.length === 0 ? it.x : near.reduce((n, o) => n + o.x, 0) / near.length;
    let b: Block = { items: [it], offsets: [0], sum: wish * weight, weight };
    for (let before = blocks[blocks.length - 1]; before; before = blocks[blocks.length - 1]) {
      const shift = before.offsets[before.offsets.length - 1]! + apart(before.items[before.items.length - 1]!, b.items[0]!);
      if (place(before) + shift <= place(b)) break;
      blocks.pop();
      b = { items: [...before.items, ...b.items], offsets: [...before.offsets, ...b.offsets.map((o) => o + shift)], sum: before.sum + b.sum - b.weight * shift, weight: before.weight + b.weight };
    }
    blocks.push(b);
  }
  for (const b of blocks) b.items.forEach((it, i) => (it.x = place(b) + b.offsets[i]!));
}

/** line goes through the places of a way, from the edge of its first state to that of its last. */
function line(way: readonly Item[]): Point[] {
  const points: Point[] = [];
  way.forEach((it, i) => {
    const before = way[i - 1];
    const after = way[i + 1];
    const down = (before?.layer ?? -1) < it.layer && (!after || after.layer > it.layer);
    const top = { x: it.x, y: it.y };
    const bottom = { x: it.x, y: it.y + it.height };
    if (!before) points.push(shifted(it, after, after!.layer > it.layer ? bottom : top));
    else if (!after) points.push(shifted(it, before, before.layer < it.layer ? top : bottom));
    else if (down) points.push(top, bottom);
    else points.push(bottom, top);
  });
  return points;
}

/** shifted moves an end of a line a little towards where it comes from, so that lines to one state can be told apart. */
function shifted(it: Item, other: Item | undefined, p: Point): Point {
  const way = (other?.x ?? it.x) - it.x;
  const room = it.width / 2 - 18;
  return { x: p.x + Math.max(-room, Math.min(room, way * 0.25)), y: p.y };
}

/** crossings counts where lines cross, but for those from or to the same state. It stops at most. */
export function crossings(g: Graph, l: Layout, most = 1): number {
  const segments: { a: Point; b: Point; from: string; to: string }[] = [];
  for (const [i, points] of l.lines) {
    const { from, to } = g.edges[i]!;
    for (let k = 1; k < points.length; k++) segments.push({ a: points[k - 1]!, b: points[k]!, from, to });
  }
  segments.sort((s, t) => Math.min(s.a.y, s.b.y) - Math.min(t.a.y, t.b.y));
  let n = 0;
  for (let i = 0; i < segments.length; i++) {
    const s = segments[i]!;
    const low = Math.max(s.a.y, s.b.y);
    for (let k = i + 1; k < segments.length && n < most; k++) {
      const t = segments[k]!;
      if (Math.min(t.a.y, t.b.y) >= low) break;
      if (s.from === t.from || s.to === t.to || s.from === t.to || s.to === t.from) continue;
      if (side(s.a, s.b, t.a) * side(s.a, s.b, t.b) < 0 && side(t.a, t.b, s.a) * side(t.a, t.b, s.b) < 0) n++;
    }
  }
  return n;
}

// side is positive on one side of a line, negative on the other.
const side = (a: Point, b: Point, p: Point): number => (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
