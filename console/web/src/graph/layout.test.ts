import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { graphOf, type Graph } from '../run/definition';
import { crossings, layered } from './layered';
import { large, layout, read, toElk, type Layout } from './layout';

// The same engine as in the worker, called in this thread.
const { default: Elk } = await import('elkjs/lib/elk.bundled.js');
const place = async (g: Graph): Promise<ReturnType<typeof read>> => read((await new Elk().layout(toElk(g, new Set()) as never)) as never);

test('the example: every state has a place, branches stand side by side within their cluster', async () => {
  const g = graphOf(readFileSync(new URL('../../../../examples/refresh/statemachine.asl.json', import.meta.url), 'utf8'))!;
  const l = await place(g);
  expect(l.places.size).toBe(g.nodes.length);
  const parallel = l.places.get('Parallel')!;
  const branch = (n: number): number[] => g.nodes.filter((x) => x.branch === `Parallel ${n}`).map((x) => l.places.get(x.id)!.x);
  expect(Math.max(...branch(0))).toBeLessThan(Math.max(...branch(1)));
  for (const n of g.nodes.filter((x) => x.parent === 'Parallel')) {
    const p = l.places.get(n.id)!;
    expect(p.x >= 0 && p.y >= 30 && p.x + p.width <= parallel.width && p.y + p.height <= parallel.height).toBe(true);
  }
  expect(l.lines.size).toBe(g.edges.length);
  expect(l.places.get('DBConnectionInit')!.y).toBeLessThan(l.places.get('Parallel')!.y);
});

const machine = (next: Record<string, string[]>): Graph => graphOf(JSON.stringify({
  StartAt: Object.keys(next)[0],
  States: Object.fromEntries(Object.entries(next).map(([name, to]) => [name, to.length === 0 ? { Type: 'Succeed' } : to.length === 1 ? { Type: 'Pass', Next: to[0] } : { Type: 'Choice', Choices: to.slice(1).map((n) => ({ Variable: '$.x', NumericEquals: 1, Next: n })), Default: to[0] }])),
}))!;
const sizes = { width: () => 150, cluster: () => 176, height: 44, padding: { top: 42, side: 14, bottom: 16 } };

test('a plain machine needs no worker: elk would fail here', async () => {
  const g = machine({ Submit: ['Wait'], Wait: ['Get'], Get: ['Done?'], 'Done?': ['Wait', 'Failed', 'Load'], Load: ['End'], Failed: [], End: [] });
  const l = await layout(g, new Set());
  expect(l.curves).toBe(false);
  expect(l.places.size).toBe(7);
  const y = (id: string): number => l.places.get(id)!.y;
  expect(y('Submit') < y('Wait') && y('Wait') < y('Get') && y('Get') < y('Done?') && y('Done?') < y('Load')).toBe(true);
});

test('crossings are counted, but not those of lines that meet in a state', () => {
  const tree = machine({ A: ['B', 'C'], B: ['D'], C: ['D'], D: [] });
  expect(crossings(tree, layered(tree, new Set(), sizes), 9)).toBe(0);
  // Every state of one layer leads to every one of the next: some lines must cross.
  const mesh = machine({ A: ['B', 'C', 'D'], B: ['E', 'F', 'G'], C: ['E', 'F', 'G'], D: ['E', 'F', 'G'], E: [], F: [], G: [] });
  expect(crossings(mesh, layered(mesh, new Set(), sizes), 99)).toBeGreaterThan(5);
  expect(crossings(mesh, layered(mesh, new Set(), sizes), 3)).toBe(3);
});

test('two states that lead to each other have two lines', () => {
  const g = machine({ A: ['B'], B: ['A', 'C'], C: [] });
  const l = layered(g, new Set(), sizes);
  const x = (from: string, to: string): number => l.lines.get(g.edges.findIndex((e) => e.from === from && e.to === to))![0]!.x;
  expect(Math.abs(x('A', 'B') - x('B', 'A'))).toBeGreaterThan(20);
  expect(l.width).toBeGreaterThanOrEqual(l.least - 1);
});

test('500 states', async () => {
  const States: Record<string, unknown> = {};
  for (let i = 0; i < 499; i++) {
    const next = (n: number): string => `S${Math.min(499, i + n)}`;
    States[`S${i}`] = i % 7 === 3 ? { Type: 'Choice', Choices: [2, 3, 4].map((n) => ({ Variable: '$.x', NumericEquals: n, Next: next(n) })), Default: next(1) } : { Type: 'Pass', Next: next(1) };
  }
  States.S499 = { Type: 'Succeed' };
  const g = graphOf(JSON.stringify({ StartAt: 'S0', States }))!;
  const t = process.cpuUsage();
  const l = await layout(g, new Set());
  const used = process.cpuUsage(t);
  expect(l.places.size).toBe(500);
  expect(l.lines.size).toBe(g.edges.length);
  // In processor time, which other work on the machine changes less.
  expect((used.user + used.system) / 1000).toBeLessThan(500);
  overlaps(l);
});

test('large: clusters hold their states, loops and lost states have a place', async () => {
  const States: Record<string, unknown> = { Lost: { Type: 'Pass', Next: 'Self' }, Self: { Type: 'Pass', Next: 'Self' } };
  for (let i = 0; i < 100; i++) {
    const Next = i === 99 ? 'S3' : `S${i + 1}`;
    States[`S${i}`] = i % 4 ? { Type: 'Task', Resource: 'r', Next, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }] }
      : { Type: 'Map', Next, ItemProcessor: { StartAt: `A${i}`, States: { [`A${i}`]: { Type: 'Pass', Next: `B${i}` }, [`B${i}`]: { Type: 'Pass', End: true } } } };
  }
  States.End = { Type: 'Fail' };
  const g = graphOf(JSON.stringify({ StartAt: 'S0', States }))!;
  expect(g.nodes.length).toBeGreaterThan(large);
  const l = await layout(g, new Set());
  expect(l.places.size).toBe(g.nodes.length);
  for (const p of l.places.values()) expect(Number.isFinite(p.x + p.y + p.width + p.height)).toBe(true);
  for (const n of g.nodes) {
    if (n.parent === undefined) continue;
    const p = l.places.get(n.id)!;
    const box = l.places.get(n.parent)!;
    expect(p.x >= 0 && p.y >= 30 && p.x + p.width <= box.width && p.y + p.height <= box.height).toBe(true);
  }
  expect(l.places.get('S4')!.y).toBeLessThan(l.places.get('S5')!.y);
  for (const points of l.lines.values()) expect(points.every((q) => q.x >= -1 && q.x <= l.width && q.y >= 0 && q.y <= l.height)).toBe(true);
  overlaps({ ...l, places: new Map([...l.places].filter(([id]) => g.nodes.find((n) => n.id === id)!.parent === undefined)) });
});

/** overlaps fails where two states of one sequence are over each other. */
function overlaps(l: Layout): void {
  const all = [...l.places.values()];
  const over = all.flatMap((a, i) => all.slice(i + 1).filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height));
  expect(over).toEqual([]);
}
