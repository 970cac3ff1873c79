import { describe, expect, it } from 'vitest';
import { beside, chartOf, csv, readRun, take, type Result } from './run';

const body = (...parts: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(c) {
      const bytes = new TextEncoder().encode(parts.join(''));
      for (let i = 0; i < bytes.length; i += 7) c.enqueue(bytes.slice(i, i + 7)); // lines and characters cut anywhere
      c.close();
    },
  });

describe('readRun', () => {
  it('reads statements with their rows', async () => {
    let last: Result[] = [];
    await readRun(body('{"statement":0,"start":0,"end":8}\n{"columns":[{"name":"é","type":"int4"}]}\n{"rows":[["1"],[null]]}\n{"rows":[["3"]]}\n{"done":{"tag":"SELECT 3","rows":3,"ms":1,"truncated":false}}\n', '{"statement":1,"start":10,"end":12}\n{"error":{"code":"42601","message":"no","position":11}}\n{"end":{"ms":2}}\n'), (r) => { last = r; });
    expect(last.map((r) => [r.rows.length, r.done?.tag, r.error?.code])).toEqual([[3, 'SELECT 3', undefined], [0, undefined, '42601']]);
    expect(last[0]!.columns![0]!.name).toBe('é');
  });
  it('says when the answer broke off', async () => {
    await expect(readRun(body('{"statement":0,"start":0,"end":8}\n'), () => undefined)).rejects.toThrow('broke off');
  });
  it('keeps an error that comes before any statement', () => {
    const results: Result[] = [];
    take(results, '{"error":{"code":"08006","message":"gone"}}');
    expect(results[0]!.error!.message).toBe('gone');
  });
});

describe('csv', () => {
  it('tells null from the empty text and quotes what needs it', () => {
    expect(csv([{ name: 'a', type: 'text' }, { name: 'b,c', type: 'text' }], [[null, ''], ['x"y', '1\n2']])).toBe('a,"b,c"\r\n,""\r\n"x""y","1\n2"\r\n');
  });
});

describe('chartOf', () => {
  it('draws numbers against times, in order', () => {
    const s = chartOf([{ name: 'day', type: 'date' }, { name: 'n', type: 'int8' }], [['2026-01-02', '2'], ['2026-01-01', '1'], ['2026-01-03', null]]);
    expect(s!.time).toBe(true);
    expect(s!.lines[0]!.y).toEqual([1, 2, null]);
  });
  it('draws numbers against texts', () => {
    expect(chartOf([{ name: 'shop', type: 'varchar' }, { name: 'n', type: 'numeric' }], [['a', '2.5'], ['b', '1']])!.labels).toEqual(['a', 'b']);
  });
  it('draws nothing of texts alone, or of one row', () => {
    expect(chartOf([{ name: 'a', type: 'text' }], [['x'], ['y']])).toBeUndefined();
    expect(chartOf([{ name: 'a', type: 'int4' }], [['1']])).toBeUndefined();
  });
});

describe('beside', () => {
  it('places bars next to one another, about their label', () => {
    expect(beside(1, 1)).toEqual({ left: [-0.35], size: 0.7 });
    expect(beside(2, 1)).toEqual({ left: [-0.35, 0], size: 0.35 });
    expect(beside(2, 0.1)).toEqual({ left: [-0.1, 0], size: 0.1 });
  });
});
