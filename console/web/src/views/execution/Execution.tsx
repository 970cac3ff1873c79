import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { atHand, aws, get, query } from '../../api/client';
import type { ExecutionPage, ExecutionRow } from '../../api/types';
import { useCommands } from '../../app/commands';
import { Link, navigate, setParams, to, usePathParam, useUrl } from '../../app/router';
import { Flow } from '../../graph/Flow';
import { plainText } from '../../lib/ansi';
import { count, duration, millis, plural, tail } from '../../lib/format';
import { graphOf } from '../../run/definition';
import { build, tally, type Model } from '../../run/model';
import { Await, Copy, Empty, Status, Tabs, Text, Time, useNow } from '../../ui/bits';
import { confirm } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { Json } from '../../ui/json';
import { Splitter } from '../../ui/splitter';
import { toast, toastError } from '../../ui/toast';
import { Start } from '../machine/Start';
import { Events } from './Events';
import { Gantt } from './Gantt';
import { StepPanel } from './StepPanel';
import { useHistory } from './useHistory';
import './execution.css';

const Redrive = lazy(() => import('./Redrive'));

/** Execution: graph, Gantt and events of one run, with one selection and one time brush. */
export default function Execution(): React.ReactElement {
  const arn = usePathParam('arn');
  const page = useQuery(`execution ${arn}`, (s) => get<ExecutionPage>(query('/api/execution', { arn }), s), {
    on: (c) => (c.topic === 'execution' && c.key === arn) || c.topic === 'job',
    first: () => atHand(query('/api/execution', { arn })),
  });
  return <Await of={page} place={{ list: 'State machines', href: '/machines', kind: 'run', name: tail(arn) }}>{(p) => <Loaded key={arn} arn={arn} page={p} />}</Await>;
}

function Loaded({ arn, page }: { arn: string; page: ExecutionPage }): React.ReactElement {
  const { query: q } = useUrl();
  const history = useHistory(arn, page.lastEvent);
  const model = useMemo(() => {
    const started = performance.now();
    const m = build(history.events);
    performance.measure('run model', { start: started, end: performance.now() });
    return m;
  }, [history.events]);
  const graph = useMemo(() => graphOf(page.definition), [page.definition]);
  const running = page.describe.status === 'RUNNING' || (history.done && model.status === 'RUNNING' && history.events.length > 0);
  const now = useNow(running ? 500 : 0);
  const until = model.stop ?? (running ? now : model.last);

  const wanted = Number(q.get('step') ?? '0');
  const selected = wanted ? (model.byId.get(wanted) ?? -1) : -1;
  const brush = useMemo(() => readBrush(q.get('t'), model), [q, model]);
  const tallies = useMemo(() => tally(model, brush), [model, brush]);
  const taken = useMemo(() => transitions(model), [model]);
  const tab = q.get('tab') ?? (selected >= 0 ? 'step' : model.culprit >= 0 ? 'step' : 'events');
  const shown = selected >= 0 ? selected : model.culprit;

  const select = useCallback((step: number) => {
    setParams({ step: String(model.steps[step]!.id), tab: undefined, event: undefined });
  }, [model]);
  const selectState = useCallback((name: string) => {
    const visits = model.byName.get(name);
    if (!visits?.length) {
      setParams({ state: name, step: undefined, tab: 'definition' });
      return;
    }
    const failed = visits.findLast((i) => model.steps[i]!.status === 'failed');
    const runs = visits.findLast((i) => model.steps[i]!.status === 'running');
    select(failed ?? runs ?? visits[visits.length - 1]!);
  }, [model, select]);
  const setBrush = useCallback((b: [number, number] | undefined) => {
    setParams({ t: b ? `${Math.round(b[0] - model.start)}-${Math.round(b[1] - model.start)}` : undefined });
  }, [model.start]);

  const d = page.describe;
  return (
    <div className="full execution">
      <Head arn={arn} page={page} model={model} until={until} />
      <div className="exec-body">
        <div className="exec-graph">
          {graph ? (
            <Flow graph={graph} tallies={tallies} taken={taken} selected={shown >= 0 ? model.steps[shown]!.name : (q.get('state') ?? undefined)} onSelect={selectState} label="Graph of the run" />
          ) : (
            <Empty title="No graph">The definition of this run is not here any more.</Empty>
          )}
        </div>
        <Splitter />
        <div className="exec-side">
          <div className="exec-gantt">
            <Gantt model={model} now={until} running={running} selected={shown} onSelect={select} brush={brush} onBrush={setBrush} />
          </div>
          <Tabs
            label="Parts of the run"
            value={tab}
            onChange={(id) => setParams({ tab: id })}
            tabs={[
              { id: 'step', name: shown >= 0 ? <><span className="muted">Step</span> <Text className="tab-name">{model.steps[shown]!.name}</Text></> : 'Step' },
              { id: 'events', name: 'Events', count: history.events.length },
              { id: 'io', name: 'Input and output' },
              { id: 'definition', name: 'Definition' },
            ]}
          />
          <div className="exec-panel" role="tabpanel">
            {tab === 'step' ? (
              shown >= 0 ? (
                <StepPanel key={model.steps[shown]!.id} model={model} step={shown} page={page} graph={graph} now={until} onSelect={select} />
              ) : (
                <Empty title="No step is selected">Choose a state in the graph or a bar of the timeline: its data, its job and its log appear here.</Empty>
              )
            ) : tab === 'events' ? (
              <Events events={history.events} model={model} selected={selected} brush={brush} onSelect={select} error={history.error} />
            ) : tab === 'io' ? (
              <div className="panel-scroll stack">
                <Json title="Input" text={d.input ?? model.input ?? ''} />
                {d.output !== undefined || model.output !== undefined ? <Json title="Output" text={d.output ?? model.output} /> : null}
                {model.status === 'RUNNING' ? <p className="muted">The output appears when the run ends.</p> : null}
              </div>
            ) : (
              <div className="panel-scroll">
                <Json title={q.get('state') ? <Text>{q.get('state') ?? ''}</Text> : 'Definition'} text={q.get('state') && graph?.states.has(q.get('state')!) ? JSON.stringify(graph.states.get(q.get('state')!)) : page.definition} max={2000} />
              </div>
            )}
          </div>
        </div>
      </div>
    </div>
  );
}

function Head({ arn, page, model, until }: { arn: string; page: ExecutionPage; model: Model; until: number }): React.ReactElement {
  const d = page.describe;
  // The history may be ahead of the description, never behind.
  const status = model.stop !== undefined && d.status === 'RUNNING' ? model.status : d.status;
  const start = millis(d.startDate) ?? model.start;
  const stop = millis(d.stopDate) ?? model.stop;
  const [starting, setStarting] = useState(false);
  const [redriving, setRedriving] = useState(false);
  const running = status === 'RUNNING';
  const redrivable = !running && d.redriveStatus === 'REDRIVABLE';

  const halt = async (): Promise<void> => {
    const yes = await confirm({
      title: 'Stop this run?',
      body: <p>The run ends as ABORTED. Jobs and functions it waits for are cancelled. It can be redriven later from where it stood.</p>,
      action: 'Stop the run',
      danger: true,
    });
    if (!yes) return;
    await aws('states', 'StopExecution', { executionArn: arn, cause: 'stopped in the console' }).then(
      () => toast({ kind: 'ok', text: 'The run is stopped' }),
      (e: unknown) => toastError('The run was not stopped', e),
    );
  };
  const culprit = model.steps[model.culprit];
  const failState = culprit?.type === 'Fail';
  useCommands([
    ...(running ? [{ id: 'stop', name: 'Stop this run', group: 'This run', icon: 'stop' as const, run: () => void halt() }] : []),
    ...(redrivable ? [{ id: 'redrive', name: 'Redrive this run', group: 'This run', icon: 'redriven' as const, run: () => setRedriving(true) }] : []),
    { id: 'again', name: 'Start again with this input', group: 'This run', icon: 'play', run: () => setStarting(true) },
    ...(model.culprit >= 0 ? [{ id: 'culprit', name: 'Go to the step that failed', group: 'This run', icon: 'failed' as const, run: () => setParams({ step: String(model.steps[model.culprit]!.id), tab: undefined }) }] : []),
  ]);
  useEffect(() => {
    document.title = `${d.name} · ${page.machine.name} · Salamander`;
  }, [d.name, page.machine.name]);

  const bad = status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED';
  const error = d.error ?? model.error;
  const cause = d.cause ?? model.cause;
  const jobs = bad ? failedJobs(page, model) : [];
  return (
    <div className="full-head exec-head">
      <div className="crumbs">
        <Link to="/machines">State machines</Link><Icon name="right" size={12} />
        <Link to={to.machine(page.machine.arn)}><Text>{page.machine.name}</Text></Link>
        {page.parent ? <><Icon name="right" size={12} /><Link to={to.execution(page.parent.arn)}>run <Text>{tail(page.parent.arn)}</Text></Link></> : null}
        {d.mapRunArn ? <><Icon name="right" size={12} /><Link to={to.mapRun(d.mapRunArn)}>map run</Link></> : null}
      </div>
      <div className="page-head">
        <h1 className="clip"><Text>{d.name}</Text></h1>
        <Copy text={arn} label="Copy the ARN" />
        <Status value={status} />
        <span className="muted num">{duration((stop ?? until) - start)}</span>
        <span className="faint"><Time at={start} /></span>
        {model.redrives > 0 ? <span className="badge"><Icon name="redriven" size={12} /> {plural(model.redrives, 'redrive')}</span> : null}
        <div className="grow" />
        {running ? <button className="button" onClick={() => void halt()}><Icon name="stop" />Stop</button> : null}
        {redrivable ? <button className={`button ${failState ? '' : 'button-primary'}`} title={failState ? 'It ended in a Fail state: choose the state before it to go on from' : undefined} onClick={() => setRedriving(true)}><Icon name="redriven" />Redrive</button> : null}
        <button className={`button ${redrivable && failState ? 'button-primary' : ''}`} onClick={() => setStarting(true)}><Icon name="play" />Start again</button>
      </div>
      {bad && (error || cause) ? (
        <div className={`exec-error tone-${status === 'ABORTED' ? 'aborted' : 'failed'}`} role="alert">
          <div className="grow">
            {error ? <code className="toned strong">{error}</code> : null}
            {culprit ? <> <span className="muted">in</span> <button className="link-button" onClick={() => setParams({ step: String(culprit.id), tab: undefined })}><Text>{culprit.name}</Text></button></> : null}
            {cause ? <Cause text={cause} /> : null}
            {culprit?.mapRun ? <FailedItems arn={culprit.mapRun} /> : null}
            {jobs.length > 0 ? (
              <div className="lines small">
                <span className="muted">The failed {jobs.length > 1 ? 'jobs' : 'job'} and the log:</span>
                {jobs.slice(0, 4).map((t) => <Link key={t.id} to={to.job(t.id)}><Icon name="jobs" size={13} /> <Text>{t.name || t.id.slice(0, 8)}</Text> <span className="muted">of <Text>{t.state}</Text></span></Link>)}
                {jobs.length > 4 ? <span className="faint">and {jobs.length - 4} more</span> : null}
              </div>
            ) : null}
          </div>
        </div>
      ) : null}
      {running ? page.tasks.filter((t) => t.why).slice(0, 3).map((t) => <p key={t.id} className="why"><Icon name="waiting" /><span dir="auto"><Link to={to.job(t.id)}><Text>{t.state}</Text></Link> waits: {t.why}</span></p>) : null}
      {redriving ? <Suspense fallback={null}><Redrive arn={arn} page={page} model={model} onClose={() => setRedriving(false)} onAgain={() => { setRedriving(false); setStarting(true); }} /></Suspense> : null}
      {starting ? <Start machine={page.machine} input={d.input ?? '{}'} onClose={() => setStarting(false)} onStarted={(a) => navigate(to.execution(a))} /> : null}
    </div>
  );
}

/** FailedItems tells how many items of a distributed map failed, and why one of them did. */
function FailedItems({ arn }: { arn: string }): React.ReactElement {
  const run = useQuery(`map run ${arn}`, (s) => get<{ itemCounts: { total: number; failed: number; timedOut: number } }>(query('/api/maprun', { arn }), s));
  const one = useQuery(`failed item ${arn}`, async (s) => (await get<{ executions: ExecutionRow[] }>(query('/api/executions', { mapRun: arn, status: 'FAILED', limit: '1' }), s)).executions[0] ?? null);
  const counts = run.data?.itemCounts;
  return (
    <div className="stack small">
      <div className="lines">
        <Link to={to.mapRun(arn)}><Icon name="map" size={13} /> {counts ? `${count(counts.failed + counts.timedOut)} of ${plural(counts.total, 'item')} failed` : 'The map run with its failed items'}</Link>
      </div>
      {one.data?.error || one.data?.cause ? (
        <div className="lines">
          <Link to={`${to.mapRun(arn)}?child=${encodeURIComponent(one.data.arn)}`}><Text>{one.data.name}</Text></Link>
          {one.data.error ? <code className="toned">{one.data.error}</code> : null}
          {one.data.cause ? <span className="clip"><Text>{one.data.cause}</Text></span> : null}
        </div>
      ) : null}
    </div>
  );
}

/** Cause shows why; a cause that is JSON (a function's or a job's) as its message first. */
export function Cause({ text }: { text: string }): React.ReactElement {
  const [open, setOpen] = useState(false);
  const message = useMemo(() => essence(text), [text]);
  return (
    <div className="cause">
      <span className="wrap" dir="auto">{open ? '' : message.slice(0, 600)}{!open && message.length > 600 ? '…' : ''}</span>{' '}
      {message !== text || message.length > 600 ? <button className="link-button small" onClick={() => setOpen(!open)}>{open ? 'Less' : 'Whole cause'}</button> : null}
      {open ? <Json text={text} /> : null}
    </div>
  );
}

function essence(text: string): string {
  return plainText(sentence(text));
}

/** sentence is the message of a cause that is a document. */
export function sentence(text: string): string {
  try {
    const c = JSON.parse(text) as Record<string, unknown>;
    for (const k of ['errorMessage', 'StatusReason', 'statusReason', 'Cause', 'cause', 'message', 'Message', 'Error']) {
      const v = c[k];
      if (typeof v === 'string' && v) return v;
    }
  } catch {
    // a plain sentence
  }
  return text;
}

/** failedJobs lists the jobs that failed: those of the step that ended the run, or else all, the last first. */
function failedJobs(page: ExecutionPage, model: Model): ExecutionPage['tasks'] {
  const all = page.tasks.filter((t, i) => t.kind === 'job' && t.status === 'FAILED' && page.tasks.findIndex((x) => x.id === t.id) === i).reverse();
  const own = all.filter((t) => model.stepOf[t.event] === model.culprit);
  return own.length > 0 ? own : all;
}

function readBrush(t: string | null, m: Model): [number, number] | undefined {
  const r = /^(\d+)-(\d+)$/.exec(t ?? '');
  if (!r) return undefined;
  return [m.start + Number(r[1]), m.start + Math.max(Number(r[2]), Number(r[1]) + 1)];
}

/** transitions lists which edges the run took, as "from\nto". */
function transitions(m: Model): Set<string> {
  const out = new Set<string>();
  for (const sc of m.scopes) {
    for (let i = 1; i < sc.steps.length; i++) out.add(`${m.steps[sc.steps[i - 1]!]!.name}\n${m.steps[sc.steps[i]!]!.name}`);
  }
  return out;
}
