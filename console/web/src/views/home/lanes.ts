import type { Home, Ran, Will } from '../../api/types';
import { to } from '../../app/router';
import { tail } from '../../lib/format';

/** A Lane is one machine or queue with its runs; depth is how many run side by side at most (up to 4). */
export interface Lane {
  key: string;
  name: string;
  to?: string;
  ran: { ran: Ran; depth: number }[];
  will: Will[];
  depth: number;
}

const deepest = 4;

/** lanes gathers runs by machine or queue, those with failures first, and stacks runs that overlap. */
export function lanes(home: Home): Lane[] {
  const by = new Map<string, Lane>();
  const lane = (key: string, name: string, link?: string): Lane => {
    let l = by.get(key);
    if (!l) by.set(key, (l = { key, name, ran: [], will: [], depth: 0, ...(link ? { to: link } : {}) }));
    return l;
  };
  for (const r of home.ran) {
    if (r.kind === 'job') {
      if (r.execution) continue; // its execution is drawn
      lane(`queue ${r.queue ?? ''}`, `${r.queue ?? 'jobs'}`, '/jobs').ran.push({ ran: r, depth: 0 });
    } else lane(`machine ${r.machineArn ?? r.machine ?? ''}`, r.machine ?? r.name, r.machineArn ? to.machine(r.machineArn) : undefined).ran.push({ ran: r, depth: 0 });
  }
  for (const w of home.will) {
    const machine = w.target?.includes(':stateMachine:') ? `machine ${w.target}` : undefined;
    if (machine) lane(machine, tail(w.target), to.machine(w.target!)).will.push(w);
    else lane(`will ${w.name}`, w.name, '/schedules').will.push(w);
  }
  const out = [...by.values()];
  for (const l of out) {
    l.ran.sort((a, b) => a.ran.start - b.ran.start);
    const free: number[] = [];
    for (const r of l.ran) {
      let d = free.findIndex((until) => until <= r.ran.start);
      if (d < 0) d = free.length < deepest ? free.length : deepest - 1;
      free[d] = Math.max(free[d] ?? 0, r.ran.stop ?? home.now);
      r.depth = d;
    }
    l.depth = Math.max(1, free.length);
  }
  const bad = (l: Lane): number => (l.ran.some((r) => r.ran.status === 'FAILED' || r.ran.status === 'TIMED_OUT') ? 0 : 1);
  return out.sort((a, b) => bad(a) - bad(b) || a.name.localeCompare(b.name));
}

/** ticks are round times between two times, about as many as wanted. */
export function ticks(from: number, to: number, wanted: number): number[] {
  const minute = 60_000;
  const steps = [minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, 60 * minute, 120 * minute, 180 * minute, 240 * minute, 360 * minute, 720 * minute, 1440 * minute];
  const step = steps.find((s) => (to - from) / s <= wanted) ?? steps.at(-1)!;
  const zone = new Date(from).getTimezoneOffset() * minute;
  const out: number[] = [];
  for (let t = Math.ceil((from - zone) / step) * step + zone; t <= to; t += step) out.push(t);
  return out;
}

/** nextOf gathers what will happen by schedule: the first time of each, and how many more there are. Soonest first. */
export function nextOf(will: Will[]): { first: Will; more: number; last: number; dst: string | undefined }[] {
  const by = new Map<string, { first: Will; more: number; last: number; dst: string | undefined }>();
  for (const w of will) {
    const key = `${w.kind} ${w.name}`;
    const g = by.get(key);
    if (!g) by.set(key, { first: w, more: w.more ?? 0, last: w.last ?? w.at, dst: w.dst });
    else {
      g.more += 1 + (w.more ?? 0);
      g.last = Math.max(g.last, w.last ?? w.at);
      g.dst ??= w.dst;
      if (w.at < g.first.at) g.first = w;
    }
  }
  return [...by.values()].sort((a, b) => a.first.at - b.first.at);
}
