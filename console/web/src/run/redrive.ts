import type { Go, Model, Scope, Step } from './model';

// After a redrive the history goes on in the states that had not ended, without
// entering them again: the first event of each follows ExecutionRedriven itself.

/** A Resumption knows the steps with which the last redrive goes on, until their first events come. */
export class Resumption {
  private events = new Set<number>();
  private event = 0;
  private time = 0;
  /** The steps that were open, outer ones first, branches in order. */
  private open: number[] = [];
  private touched = new Set<number>();
  private was = new Map<Scope, { stop: number | undefined; status: Scope['status'] }>();

  /** base tells by step how many scopes it had before its present round. */
  constructor(private m: Model, private base: ReadonlyMap<number, number>) {}

  /** begin takes up the steps that are open. The model has just been closed. */
  begin(event: number, time: number): void {
    this.events.add(event);
    this.event = event;
    this.time = time;
    this.open = [];
    this.touched.clear();
    this.was.clear();
    this.take(0);
  }

  /** begins tells whether an event is a redrive. */
  begins(event: number): boolean {
    return this.events.has(event);
  }

  /** touch notes that a step has had an event. */
  touch(step: number): void {
    if (step >= 0 && this.open.length) this.touched.add(step);
  }

  /** find is the first open step that satisfies a test and has had no event yet; else any; -1 for none. */
  find(ok: (s: Step) => boolean): number {
    const fits = (i: number): boolean => !this.m.steps[i]!.past && ok(this.m.steps[i]!);
    return this.open.find((i) => !this.touched.has(i) && fits(i)) ?? this.open.find(fits) ?? -1;
  }

  /** enter gives the scope in which a redrive enters a state, and leaves what was open there. */
  enter(name: string): number {
    const { steps } = this.m;
    const at = this.open.find((i) => steps[i]!.name === name && !this.touched.has(i));
    const scope = at === undefined ? 0 : steps[at]!.scope;
    if (at !== undefined) this.touched.add(at);
    for (const i of this.open) if (steps[i]!.scope === scope) this.leave(i);
    return scope;
  }

  /** anew leaves the children of a Parallel or Map that begins another round. */
  anew(step: number): void {
    if (!this.open.includes(step)) return;
    const s = this.m.steps[step]!;
    for (const c of this.round(step)) this.leaveScope(c);
    if (s.attempts.at(-1)?.event === this.event) s.attempts.pop();
  }

  private round(step: number): number[] {
    return this.m.steps[step]!.scopes.slice(this.base.get(step) ?? 0);
  }

  private take(scope: number): void {
    const { steps, scopes } = this.m;
    const sc = scopes[scope]!;
    const at = sc.steps.at(-1);
    const s = at === undefined ? undefined : steps[at]!;
    if (at === undefined || !s || s.exit !== undefined || s.past) return;
    this.open.push(at);
    if (scope !== 0) this.was.set(sc, { stop: sc.stop, status: sc.status });
    sc.status = 'running';
    delete sc.stop;
    if (s.type === 'Fail') {
      s.past = true; // it is entered again
      return;
    }
    const go: Go = { start: s.again ?? s.start, stop: s.stop ?? this.time, status: s.status };
    if (s.error !== undefined) go.error = s.error;
    if (s.cause !== undefined) go.cause = s.cause;
    (s.earlier ??= []).push(go);
    s.again = this.time;
    s.status = 'running';
    delete s.stop;
    delete s.error;
    delete s.cause;
    if (s.type === 'Parallel' || s.type === 'Map') s.attempts.push({ event: this.event, start: this.time, status: 'running' });
    for (const c of this.round(at)) this.take(c);
  }

  private leaveScope(scope: number): void {
    const sc = this.m.scopes[scope]!;
    for (const i of sc.steps) this.leave(i);
    const was = this.was.get(sc);
    if (!was) return;
    sc.status = was.status;
    if (was.stop !== undefined) sc.stop = was.stop;
  }

  /** leave makes a step again what it was at the end of the run. */
  private leave(step: number): void {
    const s = this.m.steps[step]!;
    if (s.exit !== undefined || s.past || s.again !== this.time || !this.open.includes(step)) return;
    const go = s.earlier!.pop()!;
    if (s.earlier!.length) s.again = go.start;
    else {
      delete s.earlier;
      delete s.again;
    }
    s.past = true;
    s.status = go.status;
    s.stop = go.stop;
    if (go.error !== undefined) s.error = go.error;
    if (go.cause !== undefined) s.cause = go.cause;
    if (s.attempts.at(-1)?.event === this.event) s.attempts.pop();
    for (const c of this.round(step)) this.leaveScope(c);
  }
}
