import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { graphOf, type Graph } from '../run/definition';
import { read, toElk } from './layout';

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
  await place(g);
  const t = process.cpuUsage();
  const l = await place(g);
  const used = process.cpuUsage(t);
  expect(l.places.size).toBe(500);
  // In processor time, which other work on the machine changes less; a page waits less than this.
  expect((used.user + used.system) / 1000).toBeLessThan(2500);
}, 60_000);
