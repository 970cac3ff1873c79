import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { graphOf, type Graph } from '../run/definition';
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
