import { expect, test } from 'vitest';
import { ago, byteLength, bytes, count, duration, likeYears, machineOfExecution, millis, numeral, tail } from './format';

test('durations', () => {
  expect([0, 340, 2400, 59_400, 184_000, 4_320_000, 183_600_000].map(duration)).toEqual([
    '0 ms', '340 ms', '2.4 s', '59 s', '3m 04s', '1h 12m', '2d 3h',
  ]);
  expect(duration(undefined)).toBe('–');
  expect(duration(59_600)).toBe('60 s');
});

test('sizes and counts', () => {
  expect([0, 812, 1434, 262144, 5 * 2 ** 30].map(bytes)).toEqual(['0 B', '812 B', '1.4 KiB', '256 KiB', '5.0 GiB']);
  expect(count(25000)).toBe('25\u202f000');
  expect(byteLength('é')).toBe(2);
});

test('times', () => {
  expect(millis(1700000000.5)).toBe(1700000000500);
  expect(millis('2026-01-01T00:00:00Z')).toBe(Date.UTC(2026, 0, 1));
  expect(millis('nonsense')).toBeUndefined();
  expect(ago(0, 90_000)).toBe('2 min ago');
  expect(ago(90_000, 0)).toBe('in 2 min');
});

test('numbers of data', () => {
  expect([1_250_000, -1234.5, 0.30000000000000004, 12].map(numeral)).toEqual(['1\u202f250\u202f000', '-1\u202f234.5', '0.3', '12']);
  expect(likeYears([1998, null, 2003])).toBe(true);
  expect(likeYears([1000, 2000])).toBe(false);
  expect(likeYears([1998.5])).toBe(false);
});

test('names', () => {
  expect(tail('arn:aws:states:us-east-1:000000000000:stateMachine:refresh')).toBe('refresh');
  expect(machineOfExecution('arn:aws:states:us-east-1:000000000000:execution:refresh/Map:abc')).toBe(
    'arn:aws:states:us-east-1:000000000000:stateMachine:refresh',
  );
});
