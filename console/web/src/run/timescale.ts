import { goes, type Model } from './model';

/** A Piece of a Scale: from and to are times, x0 and x1 places in 0…1. Squeezed pieces are idle. */
export interface Piece {
  from: number;
  to: number;
  x0: number;
  x1: number;
  squeezed: boolean;
}

/** A Scale maps times to places, with idle times squeezed. */
export interface Scale {
  pieces: Piece[];
  from: number;
  to: number;
  x(t: number): number;
  t(x: number): number;
}

/**
 * idle finds the stretches in which nothing worked: every step that was open, and
 * has none open in it, was a Wait or between two attempts.
 */
export function idle(m: Model, now: number): [number, number][] {
  const busy: [number, number][] = [];
  for (const s of m.steps) {
    if (s.type === 'Wait' || s.scopes.length > 0) continue;
    if (s.type === 'Map' || s.type === 'Parallel') {
      for (const g of goes(s, now)) busy.push([g.start, g.stop]); // a distributed map's work is in its children
      continue;
    }
    if (s.attempts.length === 0) busy.push([s.start, s.stop ?? (s.type === 'Task' ? now : s.start)]);
    else for (const a of s.attempts) busy.push([a.start, a.stop ?? now]);
  }
  busy.sort((a, b) => a[0] - b[0]);
  const end = m.stop ?? now;
  const out: [number, number][] = [];
  let until = m.start;
  for (const [a, b] of busy) {
    if (a > until) out.push([until, a]);
    if (b > until) until = b;
  }
  if (end > until) out.push([until, end]);
  return out;
}

const shortest = 3000; // ms

/** linear is a scale without squeezing. */
export function linear(from: number, to: number): Scale {
  return scale([{ from, to: Math.max(to, from + 1), squeezed: false }]);
}

/**
 * squeezed makes a scale of a run in which each idle time longer than a share of
 * the busy time is shortened to that share. Short ones stay as they are: seconds can be seen.
 */
export function squeezed(m: Model, now: number, window?: [number, number], share = 0.04): Scale {
  const from = window?.[0] ?? m.start;
  const to = Math.max(window?.[1] ?? m.stop ?? now, from + 1);
  const gaps = idle(m, now)
    .map(([a, b]): [number, number] => [Math.max(a, from), Math.min(b, to)])
    .filter(([a, b]) => b > a);
  const idleTotal = gaps.reduce((n, [a, b]) => n + b - a, 0);
  const busyTotal = to - from - idleTotal;
  const limit = Math.max(busyTotal * share, (to - from) * 0.005, 1);
  const pieces: { from: number; to: number; squeezed: boolean }[] = [];
  let at = from;
  for (const [a, b] of gaps) {
    if (b - a <= Math.max(limit * 1.5, shortest)) continue;
    if (a > at) pieces.push({ from: at, to: a, squeezed: false });
    pieces.push({ from: a, to: b, squeezed: true });
    at = b;
  }
  if (at < to || pieces.length === 0) pieces.push({ from: at, to, squeezed: false });
  return scale(pieces, limit);
}

function scale(parts: { from: number; to: number; squeezed: boolean }[], limit = 0): Scale {
  const weight = (p: { from: number; to: number; squeezed: boolean }): number => (p.squeezed ? Math.min(limit, p.to - p.from) : p.to - p.from);
  const total = parts.reduce((n, p) => n + weight(p), 0) || 1;
  let x = 0;
  const pieces: Piece[] = parts.map((p) => {
    const x0 = x;
    x += weight(p) / total;
    return { ...p, x0, x1: x };
  });
  const from = pieces[0]!.from;
  const to = pieces[pieces.length - 1]!.to;
  const find = (ok: (p: Piece) => boolean): Piece => {
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (ok(pieces[mid]!)) high = mid;
      else low = mid + 1;
    }
    return pieces[low]!;
  };
  return {
    pieces,
    from,
    to,
    x(t) {
      if (t <= from) return 0;
      if (t >= to) return 1;
      const p = find((q) => t <= q.to);
      return p.x0 + ((t - p.from) / Math.max(1e-9, p.to - p.from)) * (p.x1 - p.x0);
    },
    t(place) {
      if (place <= 0) return from;
      if (place >= 1) return to;
      const p = find((q) => place <= q.x1);
      return p.from + ((place - p.x0) / Math.max(1e-12, p.x1 - p.x0)) * (p.to - p.from);
    },
  };
}

/** marks are round offsets from the start at which an axis is labelled, never in a squeezed piece. */
export function marks(s: Scale, start: number, wanted: number): { at: number; x: number }[] {
  const open = s.pieces.filter((p) => !p.squeezed);
  const shown = open.reduce((n, p) => n + p.to - p.from, 0);
  const raw = shown / Math.max(1, wanted);
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000];
  const step = steps.find((v) => v >= raw) ?? steps.at(-1)!;
  const out: { at: number; x: number }[] = [];
  for (const p of open) {
    for (let t = Math.ceil((p.from - start) / step) * step; start + t <= p.to; t += step) {
      const x = s.x(start + t);
      if (out.length && x - out[out.length - 1]!.x < 0.5 / wanted) continue;
      out.push({ at: t, x });
      if (out.length > 200) return out;
    }
  }
  return out;
}

/**
 * placed puts the middles of an axis' labels, which are about as wide as their text, inside
 * a width of pixels. A label that would touch the one before is left out.
 */
export function placed<T>(labels: { text: string; x: number; of: T }[], width: number): { text: string; x: number; of: T }[] {
  const out: typeof labels = [];
  let end = -gap;
  for (const l of labels) {
    const half = (l.text.length * letter) / 2;
    const x = Math.max(half, Math.min(width - half, l.x));
    if (x - half < end + gap) continue;
    out.push({ ...l, x });
    end = x + half;
  }
  return out;
}

const letter = 7; // of a text of 11 px
const gap = 6;
