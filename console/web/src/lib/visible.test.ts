import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hiddenGrace, whileSeen } from './visible';

let look: (() => void) | undefined;
const tab = {
  visibilityState: 'visible',
  addEventListener: (_: string, f: () => void) => { look = f; },
  removeEventListener: () => { look = undefined; },
};
const turn = (to: 'visible' | 'hidden'): void => {
  tab.visibilityState = to;
  look?.();
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', tab);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a tab opened in the background starts when it is seen', () => {
  tab.visibilityState = 'hidden';
  const calls: string[] = [];
  const end = whileSeen(() => calls.push('start'), () => calls.push('stop'));
  vi.advanceTimersByTime(hiddenGrace * 2);
  expect(calls).toEqual([]);
  turn('visible');
  turn('visible');
  expect(calls).toEqual(['start']);
  end();
  expect(calls).toEqual(['start', 'stop']);
  expect(look).toBeUndefined();
});

test('a look aside changes nothing, a long one stops until the tab is seen again', () => {
  tab.visibilityState = 'visible';
  const calls: string[] = [];
  const end = whileSeen(() => calls.push('start'), () => calls.push('stop'));
  turn('hidden');
  vi.advanceTimersByTime(hiddenGrace - 1);
  turn('visible');
  vi.advanceTimersByTime(hiddenGrace * 2);
  expect(calls).toEqual(['start']);
  turn('hidden');
  vi.advanceTimersByTime(hiddenGrace);
  turn('visible');
  expect(calls).toEqual(['start', 'stop', 'start']);
  turn('hidden');
  end();
  vi.advanceTimersByTime(hiddenGrace * 2);
  expect(calls).toEqual(['start', 'stop', 'start', 'stop']);
});
