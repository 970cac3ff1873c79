import { expect, test } from 'vitest';
import { ansi, looksBinary, plain } from './ansi';

test('colours become classes', () => {
  expect(ansi('a \u001b[1;31mred\u001b[0m b')).toEqual([
    { text: 'a ', cls: '' },
    { text: 'red', cls: 'a-1 a-bold' },
    { text: ' b', cls: '' },
  ]);
  expect(ansi('\u001b[38;5;196mx\u001b[38;2;1;2;3my')).toEqual([{ text: 'xy', cls: '' }]);
});

test('everything else is dropped', () => {
  expect(plain('\u001b]0;title\u0007\u001b[2J\u001b[Hhello\u0008')).toBe('hello');
  expect(plain('\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\')).toBe('link');
  expect(plain('10%\r50%\r100%')).toBe('100%');
  expect(plain('windows line\r')).toBe('windows line');
  expect(ansi('')).toEqual([]);
});

test('markup stays text', () => {
  expect(ansi('<b>\u001b[32m<script>')).toEqual([{ text: '<b>', cls: '' }, { text: '<script>', cls: 'a-2' }]);
});

test('random bytes neither fail nor hang', () => {
  let seed = 42;
  const rnd = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648);
  const alphabet = '\u001b[]0123456789;mKH\u0007\\ab\r\u009b\u0000\uD83D';
  for (let i = 0; i < 2000; i++) {
    let s = '';
    for (let n = rnd() % 60; n > 0; n--) s += alphabet[rnd() % alphabet.length];
    expect(plain(s)).not.toMatch(/[\u0000-\u0008\u001b\u009b]/);
  }
});

test('binary', () => {
  expect(looksBinary('PK\u0003\u0004\u0000\u0000\u0000\u0000')).toBe(true);
  expect(looksBinary('plain text\n')).toBe(false);
});
