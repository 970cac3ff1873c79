import { useMemo } from 'react';
import type { ExecutionPage } from '../../api/types';
import { Link, setParams, to, useUrl } from '../../app/router';
import { duration } from '../../lib/format';
import type { Graph } from '../../run/definition';
import { spent, variables, type Model, type Step } from '../../run/model';
import { Facts, Status, Tabs, Text, Time } from '../../ui/bits';
import { Cells } from '../../ui/cells';
import { Icon } from '../../ui/icon';
import { Json } from '../../ui/json';
import { Cause } from './Execution';
import { Pad } from './Pad';
import { Stages } from './Stages';
import { Tasks } from './Tasks';

const statusWord: Record<Step['status'], string> = { running: 'RUNNING', succeeded: 'SUCCEEDED', failed: 'FAILED', caught: 'CAUGHT', timedout: 'TIMED_OUT', aborted: 'ABORTED' };

/** StepPanel is everything about one step: what failed, its data through every stage, what it ran with its log, an expression pad. */
export function StepPanel({ model, step, page, graph, now, onSelect }: { model: Model; step: number; page: ExecutionPage; graph: Graph | undefined; now: number; onSelect: (step: number) => void }): React.ReactElement {
  const { query: q } = useUrl();
  const s = model.steps[step]!;
  const visits = model.byName.get(s.name)!;
  const at = visits.indexOf(step);
  const state = graph?.states.get(s.name);
  const vars = useMemo(() => variables(model, step), [model, step]);
  const tasks = useMemo(() => page.tasks.filter((t) => t.state === s.name && model.stepOf[t.event] === step), [page.tasks, s.name, model, step]);
  const items = useMemo(() => itemsOf(model, s), [model, s]);

  // What ended the run stands at its head already.
  const told = step === model.culprit && s.error === (page.describe.error ?? model.error) && s.cause === (page.describe.cause ?? model.cause);

  const tabs = [
    ...(tasks.length ? [{ id: 'log', name: tasks.some((t) => t.kind === 'job') ? 'Job and log' : 'Ran and log' }] : []),
    ...(items.length ? [{ id: 'items', name: s.type === 'Parallel' ? 'Branches' : 'Items', count: items.length }] : []),
    { id: 'data', name: 'Data' },
    ...(s.attempts.length > 1 ? [{ id: 'attempts', name: 'Attempts', count: s.attempts.length }] : []),
    { id: 'vars', name: 'Variables', count: Object.keys(vars).length + Object.keys(s.assigned ?? {}).length },
    { id: 'pad', name: 'Try an expression' },
    { id: 'state', name: 'State' },
  ];
  const wanted = q.get('sub');
  const first = s.status === 'failed' && tasks.length ? 'log' : items.length ? 'items' : tasks.some((t) => t.kind === 'job') ? 'log' : 'data';
  const tab = tabs.some((t) => t.id === wanted) ? wanted! : first;

  return (
    <div className="step">
      <div className="step-head">
        <Status value={statusWord[s.status]} />
        <span className="num">{duration(spent(s, now))}</span>
        <span className="faint"><Time at={s.start} /></span>
        {s.mapRun ? <Link to={to.mapRun(s.mapRun)}>Map run<Icon name="right" size={12} /></Link> : null}
        <span className="grow" />
        {visits.length > 1 ? (
          <span className="visits">
            <button className="icon-button" aria-label="Earlier visit" disabled={at === 0} onClick={() => onSelect(visits[at - 1]!)}><Icon name="right" className="flip" /></button>
            <span className="num muted small">visit {at + 1} of {visits.length}</span>
            <button className="icon-button" aria-label="Later visit" disabled={at === visits.length - 1} onClick={() => onSelect(visits[at + 1]!)}><Icon name="right" /></button>
          </span>
        ) : null}
      </div>
      {s.error !== undefined && !told ? (
        <div className={`step-error tone-${s.status === 'caught' ? 'caught' : 'failed'}`}>
          <div><code className="toned strong">{s.error}</code>{s.status === 'caught' ? <span className="muted"> was caught{nextName(model, step)}</span> : null}</div>
          {s.cause ? <Cause text={s.cause} /> : null}
        </div>
      ) : null}
      <Tabs label="Parts of the step" tabs={tabs} value={tab} onChange={(id) => setParams({ sub: id })} />
      <div className="panel-scroll step-body" role="tabpanel">
        {tab === 'log' ? <Tasks tasks={tasks} step={s} now={now} /> : null}
        {tab === 'items' ? <Cells label={s.type === 'Parallel' ? 'Branches' : 'Items'} cells={items} onOpen={(c) => onSelect(c.step)} /> : null}
        {tab === 'data' ? <Stages key={s.id} step={s} state={state} language={graph?.language ?? 'JSONPath'} vars={vars} running={s.status === 'running'} roleArn="" /> : null}
        {tab === 'attempts' ? <Attempts step={s} now={now} /> : null}
        {tab === 'vars' ? <Variables before={vars} assigned={s.assigned} /> : null}
        {tab === 'pad' ? <Pad step={s} language={languageOf(state, graph)} vars={vars} page={page} /> : null}
        {tab === 'state' ? <Json title={<Text>{s.name}</Text>} value={state ?? null} max={2000} /> : null}
      </div>
    </div>
  );
}

export function languageOf(state: Record<string, unknown> | undefined, graph: Graph | undefined): 'JSONata' | 'JSONPath' {
  const own = state?.QueryLanguage;
  return own === 'JSONata' || own === 'JSONPath' ? own : (graph?.language ?? 'JSONPath');
}

function nextName(m: Model, step: number): React.ReactNode {
  const seq = m.scopes[m.steps[step]!.scope]!.steps;
  const next = seq[seq.indexOf(step) + 1];
  return next === undefined ? '' : <> and went to <Text>{m.steps[next]!.name}</Text></>;
}

function itemsOf(m: Model, s: Step): { key: string; name: string; status: string; step: number }[] {
  return s.scopes.flatMap((c) => {
    const sc = m.scopes[c]!;
    const pick = sc.steps.find((i) => m.steps[i]!.status === 'failed') ?? sc.steps.find((i) => m.steps[i]!.status === 'running') ?? sc.steps[0];
    if (pick === undefined) return [];
    return [{ key: String(c), name: sc.kind === 'branch' ? `branch ${sc.index}: ${m.steps[pick]!.name}` : `item ${sc.index}`, status: statusWord[sc.status], step: pick }];
  });
}

function Attempts({ step, now }: { step: Step; now: number }): React.ReactElement {
  return (
    <ol className="attempts">
      {step.attempts.map((a, i) => (
        <li key={a.event} className="attempt">
          <div className="line">
            <strong className="num">{i + 1}</strong>
            <Status value={statusWord[a.status]} />
            <span className="num">{duration((a.stop ?? now) - a.start)}</span>
            <span className="faint"><Time at={a.start} /></span>
            {i > 0 ? <span className="faint small">after {duration(a.start - (step.attempts[i - 1]!.stop ?? a.start))} of waiting</span> : null}
            {a.resource ? <code className="faint clip">{a.resource}</code> : null}
          </div>
          {a.error ? <div className="wrap tone-failed"><code className="toned">{a.error}</code> {a.cause ? <Cause text={a.cause} /> : null}</div> : null}
        </li>
      ))}
    </ol>
  );
}

function Variables({ before, assigned }: { before: Record<string, string>; assigned: Record<string, string> | undefined }): React.ReactElement {
  const names = Object.keys(before);
  if (names.length === 0 && !assigned) return <p className="muted">No variable is assigned before or in this step. A state assigns one with <code>Assign</code>.</p>;
  return (
    <div className="stack">
      {names.length ? (
        <section>
          <h3 className="step-title">When it began</h3>
          <Facts rows={names.map((n): [string, React.ReactNode] => [`$${n}`, <code key={n} className="wrap">{before[n]!.slice(0, 2000)}</code>])} />
        </section>
      ) : null}
      {assigned ? (
        <section>
          <h3 className="step-title">Assigned by this step</h3>
          <Facts rows={Object.entries(assigned).map(([n, v]): [string, React.ReactNode] => [`$${n}`, <code key={n} className="wrap">{v.slice(0, 2000)}{before[n] !== undefined && before[n] !== v ? <span className="faint"> before: {before[n].slice(0, 200)}</span> : null}</code>])} />
        </section>
      ) : null}
    </div>
  );
}
