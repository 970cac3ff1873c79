import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../api/types';
import { graphOf } from './definition';
import { build, tally, variables, type Model } from './model';
import { idle, marks, placed, squeezed } from './timescale';

const load = (name: string): HistoryEvent[] => JSON.parse(readFileSync(new URL(`./testdata/${name}.json`, import.meta.url), 'utf8')) as HistoryEvent[];

/** outline writes a model as an indented list. */
function outline(m: Model, scope = 0, indent = ''): string {
  let out = '';
  for (const i of m.scopes[scope]!.steps) {
    const s = m.steps[i]!;
    out += `${indent}${s.name} ${s.status}${s.attempts.length > 1 ? ` ×${s.attempts.length}` : ''}\n`;
    for (const c of s.scopes) {
      const sc = m.scopes[c]!;
      out += `${indent}  ${sc.kind} ${sc.index} ${sc.status}\n` + outline(m, c, `${indent}    `);
    }
  }
  return out;
}

test('the example of a refresh: branches, and a loop that polls', () => {
  const m = build(load('refresh'));
  expect(m.status).toBe('SUCCEEDED');
  expect(m.scopes.filter((s) => s.kind === 'branch').map((s) => [s.index, s.status])).toEqual([[0, 'succeeded'], [1, 'succeeded']]);
  expect(tally(m).get('GetDBConnectionCheckJobStatus')!.visits).toBeGreaterThan(1);
  expect([...new Set(m.steps.map((s) => s.status))]).toEqual(['succeeded']);
  const parallel = m.steps.find((s) => s.name === 'Parallel')!;
  const inside = m.steps.filter((s) => s.scope !== 0);
  expect(inside.length).toBeGreaterThan(8);
  for (const s of inside) expect([s.start >= parallel.start, s.stop! <= parallel.stop!]).toEqual([true, true]);
  // Every event but the run's own belongs to a step.
  expect([...m.stepOf].filter((n) => n < 0).length).toBe(1 + 2); // index 0, the first and the last event
});

test('orders: parallel, map, retries, a catch and the state that failed the run', () => {
  const m = build(load('orders'));
  expect(outline(m)).toMatchInlineSnapshot(`
    "Read succeeded
    Both succeeded
      branch 0 succeeded
        Audit succeeded
        Audited succeeded
      branch 1 succeeded
        Prices succeeded
        PriceCheck succeeded
        Dear succeeded
    EachOrder succeeded
      iteration 0 succeeded
        Price succeeded
        Big succeeded
        Done succeeded
      iteration 1 succeeded
        Price succeeded
        Big succeeded
        Done succeeded
      iteration 2 succeeded
        Price succeeded
        Big succeeded
        Done succeeded
      iteration 3 succeeded
        Price succeeded
        Big succeeded
        Done succeeded
      iteration 4 succeeded
        Price succeeded
        Big succeeded
        Done succeeded
      iteration 5 succeeded
        Price succeeded
        Big succeeded
        Approve succeeded
        Done succeeded
      iteration 6 succeeded
        Price succeeded
        Big succeeded
        Approve succeeded
        Done succeeded
      iteration 7 succeeded
        Price succeeded
        Big succeeded
        Approve succeeded
        Done succeeded
    Load caught ×3
    Clean succeeded
    Refuse failed
    "
  `);
  expect(m.error).toBe('Orders.NotLoaded');
  expect(m.steps[m.culprit]).toMatchObject({ name: 'Refuse', status: 'failed', error: 'Orders.NotLoaded' });
  const tried = m.steps.find((s) => s.name === 'Load')!;
  expect(tried.attempts.map((a) => a.status)).toEqual(['failed', 'failed', 'failed']);
  expect(tried.error).toBe('Lambda.ResourceNotFoundException');
  const cheap = m.byName.get('Dear')![0]!;
  expect(variables(m, cheap)).toEqual({ day: '"2026-09-30"', total: '0', rate: '1.2' });
  expect(variables(m, m.byName.get('Load')![0]!)).toEqual({ day: '"2026-09-30"', total: '0' });
});

test('a distributed map tells its map run', () => {
  const m = build(load('files'));
  expect(m.steps[0]).toMatchObject({ name: 'Files', items: 200, status: 'succeeded' });
  expect(m.steps[0]!.mapRun).toContain(':mapRun:files/');
});

test('a prefix of a history is a run that runs', () => {
  const all = load('orders');
  for (let n = 0; n < all.length; n++) {
    const m = build(all.slice(0, n));
    expect(m.status).toBe('RUNNING');
    for (const s of m.steps) {
      if (s.exit === undefined && s.status !== 'running' && s.status !== 'failed') throw new Error(`${n}: ${s.name} is ${s.status}`);
    }
  }
  const half = build(all.slice(0, 95));
  expect(half.steps.find((s) => s.name === 'Load')).toMatchObject({ status: 'running' });
});

let id = 0;
const ev = (type: string, previousEventId: number, more: Record<string, unknown> = {}): HistoryEvent => ({ id: ++id, previousEventId, timestamp: 1000 + id, type, ...more });
const entered = (type: string, prev: number, name: string): HistoryEvent => ev(`${type}StateEntered`, prev, { stateEnteredEventDetails: { name, input: '{}' } });
const exited = (type: string, prev: number, name: string): HistoryEvent => ev(`${type}StateExited`, prev, { stateExitedEventDetails: { name, output: '{}' } });

test('a redriven step goes on in the step that had failed', () => {
  id = 0;
  const before = [
    ev('ExecutionStarted', 0),
    entered('Task', 0, 'A'),
    ev('TaskScheduled', 2, { taskScheduledEventDetails: { resource: 'x', resourceType: 'y' } }),
    ev('TaskFailed', 3, { taskFailedEventDetails: { error: 'E', cause: 'C' } }),
    ev('ExecutionFailed', 4, { executionFailedEventDetails: { error: 'E', cause: 'C' } }),
  ];
  const failed = build(before);
  expect(failed.steps[0]).toMatchObject({ status: 'failed', error: 'E', cause: 'C' });
  expect(failed.culprit).toBe(0);
  const m = build([...before, ev('ExecutionRedriven', 5), ev('TaskScheduled', 4), ev('TaskSucceeded', 7), exited('Task', 8, 'A'), ev('ExecutionSucceeded', 9)]);
  expect(m).toMatchObject({ status: 'SUCCEEDED', redrives: 1, culprit: -1 });
  expect(m.steps.length).toBe(1);
  expect(m.steps[0]!.attempts.map((a) => a.status)).toEqual(['failed', 'succeeded']);
  expect(m.steps[0]!.status).toBe('succeeded');
});

test('a failing branch fails the run and aborts its sibling', () => {
  id = 0;
  const m = build([
    ev('ExecutionStarted', 0),
    entered('Parallel', 0, 'P'), // 2
    ev('ParallelStateStarted', 2), // 3
    entered('Wait', 3, 'Slow'), // 4
    entered('Fail', 3, 'Bad'), // 5
    ev('WaitStateAborted', 4), // 6
    ev('ParallelStateFailed', 5), // 7
    ev('ExecutionFailed', 7, { executionFailedEventDetails: { error: 'E' } }),
  ]);
  expect(outline(m)).toBe('P failed\n  branch 0 aborted\n    Slow aborted\n  branch 1 failed\n    Bad failed\n');
  expect(m.steps[m.culprit]!.name).toBe('Bad');
});

test('the task that failed a Parallel is failed, though the history aborts it like its siblings', () => {
  id = 0;
  const m = build([
    ev('ExecutionStarted', 0),
    entered('Parallel', 0, 'P'), // 2
    ev('ParallelStateStarted', 2), // 3
    entered('Task', 3, 'Load'), // 4
    ev('TaskScheduled', 4), // 5
    entered('Wait', 3, 'W'), // 6
    ev('TaskFailed', 5, { taskFailedEventDetails: { error: 'E', cause: 'C' } }), // 7
    ev('TaskStateAborted', 7), // 8
    ev('WaitStateAborted', 6), // 9
    ev('ParallelStateFailed', 7), // 10
    ev('ExecutionFailed', 10, { executionFailedEventDetails: { error: 'E', cause: 'C' } }),
  ]);
  expect(outline(m)).toBe('P failed\n  branch 0 failed\n    Load failed\n  branch 1 aborted\n    W aborted\n');
  expect(m.steps[m.culprit]).toMatchObject({ name: 'Load', error: 'E', cause: 'C' });
});

/** big makes a history of n events: a loop of tasks with nested maps. */
function big(n: number): HistoryEvent[] {
  id = 0;
  const out = [ev('ExecutionStarted', 0)];
  let prev = 0;
  while (out.length < n - 40) {
    const map = entered('Map', prev, 'M');
    const started = ev('MapStateStarted', map.id, { mapStateStartedEventDetails: { length: 5 } });
    out.push(map, started);
    let last = started.id;
    for (let i = 0; i < 5; i++) {
      const it = ev('MapIterationStarted', i < 3 ? started.id : last, { mapIterationStartedEventDetails: { name: 'M', index: i } });
      const a = entered('Task', it.id, 'T');
      const b = ev('TaskScheduled', a.id, { taskScheduledEventDetails: { resource: 'invoke', resourceType: 'lambda', parameters: '{}' } });
      const c = ev('TaskSucceeded', b.id, { taskSucceededEventDetails: { output: '{}' } });
      const d = exited('Task', c.id, 'T');
      out.push(it, a, b, c, d);
      last = d.id;
      const done = ev('MapIterationSucceeded', d.id, { mapIterationSucceededEventDetails: { name: 'M', index: i } });
      out.push(done);
      last = done.id;
    }
    out.push(ev('MapStateSucceeded', last));
    const exit = exited('Map', last, 'M');
    out.push(exit);
    prev = exit.id;
  }
  out.push(ev('ExecutionSucceeded', prev));
  return out;
}

test('25,000 events well under a second', () => {
  const events = big(25_000);
  build(events.slice(0, 1000));
  let best = Infinity; // of three, in processor time, since the machine may be busy
  let m = build([]);
  for (let i = 0; i < 3; i++) {
    const t = process.cpuUsage();
    m = build(events);
    squeezed(m, m.last);
    tally(m);
    const used = process.cpuUsage(t);
    best = Math.min(best, (used.user + used.system) / 1000);
  }
  expect(m.steps.length).toBeGreaterThan(4000);
  expect(m.steps.every((s) => s.status === 'succeeded')).toBe(true);
  expect(best).toBeLessThan(500);
});

test('idle is where only waits are open', () => {
  id = 0;
  const at = (e: HistoryEvent, s: number): HistoryEvent => ({ ...e, timestamp: s });
  const m = build([
    at(ev('ExecutionStarted', 0), 0),
    at(entered('Task', 0, 'A'), 0),
    at(ev('TaskScheduled', 2), 0),
    at(ev('TaskSucceeded', 3), 10),
    at(exited('Task', 4, 'A'), 10),
    at(entered('Wait', 5, 'W'), 10),
    at(exited('Wait', 6, 'W'), 3610),
    at(entered('Task', 7, 'B'), 3610),
    at(ev('TaskScheduled', 8), 3610),
    at(ev('TaskSucceeded', 9), 3620),
    at(exited('Task', 10, 'B'), 3620),
    at(ev('ExecutionSucceeded', 11), 3620),
  ]);
  expect(idle(m, m.last)).toEqual([[10_000, 3_610_000]]);
  const s = squeezed(m, m.last);
  expect(s.pieces.map((p) => p.squeezed)).toEqual([false, true, false]);
  expect(s.x(10_000)).toBeGreaterThan(0.25);
  for (const t of [0, 5000, 10_000, 2_000_000, 3_610_000, 3_615_000, 3_620_000]) expect(s.t(s.x(t))).toBeCloseTo(t, 3);
  for (const mark of marks(s, m.start, 8)) expect(mark.at <= 10_000 || mark.at >= 3_610_000).toBe(true);
});

test('any order of known events neither throws nor hangs', () => {
  const types = ['TaskStateEntered', 'MapStateEntered', 'ParallelStateEntered', 'ParallelStateStarted', 'MapStateStarted', 'MapIterationStarted', 'MapIterationFailed', 'TaskScheduled', 'TaskFailed', 'TaskStateExited', 'MapStateExited', 'MapStateAborted', 'EvaluationFailed', 'MapRunStarted', 'ExecutionRedriven', 'ExecutionFailed', 'FailStateEntered', 'Nonsense'];
  let seed = 7;
  const rnd = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  for (let round = 0; round < 300; round++) {
    id = 0;
    const events: HistoryEvent[] = [];
    for (let i = 0; i < 40; i++) {
      const type = types[rnd(types.length)]!;
      events.push(ev(type, rnd(i + 1), { [`${type[0]!.toLowerCase()}${type.slice(1)}EventDetails`]: { name: 'ABC'[rnd(3)], index: rnd(4), error: 'E' } }));
    }
    const m = build(events);
    squeezed(m, m.last);
  }
});

test('a definition as a graph', () => {
  const g = graphOf(readFileSync(new URL('../../../../examples/refresh/statemachine.asl.json', import.meta.url), 'utf8'))!;
  expect(g.nodes.length).toBe(29);
  expect(new Set(g.nodes.filter((n) => n.parent === 'Parallel').map((n) => n.branch)).size).toBe(2);
  expect(g.edges.filter((e) => e.kind === 'choice')[0]!.label).toBe('$.status = "FAILED"');
  expect(graphOf('{"States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}')!.edges).toEqual([]);
  expect(graphOf('{')).toBeUndefined();
});

test('labels of an axis stay inside it and apart', () => {
  const at = (...xs: number[]) => placed(xs.map((x) => ({ text: '+10 s', x, of: x })), 200);
  expect(at(0, 100, 200).map((l) => l.of)).toEqual([0, 100, 200]);
  expect(at(0, 20, 100, 190, 200).map((l) => l.of)).toEqual([0, 100, 190]);
  for (const l of at(0, 200)) expect(Math.min(l.x, 200 - l.x)).toBeGreaterThanOrEqual(16);
});
