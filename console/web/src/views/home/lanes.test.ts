import { expect, test } from 'vitest';
import type { Home } from '../../api/types';
import { lanes, nextOf, ticks } from './lanes';

const home: Home = {
  now: 1000, from: 0, to: 2000, failures: [], late: [], parts: [], counts: {}, truncated: false,
  ran: [
    { kind: 'execution', arn: 'a', name: 'a', machine: 'b-machine', machineArn: 'x:stateMachine:b', status: 'SUCCEEDED', start: 0, stop: 10 },
    { kind: 'execution', arn: 'b', name: 'b', machine: 'b-machine', machineArn: 'x:stateMachine:b', status: 'RUNNING', start: 5 },
    { kind: 'execution', arn: 'c', name: 'c', machine: 'z-machine', machineArn: 'x:stateMachine:z', status: 'FAILED', start: 5, stop: 9 },
    { kind: 'job', arn: 'j', name: 'j', queue: 'q', execution: 'a', status: 'SUCCEEDED', start: 1, stop: 2 },
  ],
  will: [{ kind: 'rule', name: 'nightly', at: 1500, target: 'x:stateMachine:b' }],
};

test('failures first, overlapping runs side by side, jobs of executions not twice', () => {
  const got = lanes(home).map((l) => [l.name, l.depth, l.ran.map((r) => r.depth), l.will.length]);
  expect(got).toEqual([
    ['z-machine', 1, [0], 0],
    ['b-machine', 2, [0, 1], 1],
  ]);
});

test('ticks are round', () => {
  const hour = 3_600_000;
  const t = ticks(0, 24 * hour, 10);
  expect(t.length).toBeLessThanOrEqual(11);
  expect(t[1]! - t[0]!).toBe(3 * hour);
});

test('what is next, once for each schedule', () => {
  const will = [...Array(30).keys()].map((i) => ({ kind: 'rule' as const, name: 'often', at: 100 + i, ...(i === 7 ? { dst: 'repeated' as const } : {}) }));
  const got = nextOf([...will, { kind: 'schedule', name: 'often', at: 50 }, { kind: 'rule', name: 'daily', at: 120 }, { kind: 'rule', name: 'each minute', at: 130, more: 1439, last: 900 }]).map((g) => [g.first.kind, g.first.name, g.first.at, g.more, g.last, g.dst]);
  expect(got).toEqual([
    ['schedule', 'often', 50, 0, 50, undefined],
    ['rule', 'often', 100, 29, 129, 'repeated'],
    ['rule', 'daily', 120, 0, 120, undefined],
    ['rule', 'each minute', 130, 1439, 900, undefined],
  ]);
});
