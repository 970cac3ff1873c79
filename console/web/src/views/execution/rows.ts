import { goes, type Model, type StepStatus } from '../../run/model';

/** A Row of the Gantt: a state with all its visits in one sequence, or one iteration with its steps. */
export interface Row {
  key: string;
  kind: 'state' | 'iteration';
  name: string;
  depth: number;
  /** Indexes of the steps drawn as bars. */
  steps: number[];
  /** The first of a branch: a line above it. */
  first?: boolean;
  expandable: boolean;
  expanded: boolean;
  status: StepStatus;
  type: string;
}

const worst: StepStatus[] = ['failed', 'timedout', 'running', 'caught', 'aborted', 'succeeded'];

/** many is the number of iterations from which a Map is closed at first. */
const many = 9;

/** rows lists what the Gantt shows. toggled holds the keys of those rows that are not as they are at first. */
export function rows(m: Model, toggled: ReadonlySet<string>, must: ReadonlySet<string> = new Set()): Row[] {
  const out: Row[] = [];
  const states = (scopes: number[], key: string, depth: number, first: boolean): void => {
    const groups = new Map<string, number[]>();
    for (const sc of scopes) {
      for (const i of m.scopes[sc]!.steps) {
        const name = m.steps[i]!.name;
        const g = groups.get(name);
        if (g) g.push(i);
        else groups.set(name, [i]);
      }
    }
    for (const [name, steps] of groups) {
      const own = `${key}/${name}`;
      const type = m.steps[steps[0]!]!.type;
      const children = steps.flatMap((i) => m.steps[i]!.scopes);
      const expandable = children.length > 0;
      const atFirst = type === 'Parallel' || children.length < many;
      const expanded = expandable && (must.has(own) || toggled.has(own) !== atFirst);
      out.push({ key: own, kind: 'state', name, depth, steps, expandable, expanded, status: statusOf(m, steps), type, ...(first ? { first: true } : {}) });
      first = false;
      if (!expanded) continue;
      if (type === 'Parallel') {
        const branches = new Map<number, number[]>();
        for (const c of children) {
          const index = m.scopes[c]!.index;
          const b = branches.get(index);
          if (b) b.push(c);
          else branches.set(index, [c]);
        }
        for (const [index, of] of [...branches].sort((a, b) => a[0] - b[0])) states(of, `${own}#${index}`, depth + 1, true);
        continue;
      }
      for (const c of children) {
        const sc = m.scopes[c]!;
        const itKey = `${own}#${c}`;
        const itExpanded = must.has(itKey) || toggled.has(itKey);
        out.push({ key: itKey, kind: 'iteration', name: `${sc.index}`, depth: depth + 1, steps: sc.steps, expandable: sc.steps.length > 0, expanded: itExpanded, status: sc.status, type: 'Iteration' });
        if (itExpanded) states([c], itKey, depth + 2, false);
      }
    }
  };
  states([0], '', 0, false);
  return out;
}

/** pathTo lists the keys of the rows that must be open to show a step. */
export function pathTo(m: Model, step: number): Set<string> {
  const chain: number[] = [];
  for (let at = step; at >= 0; at = m.scopes[m.steps[at]!.scope]!.parent) chain.unshift(at);
  const out = new Set<string>();
  let key = '';
  for (let i = 0; i < chain.length; i++) {
    const s = m.steps[chain[i]!]!;
    key += `/${s.name}`;
    if (i === chain.length - 1) break;
    out.add(key);
    const inner = m.steps[chain[i + 1]!]!.scope;
    key += s.type === 'Parallel' ? `#${m.scopes[inner]!.index}` : `#${inner}`;
    if (s.type !== 'Parallel' && i + 1 < chain.length) out.add(key);
  }
  return out;
}

function statusOf(m: Model, steps: number[]): StepStatus {
  let best = worst.length - 1;
  const present = steps.filter((i) => !m.steps[i]!.past);
  for (const i of present.length ? present : steps.slice(-1)) best = Math.min(best, worst.indexOf(m.steps[i]!.status));
  return worst[best]!;
}

/** A Bar is drawn: one step, or several that are too close together to be told apart. */
export interface Bar {
  x0: number;
  x1: number;
  status: StepStatus;
  /** The step, or the first of several. */
  step: number;
  count: number;
  /** The time of its first go. */
  from: number;
  to: number;
}

/** bars places steps on a line of so many pixels; those within a pixel of each other are one bar. */
export function bars(m: Model, steps: readonly number[], x: (t: number) => number, width: number, now: number, window?: [number, number]): Bar[] {
  const out: Bar[] = [];
  const all = steps.flatMap((i) => goes(m.steps[i]!, now).map((g) => ({ i, ...g })));
  if (all.length > steps.length) all.sort((a, b) => a.start - b.start);
  for (const g of all) {
    if (window && (g.start > window[1] || g.stop < window[0])) continue;
    const x0 = x(g.start) * width;
    const x1 = Math.max(x(g.stop) * width, x0 + 3);
    const tail = out[out.length - 1];
    if (tail && x0 <= tail.x1 + 0.5 && (x1 - x0 <= 4 || tail.x1 - tail.x0 <= 4)) {
      tail.x1 = Math.max(tail.x1, x1);
      tail.count++;
      if (worst.indexOf(g.status) < worst.indexOf(tail.status)) {
        tail.status = g.status;
        tail.step = g.i;
      }
      continue;
    }
    out.push({ x0, x1, status: g.status, step: g.i, count: 1, from: g.start, to: g.stop });
  }
  return out;
}
