import { expect, test } from 'vitest';
import { diff } from './diff';

const show = (a: string[], b: string[]): string[] => diff(a.join('\n'), b.join('\n')).map((l) => l.kind + l.text);

test('lines that stay, go and come', () => {
  expect(show(['a', 'b', 'c'], ['a', 'x', 'c'])).toEqual([' a', '-b', '+x', ' c']);
  expect(show(['a'], ['a'])).toEqual([' a']);
  expect(show(['a', 'b', 'c', 'a', 'b', 'b', 'a'], ['c', 'b', 'a', 'b', 'a', 'c']).filter((l) => l[0] !== ' ').length).toBe(5);
});

test('both texts can be read from the difference', () => {
  let seed = 3;
  const rnd = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  for (let i = 0; i < 500; i++) {
    const a = Array.from({ length: 1 + rnd(12) }, () => 'abcd'[rnd(4)]!);
    const b = Array.from({ length: 1 + rnd(12) }, () => 'abcd'[rnd(4)]!);
    const d = diff(a.join('\n'), b.join('\n'));
    expect(d.filter((l) => l.kind !== '+').map((l) => l.text)).toEqual(a);
    expect(d.filter((l) => l.kind !== '-').map((l) => l.text)).toEqual(b);
    expect(d.filter((l) => l.a !== undefined).map((l) => l.a)).toEqual(a.map((_, n) => n + 1));
    expect(d.filter((l) => l.b !== undefined).map((l) => l.b)).toEqual(b.map((_, n) => n + 1));
  }
});
