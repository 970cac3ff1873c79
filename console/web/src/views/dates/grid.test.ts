import { describe, expect, it } from 'vitest';
import { between, fill, months, shift, type DateItem } from './grid';

const item = (date: string): DateItem => ({ date, status: 'none', attempts: 0 });

describe('months', () => {
  it('begins weeks on Monday and shows the newest month first', () => {
    const m = months([item('2026-01-31'), item('2026-02-01'), item('2026-02-02')]);
    expect(m.map((x) => x.name)).toEqual(['2026-02', '2026-01']);
    expect(m[0]!.days.length).toBe(8); // six gaps: the first of February 2026 is a Sunday
    expect(m[0]!.days[6]!.date).toBe('2026-02-01');
  });
});

it('moves over the end of a month and of daylight saving', () => {
  expect(shift('2026-03-28', 3)).toBe('2026-03-31');
  expect(shift('2026-01-01', -1)).toBe('2025-12-31');
});

it('knows ranges in any order', () => {
  expect(between('2026-01-02', '2026-01-03', '2026-01-01')).toBe(true);
  expect(between('2026-01-04', '2026-01-03', '2026-01-01')).toBe(false);
  expect(between('2026-01-04', undefined, undefined)).toBe(false);
});

it('fills templates', () => {
  expect(fill('{"d":"{date}","p":"{year}/{month}/{day}"}', '2026-01-05')).toBe('{"d":"2026-01-05","p":"2026/01/05"}');
});
