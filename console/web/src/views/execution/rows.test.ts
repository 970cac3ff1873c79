import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../api/types';
import { build } from '../../run/model';
import { bars, pathTo, rows } from './rows';

const events = JSON.parse(readFileSync(new URL('../../run/testdata/orders.json', import.meta.url), 'utf8')) as HistoryEvent[];
const m = build(events);

test('rows: one for each state of a sequence, branches open, iterations as rows', () => {
  const got = rows(m, new Set()).map((r) => `${' '.repeat(r.depth)}${r.name}${r.expandable ? (r.expanded ? '-' : '+') : ''}`);
  expect(got.slice(0, 9)).toEqual(['Read', 'Both-', ' Audit', ' Audited', ' Prices', ' PriceCheck', ' Dear', 'EachOrder-', ' 0+']);
  expect(got.slice(-3)).toEqual(['Load', 'Clean', 'Refuse']);
  expect(rows(m, new Set(['/EachOrder'])).length).toBe(got.length - 8);
});

test('the way to a step within an iteration', () => {
  const step = m.byName.get('Approve')![0]!;
  const shown = rows(m, new Set(['/EachOrder']), pathTo(m, step));
  expect(shown.some((r) => r.name === 'Approve' && r.steps.includes(step))).toBe(true);
});

test('bars too close together are one, with the worst status', () => {
  const steps = m.steps.map((_, i) => i);
  const wide = bars(m, steps, (t) => (t - m.start) / (m.last - m.start), 1000, m.last);
  expect(wide.reduce((n, b) => n + b.count, 0)).toBe(steps.length);
  expect(wide.length).toBeLessThan(steps.length);
  expect(wide.at(-1)!.status).toBe('failed');
});
