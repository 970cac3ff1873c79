import type { HistoryEvent } from '../api/types';
import { Resumption } from './redrive';

// A run model is what a history means: steps within scopes, their attempts and
// times. It is a pure function of the events, so that a live run is simply
// modelled again; 25,000 events take some 20 ms.

export type StepStatus = 'running' | 'succeeded' | 'failed' | 'caught' | 'timedout' | 'aborted';

/** An Attempt is one try of a step's task, or one round of a Parallel or Map. */
export interface Attempt {
  /** Id of the event that began it. */
  event: number;
  start: number;
  /** When a worker took it, where the history says. */
  taken?: number;
  stop?: number;
  status: 'running' | 'succeeded' | 'failed' | 'timedout' | 'aborted';
  /** What ran: "lambda invoke", a function's ARN. */
  resource?: string;
  /** What was sent, as JSON text. */
  parameters?: string;
  /** What came back, as JSON text. */
  output?: string;
  error?: string;
  cause?: string;
}

/** A Go is a stretch of a step's work, which the end of the run broke off before a redrive. */
export interface Go {
  start: number;
  stop: number;
  status: StepStatus;
  error?: string;
  cause?: string;
}

/** A Step is one visit of a state. Its id is that of the event that entered it. */
export interface Step {
  id: number;
  name: string;
  /** The state's type: "Task", "Map" … */
  type: string;
  scope: number;
  start: number;
  stop?: number;
  /** Id of the event that left it. */
  exit?: number;
  status: StepStatus;
  attempts: Attempt[];
  input?: string;
  output?: string;
  assigned?: Record<string, string>;
  error?: string;
  cause?: string;
  /** Indexes of its branches or iterations in Model.scopes. */
  scopes: number[];
  /** Number of items of a Map. */
  items?: number;
  mapRun?: string;
  /** Ids of the events that belong to it, children's not included. */
  events: number[];
  /** What it did before redrives that went on with it, in order. */
  earlier?: Go[];
  /** When the last redrive went on with it. */
  again?: number;
  /** A redrive did not go on with it: its state was entered anew, or another one. */
  past?: true;
}

/** A Scope is a sequence of steps: the whole run, one branch, one iteration. */
export interface Scope {
  kind: 'root' | 'branch' | 'iteration';
  /** Number of the branch or iteration. */
  index: number;
  /** Index of the step that it belongs to in Model.steps; -1 for the root. */
  parent: number;
  /** Indexes of its steps in Model.steps, in the order of their entering. */
  steps: number[];
  start: number;
  stop?: number;
  status: StepStatus;
}

/** A Model is the whole run. Times are epoch milliseconds. */
export interface Model {
  steps: Step[];
  scopes: Scope[];
  /** By id of an event: the index of its step, -1 where it belongs to none. */
  stepOf: Int32Array;
  /** By id of a step (its entering event): its index. */
  byId: Map<number, number>;
  /** By state name: indexes of its visits. */
  byName: Map<string, number[]>;
  start: number;
  /** The end, or undefined while it runs. */
  stop?: number;
  /** The time of the last event. */
  last: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  error?: string;
  cause?: string;
  input?: string;
  output?: string;
  redrives: number;
  /** Index of the step that made the run fail, -1 where none did. */
  culprit: number;
}

type Details = Record<string, unknown> | undefined;

const text = (d: Details, k: string): string | undefined => {
  const v = d?.[k];
  return typeof v === 'string' ? v : undefined;
};

/** details is the member of an event that its type names. */
export function details(e: HistoryEvent): Details {
  const own = e.type[0]!.toLowerCase() + e.type.slice(1) + 'EventDetails';
  const d = e[own];
  if (d) return d as Details;
  if (e.type.endsWith('StateEntered')) return e.stateEnteredEventDetails as Details;
  if (e.type.endsWith('StateExited')) return e.stateExitedEventDetails as Details;
  for (const k in e) if (k.endsWith('EventDetails')) return e[k] as Details;
  return undefined;
}

const attemptEvent = /^(LambdaFunction|Activity|Task)(Scheduled|ScheduleFailed|Started|StartFailed|Submitted|SubmitFailed|Succeeded|Failed|TimedOut)$/;

/** build models a history. Events are in the order of their ids. */
export function build(events: readonly HistoryEvent[]): Model {
  const lastId = events.length ? events[events.length - 1]!.id : 0;
  const stepOf = new Int32Array(lastId + 1).fill(-1);
  const scopeOf = new Int32Array(lastId + 1); // by event: the scope in which what follows it happens
  const steps: Step[] = [];
  const t0 = events.length ? events[0]!.timestamp * 1000 : 0;
  const scopes: Scope[] = [{ kind: 'root', index: 0, parent: -1, steps: [], start: t0, status: 'running' }];
  const byId = new Map<number, number>();
  const byName = new Map<string, number[]>();
  const base = new Map<number, number>(); // by step: its scopes before the present round
  const m: Model = { steps, scopes, stepOf, byId, byName, start: t0, last: t0, status: 'RUNNING', redrives: 0, culprit: -1 };

  // climb finds the nearest step at or around an event that satisfies a test.
  const climb = (id: number, ok: (s: Step) => boolean): number => {
    let at = stepOf[id] ?? -1;
    if (at < 0) at = scopes[scopeOf[id] ?? 0]?.parent ?? -1;
    while (at >= 0 && !ok(steps[at]!)) at = scopes[steps[at]!.scope]!.parent;
    return at;
  };
  const openScope = (parent: number, kind: Scope['kind'], index: number, start: number): number => {
    scopes.push({ kind, index, parent, steps: [], start, status: 'running' });
    const n = scopes.length - 1;
    steps[parent]!.scopes.push(n);
    return n;
  };
  const resumed = new Resumption(m, base);
  // origin is climb for what may be the first event of a step after a redrive.
  const origin = (id: number, ok: (s: Step) => boolean): number => (resumed.begins(id) ? resumed.find(ok) : climb(id, ok));
  const own = (e: HistoryEvent, at: number): void => {
    stepOf[e.id] = at;
    resumed.touch(at);
    if (at >= 0) {
      steps[at]!.events.push(e.id);
      scopeOf[e.id] = steps[at]!.scope;
    }
  };
  const iteration = (at: number, index: number): Scope | undefined => {
    const list = steps[at]?.scopes ?? [];
    for (let i = list.length - 1; i >= 0; i--) {
      const s = scopes[list[i]!]!;
      if (s.index === index) return s;
    }
    return undefined;
  };
  // A container fails by an event of the step that failed it, which the history
  // calls aborted like its siblings.
  const blame = (id: number): void => {
    const s = steps[stepOf[id] ?? -1];
    if (s && s.status === 'aborted' && s.error !== undefined) s.status = s.attempts[s.attempts.length - 1]?.status === 'timedout' ? 'timedout' : 'failed';
  };
  const reopen = (s: Step): void => {
    if (s.exit !== undefined) return;
    s.status = 'running';
    delete s.stop;
    delete s.error;
    delete s.cause;
  };

  for (const e of events) {
    const t = e.timestamp * 1000;
    const prev = e.previousEventId ?? 0;
    const d = details(e);
    m.last = Math.max(m.last, t);
    scopeOf[e.id] = scopeOf[prev] ?? 0;

    if (e.type.endsWith('StateEntered')) {
      const name = text(d, 'name') ?? '';
      let scope = scopeOf[prev] ?? 0;
      const before = stepOf[prev] ?? -1;
      if (resumed.begins(prev)) scope = resumed.enter(name);
      const beforeType = before >= 0 ? eventTypes(events, prev) : '';
      if (before >= 0 && (beforeType === 'ParallelStateStarted' || (steps[before]!.type === 'Parallel' && steps[before]!.exit === undefined))) {
        scope = openScope(before, 'branch', steps[before]!.scopes.length - (base.get(before) ?? 0), t);
      }
      const step: Step = { id: e.id, name, type: e.type.slice(0, -12), scope, start: t, status: 'running', attempts: [], scopes: [], events: [e.id] };
      const input = text(d, 'input');
      if (input !== undefined) step.input = input;
      const n = steps.push(step) - 1;
      scopes[scope]!.steps.push(n);
      byId.set(e.id, n);
      const visits = byName.get(name);
      if (visits) visits.push(n);
      else byName.set(name, [n]);
      stepOf[e.id] = n;
      scopeOf[e.id] = scope;
      continue;
    }
    if (e.type.endsWith('StateExited')) {
      const name = text(d, 'name');
      const at = origin(prev, (s) => s.name === name && s.exit === undefined);
      own(e, at);
      const s = steps[at];
      if (s) {
        s.stop = t;
        s.exit = e.id;
        const tail = s.attempts[s.attempts.length - 1];
        const failed = s.error !== undefined || (tail !== undefined && tail.start >= (s.again ?? 0) && (tail.status === 'failed' || tail.status === 'timedout'));
        s.status = failed ? 'caught' : 'succeeded';
        const output = text(d, 'output');
        if (output !== undefined) s.output = output;
        const vars = d?.assignedVariables as Record<string, string> | undefined;
        if (vars && Object.keys(vars).length) s.assigned = vars;
      }
      continue;
    }
    const a = attemptEvent.exec(e.type);
    if (a) {
      const at = resumed.begins(prev) ? resumed.find((s) => s.type === 'Task') : (stepOf[prev] ?? -1);
      own(e, at);
      const s = steps[at];
      if (!s) continue;
      const what = a[2]!;
      const current = s.attempts[s.attempts.length - 1];
      if (what === 'Scheduled' || (what === 'ScheduleFailed' && current?.stop !== undefined) || !current) {
        reopen(s);
        const fresh: Attempt = { event: e.id, start: t, status: 'running' };
        const resource = text(d, 'resource');
        const type = text(d, 'resourceType');
        if (resource) fresh.resource = type ? `${type} ${resource}` : resource;
        const parameters = text(d, 'parameters') ?? text(d, 'input');
        if (parameters !== undefined) fresh.parameters = parameters;
        s.attempts.push(fresh);
        if (what === 'Scheduled') continue;
      }
      const now = s.attempts[s.attempts.length - 1]!;
      const output = text(d, 'output');
      if (what === 'Started') now.taken = t;
      else if (what === 'Submitted') {
        if (output !== undefined) now.output = output;
      } else {
        now.stop = t;
        now.status = what === 'Succeeded' ? 'succeeded' : what === 'TimedOut' ? 'timedout' : 'failed';
        if (output !== undefined) now.output = output;
        if (what !== 'Succeeded') {
          fail(now, d);
          fail(s, d);
        } else {
          delete s.error;
          delete s.cause;
        }
      }
      continue;
    }
    switch (e.type) {
      case 'ExecutionStarted': {
        const input = text(d, 'input');
        if (input !== undefined) m.input = input;
        continue;
      }
      case 'ExecutionRedriven':
        if (m.status !== 'RUNNING') close(m);
        resumed.begin(e.id, t);
        m.redrives++;
        m.culprit = -1;
        m.status = 'RUNNING';
        delete m.stop;
        delete m.error;
        delete m.cause;
        continue;
      case 'ExecutionSucceeded':
      case 'ExecutionFailed':
      case 'ExecutionTimedOut':
      case 'ExecutionAborted': {
        m.stop = t;
        m.status = e.type === 'ExecutionSucceeded' ? 'SUCCEEDED' : e.type === 'ExecutionFailed' ? 'FAILED' : e.type === 'ExecutionAborted' ? 'ABORTED' : 'TIMED_OUT';
        const output = text(d, 'output');
        if (output !== undefined) m.output = output;
        if (m.status !== 'SUCCEEDED') fail(m, d);
        if (m.status === 'FAILED') m.culprit = climb(prev, () => true);
        continue;
      }
      case 'ParallelStateStarted':
      case 'MapStateStarted': {
        const kind = e.type === 'MapStateStarted' ? 'Map' : 'Parallel';
        const at = origin(prev, (s) => s.type === kind && s.exit === undefined);
        own(e, at);
        const s = steps[at];
        if (!s) continue;
        resumed.anew(at);
        reopen(s);
        if (typeof d?.length === 'number') s.items = d.length;
        base.set(at, s.scopes.length);
        s.attempts.push({ event: e.id, start: t, status: 'running' });
        continue;
      }
      case 'MapIterationStarted': {
        const at = origin(prev, (s) => s.type === 'Map' && s.name === text(d, 'name') && s.exit === undefined);
        stepOf[e.id] = at;
        if (at >= 0) {
          steps[at]!.events.push(e.id);
          scopeOf[e.id] = openScope(at, 'iteration', Number(d?.index ?? 0), t);
        }
        continue;
      }
      case 'MapIterationSucceeded':
      case 'MapIterationFailed':
      case 'MapIterationAborted': {
        const at = climb(prev, (s) => s.type === 'Map' && s.name === text(d, 'name'));
        own(e, at);
        if (e.type === 'MapIterationFailed') blame(prev);
        const it = iteration(at, Number(d?.index ?? 0));
        if (it) {
          it.stop = t;
          it.status = e.type === 'MapIterationSucceeded' ? 'succeeded' : e.type === 'MapIterationFailed' ? 'failed' : 'aborted';
        }
        continue;
      }
      case 'EvaluationFailed': {
        const at = origin(prev, (s) => s.name === text(d, 'state'));
        own(e, at);
        if (steps[at]) fail(steps[at], d);
        continue;
      }
    }
    const container = /^(Parallel|Map|Task|Wait|Pass|Choice|Succeed|Fail)State(Succeeded|Failed|Aborted|TimedOut)$/.exec(e.type);
    if (container) {
      const at = origin(prev, (s) => s.type === container[1] && s.exit === undefined);
      own(e, at);
      const s = steps[at];
      if (!s) continue;
      const status = container[2] === 'Succeeded' ? 'succeeded' : container[2] === 'Aborted' ? 'aborted' : container[2] === 'TimedOut' ? 'timedout' : 'failed';
      const round = s.attempts[s.attempts.length - 1];
      if (round && round.stop === undefined) {
        round.stop = t;
        round.status = status;
      }
      if (status === 'aborted') {
        s.status = 'aborted';
        s.stop = t;
      } else if (status === 'failed') {
        blame(prev);
        fail(s, d);
        if (s.error === undefined) {
          const inner = lastError(m, s);
          if (inner?.error !== undefined) s.error = inner.error;
          if (inner?.cause !== undefined) s.cause = inner.cause;
        }
      }
      continue;
    }
    if (e.type.startsWith('MapRun')) {
      const arn = text(d, 'mapRunArn');
      const at = origin(prev, (s) => s.type === 'Map' && s.exit === undefined && (e.type !== 'MapRunRedriven' || s.mapRun === arn));
      own(e, at);
      const s = steps[at];
      if (s && arn) s.mapRun = arn;
      if (s && e.type === 'MapRunFailed') fail(s, d);
      continue;
    }
    own(e, stepOf[prev] ?? -1);
  }
  close(m);
  return m;
}

function fail(to: { error?: string; cause?: string }, d: Details): void {
  const error = text(d, 'error');
  const cause = text(d, 'cause');
  if (error !== undefined) to.error = error;
  if (cause !== undefined) to.cause = cause;
}

function eventTypes(events: readonly HistoryEvent[], id: number): string {
  // Ids count from 1 without gaps, so that the place is known.
  const e = events[id - events[0]!.id];
  return e?.id === id ? e.type : (events.find((x) => x.id === id)?.type ?? '');
}

function lastError(m: Model, s: Step): Step | undefined {
  let found: Step | undefined;
  for (const sc of s.scopes) {
    for (const i of m.scopes[sc]!.steps) {
      const child = m.steps[i]!;
      if (child.error !== undefined && child.status !== 'caught') found = child;
    }
  }
  return found;
}

// close tells what became of that which the history has not ended.
function close(m: Model): void {
  const over = m.status !== 'RUNNING';
  for (let i = m.steps.length - 1; i >= 0; i--) {
    const s = m.steps[i]!;
    if (s.exit !== undefined || s.status === 'aborted' || s.past) continue;
    const ended = over || (s.scope !== 0 && scopeOver(m, s.scope));
    const tail = s.attempts[s.attempts.length - 1];
    if (s.type === 'Fail') {
      s.status = 'failed';
      s.stop = s.start;
      if (s.error === undefined && m.culprit === i) {
        if (m.error !== undefined) s.error = m.error;
        if (m.cause !== undefined) s.cause = m.cause;
      }
    } else if (s.error !== undefined && (ended || (s.type !== 'Task' && tail?.stop !== undefined && tail.status === 'failed' && over))) {
      s.status = tail?.status === 'timedout' ? 'timedout' : 'failed';
      s.stop = tail?.stop ?? lastEventTime(m, s);
    } else if (ended) {
      const childFailed = s.scopes.some((c) => m.scopes[c]!.status === 'failed' || m.scopes[c]!.steps.some((n) => m.steps[n]!.status === 'failed'));
      s.status = childFailed && m.status === 'FAILED' ? 'failed' : m.culprit === i && m.status === 'FAILED' ? 'failed' : m.status === 'TIMED_OUT' ? 'timedout' : 'aborted';
      s.stop = s.scope !== 0 ? (m.scopes[s.scope]!.stop ?? m.stop ?? m.last) : (m.stop ?? m.last);
      if (m.culprit === i && s.error === undefined) {
        if (m.error !== undefined) s.error = m.error;
        if (m.cause !== undefined) s.cause = m.cause;
      }
      if (tail && tail.stop === undefined) {
        tail.stop = s.stop;
        tail.status = s.status === 'failed' ? 'failed' : s.status === 'timedout' ? 'timedout' : 'aborted';
      }
    }
  }
  for (let i = m.scopes.length - 1; i >= 0; i--) {
    const sc = m.scopes[i]!;
    if (sc.stop !== undefined) continue;
    const last = m.steps[sc.steps[sc.steps.length - 1] ?? -1];
    if (i === 0) {
      sc.status = m.status === 'SUCCEEDED' ? 'succeeded' : m.status === 'RUNNING' ? 'running' : m.status === 'ABORTED' ? 'aborted' : m.status === 'TIMED_OUT' ? 'timedout' : 'failed';
      if (m.stop !== undefined) sc.stop = m.stop;
      continue;
    }
    if (!last || last.status === 'running') continue;
    const parent = m.steps[sc.parent]!;
    if (last.status === 'succeeded' || last.status === 'caught') {
      // A branch has ended only where nothing follows in it.
      if (parent.exit !== undefined || over || sc.kind === 'branch') {
        sc.status = 'succeeded';
        sc.stop = last.stop ?? sc.start;
      }
    } else {
      sc.status = last.status;
      sc.stop = last.stop ?? sc.start;
    }
  }
  // A redriven step starts again where it had failed; what failed the run is the deepest failed step.
  if (m.culprit >= 0) m.culprit = deepest(m, m.culprit);
  else if (m.status === 'FAILED') m.culprit = m.steps.findLastIndex((s) => s.status === 'failed' && !s.past);
}

function deepest(m: Model, at: number): number {
  const s = m.steps[at]!;
  for (let i = s.scopes.length - 1; i >= 0; i--) {
    for (const n of m.scopes[s.scopes[i]!]!.steps) if (m.steps[n]!.status === 'failed' && !m.steps[n]!.past) return deepest(m, n);
  }
  return at;
}

function scopeOver(m: Model, scope: number): boolean {
  const sc = m.scopes[scope]!;
  if (sc.stop !== undefined) return true;
  if (sc.parent < 0) return m.status !== 'RUNNING';
  const p = m.steps[sc.parent]!;
  return p.exit !== undefined || p.status === 'aborted' || scopeOver(m, p.scope);
}

function lastEventTime(m: Model, s: Step): number {
  return Math.max(s.start, ...s.attempts.map((a) => a.stop ?? a.start), ...(m.stop !== undefined ? [Math.min(m.stop, m.last)] : []));
}

/** goes lists the stretches in which a step worked: one, and one more for each redrive that went on with it. */
export function goes(s: Step, now: number): Go[] {
  return [...(s.earlier ?? []), { start: s.again ?? s.start, stop: s.stop ?? now, status: s.status }];
}

/** spent is how many milliseconds a step worked, without the time before its redrives. */
export function spent(s: Step, now: number): number {
  let sum = (s.stop ?? now) - (s.again ?? s.start);
  for (const g of s.earlier ?? []) sum += g.stop - g.start;
  return sum;
}

/** end is when a step ended, or now. */
export function end(s: { stop?: number }, now: number): number {
  return s.stop ?? now;
}

/** variables are those a step saw when it was entered, by name, as JSON texts. */
export function variables(m: Model, step: number): Record<string, string> {
  const chain: Step[][] = [];
  let at = step;
  while (at >= 0) {
    const s = m.steps[at]!;
    const before: Step[] = [];
    for (const i of m.scopes[s.scope]!.steps) {
      if (i === at) break;
      before.push(m.steps[i]!);
    }
    chain.push(before);
    at = m.scopes[s.scope]!.parent;
  }
  const out: Record<string, string> = {};
  for (const before of chain.reverse()) for (const s of before) Object.assign(out, s.assigned);
  return out;
}

/** A Tally is how a state has fared over all its visits. */
export interface Tally {
  visits: number;
  running: number;
  failed: number;
  caught: number;
  aborted: number;
  retries: number;
  /** Milliseconds of the longest ended visit. */
  longest: number;
  status: StepStatus;
}

/** tally counts the visits of each state, by its name. Its status is not that of visits that a redrive has left behind, where there are others. */
export function tally(m: Model, within?: [number, number]): Map<string, Tally> {
  const out = new Map<string, Tally>();
  const left = new Set<string>();
  const order = [...m.steps.filter((s) => !s.past), ...m.steps.filter((s) => s.past)];
  for (const s of order) {
    if (within && (s.start > within[1] || (s.stop ?? Infinity) < within[0])) continue;
    let t = out.get(s.name);
    if (!t) out.set(s.name, (t = { visits: 0, running: 0, failed: 0, caught: 0, aborted: 0, retries: 0, longest: 0, status: s.status }));
    t.visits++;
    t.retries += Math.max(0, s.attempts.length - 1 - (s.earlier?.length ?? 0));
    if (s.stop !== undefined) t.longest = Math.max(t.longest, spent(s, s.stop));
    if (s.past && t.visits > 1 && !left.has(s.name)) continue;
    if (s.past) left.add(s.name);
    if (s.status === 'running') t.running++;
    if (s.status === 'failed' || s.status === 'timedout') t.failed++;
    if (s.status === 'caught') t.caught++;
    if (s.status === 'aborted') t.aborted++;
    t.status = t.running ? 'running' : t.failed ? 'failed' : t.caught ? 'caught' : t.aborted ? 'aborted' : s.status;
  }
  return out;
}
