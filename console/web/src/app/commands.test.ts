import { expect, test } from 'vitest';
import { score } from './commands';

test('beginnings of words win over middles, middles over scattered letters', () => {
  const q = 'ref';
  expect(score('refresh', q)).toBeGreaterThan(score('a prefer', q));
  expect(score('a prefer', q)).toBeGreaterThan(score('r-e-f', q));
  expect(score('nothing', q)).toBe(0);
  expect(score('anything', '')).toBeGreaterThan(0);
});
