import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../api/types';
import { bars, rows } from '../views/execution/rows';
import { build, goes, tally, type Model } from './model';

// The histories are those of asl/testdata/run, which the engine produces.
const load = (name: string): HistoryEvent[] => JSON.parse(readFileSync(new URL(`./testdata/${name}.json`, import.meta.url), 'utf8')) as HistoryEvent[];

/** told writes each step with the stretches in which it worked, in seconds. */
function told(m: Model): string[] {
  return m.steps.map((s) => `${s.name}${s.past ? ' (left)' : ''}: ${goes(s, m.last).map((g) => `${g.status} ${(g.start - m.start) / 1000}-${(g.stop - m.start) / 1000}`).join(', ')}`);
}

/** lost lists the types of events that belong to no step, but for the run's own. */
const lost = (events: HistoryEvent[], m: Model): string[] => events.filter((e) => m.stepOf[e.id]! < 0 && !e.type.startsWith('Execution')).map((e) => `${e.id} ${e.type}`);

const settled = (m: Model): Set<string> => new Set([...tally(m).values()].map((t) => t.status));

test('of an inline map the iterations go on that failed or were stopped', () => {
  const events = load('redrive-map');
  const m = build(events);
  expect(lost(events, m)).toEqual([]);
  expect(told(m)).toEqual([
    'Each: failed 0-2, succeeded 3-5',
    'Do: aborted 0-2, succeeded 3-5',
    'In: aborted 0-2, succeeded 3-5',
    'Do: succeeded 0-1',
    'In: succeeded 0-1',
    'Do: failed 1-2, succeeded 3-4',
    'In: failed 1-2, succeeded 3-4',
  ]);
  expect(settled(m)).toEqual(new Set(['succeeded']));
  expect(m.scopes.every((s) => s.status === 'succeeded')).toBe(true);
  expect(m.culprit).toBe(-1);
  const running = build(events.slice(0, 35));
  expect(running.status).toBe('RUNNING');
  expect(running.steps.map((s) => s.status)).toEqual(['running', 'running', 'running', 'succeeded', 'succeeded', 'running', 'running']);
});

test('of a parallel the branches go on that failed or were stopped; a Fail is entered again', () => {
  const events = load('redrive-parallel');
  const m = build(events);
  expect(lost(events, m)).toEqual([]);
  expect(told(m)).toEqual([
    'All: failed 0-2, succeeded 12-72',
    'One: succeeded 0-1',
    'Two: succeeded 0-0',
    'Two2: failed 0-2, succeeded 12-13',
    'Three: aborted 0-2, succeeded 12-72',
    'One2: succeeded 1-1',
    'After (left): failed 72-72',
    'After: failed 73-73',
  ]);
  expect(m.steps[m.culprit]).toMatchObject({ name: 'After', error: 'Final' });
  expect(m.culprit).toBe(7);
});

test('what was stopped, and what timed out, goes on', () => {
  const events = load('redrive-aborted');
  const m = build(events);
  expect(lost(events, m)).toEqual([]);
  expect(told(m)).toEqual(['All: aborted 0-2, timedout 12-112, succeeded 113-115', 'One: aborted 0-2, timedout 12-112, succeeded 113-115', 'Two: aborted 0-2, succeeded 12-72']);
  expect(settled(m)).toEqual(new Set(['succeeded']));
  expect(m.steps[1]!.attempts.map((a) => a.status)).toEqual(['aborted', 'timedout', 'succeeded']);
  expect(tally(m).get('One')!.retries).toBe(0);
  // The timeline has a bar for each go.
  const row = rows(m, new Set()).find((r) => r.name === 'One')!;
  expect(row.status).toBe('succeeded');
  expect(bars(m, row.steps, (t) => (t - m.start) / 115_000, 1000, m.last).map((b) => b.status)).toEqual(['aborted', 'timedout', 'succeeded']);
});

test('every event of a redriven task is its state’s', () => {
  const events = load('redrive-task');
  const m = build(events);
  expect(lost(events, m)).toEqual([]);
  expect(m.redrives).toBeGreaterThan(0);
});

test('a redrive with changes enters a state anew, or gives its output', () => {
  const events = load('repair-fails-again');
  const m = build(events);
  expect(lost(events, m)).toEqual([]);
  expect(told(m)).toEqual([
    'A (left): failed 0-1',
    'A: succeeded 2-3',
    'B: failed 3-4, succeeded 5-6',
    'C: succeeded 6-6',
    'D: succeeded 6-6',
    'A: succeeded 6-7',
    'B: failed 7-8, succeeded 9-9',
    'C: succeeded 9-69',
    'D: succeeded 69-69',
    'E: succeeded 69-69',
  ]);
  expect(settled(m)).toEqual(new Set(['succeeded']));
  expect(rows(m, new Set()).every((r) => r.status === 'succeeded')).toBe(true);
});

test('a distributed map goes on with its map run', () => {
  const arn = { mapRunArn: 'arn:aws:states:us-east-1:000000000000:mapRun:m/M:1' };
  const error = { error: 'States.ExceedToleratedFailureThreshold', cause: 'The specified tolerated failure threshold was exceeded' };
  const list: [string, number, number, object?][] = [
    ['ExecutionStarted', 0, 0],
    ['MapStateEntered', 0, 0, { stateEnteredEventDetails: { name: 'M' } }],
    ['MapStateStarted', 2, 0, { mapStateStartedEventDetails: { length: 4 } }],
    ['MapRunStarted', 3, 0, { mapRunStartedEventDetails: arn }],
    ['MapRunFailed', 4, 2, { mapRunFailedEventDetails: error }],
    ['MapStateFailed', 5, 2],
    ['ExecutionFailed', 6, 2, { executionFailedEventDetails: error }],
    ['ExecutionRedriven', 7, 10],
    ['MapRunRedriven', 8, 10, { mapRunRedrivenEventDetails: { ...arn, redriveCount: 1 } }],
    ['MapRunSucceeded', 9, 12],
    ['MapStateSucceeded', 10, 12],
    ['MapStateExited', 10, 12, { stateExitedEventDetails: { name: 'M', output: '[]' } }],
    ['ExecutionSucceeded', 12, 12],
  ];
  const events = list.map(([type, previousEventId, at, more], i): HistoryEvent => ({ id: i + 1, previousEventId, timestamp: 1000 + at, type, ...more }));
  const m = build(events);
  expect(lost(events, m)).toEqual([]);
  expect(told(m)).toEqual(['M: failed 0-2, succeeded 10-12']);
  expect(m.steps[0]!.error).toBeUndefined();
  expect(m.steps[0]!.attempts.map((a) => a.status)).toEqual(['failed', 'succeeded']);
  expect(tally(m).get('M')).toMatchObject({ status: 'succeeded', failed: 0, longest: 4000 });
});
