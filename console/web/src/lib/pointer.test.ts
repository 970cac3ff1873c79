import { expect, test } from 'vitest';
import { spanOf, spans } from './pointer';

test('each value has its place', () => {
  const text = '{"a": {"b/c": [1, "x"]}, "d": null}';
  const s = spans(text);
  const at = (p: string): string => text.slice(s.get(p)!.from, s.get(p)!.to);
  expect(at('/a/b~1c/1')).toBe('"x"');
  expect(at('/a')).toBe('{"b/c": [1, "x"]}');
  expect(at('')).toBe(text);
  expect(spanOf(s, '/a/b~1c/7/deep')).toEqual(s.get('/a/b~1c'));
});

test('broken text ends early and never throws', () => {
  const text = '{"a": {"b": [1, {"c": "\\u00e9"}]}}';
  for (let n = 0; n <= text.length; n++) spans(text.slice(0, n));
  expect(spans('{"a": 1, "b"').get('/a')).toEqual({ from: 6, to: 7 });
});
