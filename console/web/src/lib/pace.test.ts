import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pace } from './pace';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('the first call is at once, a storm is one more', () => {
  const f = vi.fn();
  const p = pace(f, 200);
  p();
  expect(f).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 50; i++) p();
  expect(f).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(200);
  expect(f).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1000);
  p();
  expect(f).toHaveBeenCalledTimes(3);
  p();
  p.cancel();
  vi.advanceTimersByTime(1000);
  expect(f).toHaveBeenCalledTimes(3);
});
