import { useEffect, useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { get, query, send } from '../../api/client';
import { Link, setParams, to, usePathParam, useUrl } from '../../app/router';
import { count, day, plural, tail } from '../../lib/format';
import { Await, Empty, Problem, Status, Text, Time, toneOf, words } from '../../ui/bits';
import { confirm } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { toast, toastError } from '../../ui/toast';
import { between, fill, months, order, shift, type DateItem } from './grid';
import './dates.css';

interface Backfill {
  id: string;
  machine: string;
  from: string;
  to: string;
  started: number;
  ended?: number;
  of: number;
  done: number;
  succeeded: number;
  failed: number;
  already: number;
  state: string;
  failures: { date: string; detail: string; arn?: string }[];
}

/** A Plan is what a backfill would run. */
interface Plan {
  todo: string[];
  skipped: number;
  again: string[];
  running: string[];
}

/** Dates: the dates of a state machine by status; a range can be selected and run. */
export default function Dates(): React.ReactElement {
  const machine = usePathParam('arn');
  const { query: q } = useUrl();
  const today = day(Date.now());
  const end = q.get('to') ?? today;
  const start = q.get('from') ?? shift(end, -119);
  const [a, setA] = useState<string>();
  const [b, setB] = useState<string>();
  const dates = useQuery(`dates ${machine} ${start} ${end}`, (s) => get<{ dates: DateItem[]; template: string }>(query('/api/dates', { machine, from: start, to: end }), s), {
    on: (c) => (c.topic === 'execution' && c.status !== undefined && (c.key ?? '').includes(`:${tail(machine)}:`)) || c.topic === 'backfill',
  });
  const backfills = useQuery('backfills', (s) => get<{ backfills: Backfill[] }>('/api/backfills', s), { on: (c) => c.topic === 'backfill' });
  const mine = backfills.data?.backfills.filter((x) => x.machine === machine) ?? [];
  const click = (d: string, extend: boolean): void => {
    if (a && (extend || b === undefined) && d !== a) setB(d);
    else {
      setA(d);
      setB(undefined);
    }
  };
  const [from, last] = a ? order(a, b ?? a) : ['', ''];
  return (
    <>
      <div className="page-head">
        <div className="stack-tight">
          <nav className="crumbs" aria-label="Place"><Link to="/machines">State machines</Link> / <Link to={to.machine(machine)}><Text>{tail(machine)}</Text></Link> / Dates</nav>
          <h1>Dates of <Text>{tail(machine)}</Text></h1>
        </div>
        <span className="grow" />
        <div className="lines">
          <label className="small muted line">From <input type="date" value={start} max={end} onChange={(e) => e.target.value && setParams({ from: e.target.value })} /></label>
          <label className="small muted line">to <input type="date" value={end} min={start} onChange={(e) => e.target.value && setParams({ to: e.target.value === today ? undefined : e.target.value })} /></label>
        </div>
      </div>
      <Await of={dates}>
        {(d) => (
          <>
            <Legend dates={d.dates} />
            <div className="months">
              {months(d.dates).map((m) => (
                <section key={m.name} className="month" aria-label={m.name}>
                  <h2 className="num">{m.name}</h2>
                  <div className="days" role="group">
                    {m.days.map((x, i) => (x ? <Day key={x.date} item={x} selected={between(x.date, a, b)} onClick={(e) => click(x.date, e.shiftKey)} /> : <span key={i} />))}
                  </div>
                </section>
              ))}
            </div>
            <Range key={`${from} ${last}`} machine={machine} from={from} last={last} template={d.template} dates={d.dates} onRange={(x, y) => { setA(x); setB(y); }} onStarted={backfills.refetch} />
          </>
        )}
      </Await>
      {mine.length > 0 ? (
        <section className="stack" aria-label="Backfills">
          <h2>Backfills</h2>
          {mine.map((x) => <Progress key={x.id} of={x} onChanged={backfills.refetch} />)}
        </section>
      ) : null}
    </>
  );
}

function Day({ item, selected, onClick }: { item: DateItem; selected: boolean; onClick: (e: React.MouseEvent) => void }): React.ReactElement {
  const none = item.status === 'none';
  const tone = toneOf(item.status);
  const what = `${Number(item.date.slice(8))} · ${item.date}: ${none ? 'no run' : words(item.status).toLowerCase()}${item.attempts > 1 ? `, ${item.attempts} runs` : ''}`;
  return (
    <button className={`day ${none ? 'day-none' : `tone-${tone}`}`} aria-pressed={selected} aria-label={what} title={`${what.slice(what.indexOf("·") + 2)}\nClick, then click another day: a range`} onClick={onClick}>
      <span className="num">{Number(item.date.slice(8))}</span>
      {none || tone === 'succeeded' ? null : <Icon name={tone} size={11} />}
    </button>
  );
}

function Legend({ dates }: { dates: DateItem[] }): React.ReactElement {
  const counts = useMemo(() => {
    const by = new Map<string, number>();
    for (const d of dates) by.set(d.status, (by.get(d.status) ?? 0) + 1);
    return [...by].sort((x, y) => y[1] - x[1]);
  }, [dates]);
  return (
    <div className="lines small">
      {counts.map(([s, n]) => (s === 'none' ? <span key={s} className="faint num">{plural(n, 'date')} without a run</span> : <span key={s} className="line"><Status value={s} /> <span className="num muted">{count(n)}</span></span>))}
      <span className="faint">A date is found in the input or the name of an execution; a success stands over later failures.</span>
    </div>
  );
}

function Range({ machine, from, last, template, dates, onRange, onStarted }: { machine: string; from: string; last: string; template: string; dates: DateItem[]; onRange: (a: string, b: string) => void; onStarted: () => void }): React.ReactElement {
  const [input, setInput] = useState(template);
  const [onlyMissing, setOnly] = useState(true);
  const [max, setMax] = useState(4);
  const [newest, setNewest] = useState(false);
  const [plan, setPlan] = useState<Plan>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const stand = dates.filter((d) => between(d.date, from, last)).map((d) => d.status).join(); // what is left to run changes with it
  const body = { machine, from, to: last, input, onlyMissing, max, order: newest ? 'newest' : 'oldest' };

  useEffect(() => {
    if (!from) return;
    const abort = new AbortController();
    const t = setTimeout(() => {
      send<Plan>('POST', '/api/backfill', { ...body, dryRun: true }, abort.signal).then(
        (p) => {
          setPlan(p);
          setError(undefined);
        },
        (e: unknown) => {
          if (abort.signal.aborted) return;
          setPlan(undefined);
          setError(e as Error);
        },
      );
    }, 150);
    return () => {
      clearTimeout(t);
      abort.abort();
    };
    // eslint-disable-next-line
  }, [from, last, input, onlyMissing, max, newest, stand]);

  if (!from) {
    return (
      <Empty icon="schedules" title="Select a day, or the first and the last of a range">
        What you select can be run: one execution for each date, some at a time. A backfill goes on when the server starts again.
      </Empty>
    );
  }
  const start = async (): Promise<void> => {
    if (!plan) return;
    if (!(await confirm({ title: `Run ${plural(plan.todo.length, 'date')}?`, body: `Starts ${plural(plan.todo.length, 'execution')} of ${tail(machine)}, ${max} at a time, from ${from} to ${last}.${warning(plan)} Executions that were started run on when the backfill is stopped.`, action: 'Backfill' }))) return;
    setBusy(true);
    try {
      const s = await send<{ id?: string; todo: string[] }>('POST', '/api/backfill', body);
      toast({ kind: 'ok', text: s.id ? `The backfill of ${plural(s.todo.length, 'date')} has begun` : 'No date is left to run' });
      onStarted();
    } catch (e) {
      toastError('The backfill was not started', e);
    } finally {
      setBusy(false);
    }
  };
  const one = from === last ? dates.find((d) => d.date === from) : undefined;
  return (
    <section className="card" aria-label="Backfill">
      <div className="card-head">
        <h2 className="num">{from === last ? from : `${from} – ${last}`}</h2>
        {one?.arn ? <Link to={to.execution(one.arn)}>Open its run</Link> : null}
        <span className="grow" />
        <button className="button button-small" onClick={() => onRange(shift(last, -6), last)}>The week to {last}</button>
      </div>
      <div className="card-body stack">
        <label className="field"><span>Input of a date</span><textarea className="mono" rows={2} value={input} onChange={(e) => setInput(e.target.value)} spellCheck={false} dir="ltr" /></label>
        <span className="small muted">{'{date}'}, {'{year}'}, {'{month}'} and {'{day}'} are filled in: <code dir="ltr" className="wrap">{fill(input, from)}</code></span>
        <div className="lines">
          <label className="line"><input type="checkbox" checked={onlyMissing} onChange={(e) => setOnly(e.target.checked)} /> Only dates that have not succeeded with this input</label>
          <label className="line"><input type="checkbox" checked={newest} onChange={(e) => setNewest(e.target.checked)} /> Newest first</label>
          <label className="line">At a time <input type="number" className="small-number" min={1} max={64} value={max} onChange={(e) => setMax(Math.min(64, Math.max(1, Number(e.target.value) || 1)))} /></label>
        </div>
        {error ? <Problem error={error} title="This cannot be run" /> : null}
        <div className="lines">
          <button className="button button-primary" disabled={!plan || plan.todo.length === 0 || busy} onClick={() => void start()}><Icon name="play" size={13} /> Backfill {plan ? plural(plan.todo.length, 'date') : ''}</button>
          {plan && plan.skipped > 0 ? <span className="muted num">{plural(plan.skipped, 'date')} left out: succeeded already, or running now</span> : null}
        </div>
        {plan && warning(plan) ? <div className="notice line" role="status"><Icon name="caught" size={14} className="toned tone-caught" /><span>{warning(plan)}</span></div> : null}
      </div>
    </section>
  );
}

/** warning says which dates would run again, or beside an execution that runs now. */
function warning({ again, running }: Plan): string {
  const name = (d: string[]): string => (d.length > 3 ? `${d[0]} … ${d.at(-1)}` : d.join(', '));
  let text = '';
  if (again.length > 0) text += ` ${plural(again.length, 'date has', 'dates have')} succeeded already with this input and would run again: ${name(again)}.`;
  if (running.length > 0) text += ` ${plural(running.length, 'date runs', 'dates run')} now and would run twice: ${name(running)}.`;
  return text;
}

function Progress({ of: b, onChanged }: { of: Backfill; onChanged: () => void }): React.ReactElement {
  const stop = async (): Promise<void> => {
    if (!(await confirm({ title: 'Stop this backfill?', body: 'No more dates are begun. Executions that were started run on. The same range can be run again: what has succeeded is left out.', action: 'Stop', danger: true }))) return;
    await send('POST', '/api/backfill/stop', { id: b.id }).catch((e: unknown) => toastError('It was not stopped', e));
    onChanged();
  };
  const part = (n: number): string => `${(n / Math.max(1, b.of)) * 100}%`;
  return (
    <div className="card backfill">
      <div className="line">
        <Status value={b.state === 'running' ? 'RUNNING' : b.state === 'stopping' ? 'STARTING' : b.state === 'stopped' ? 'STOPPED' : b.failed > 0 ? 'FAILED' : 'SUCCEEDED'} label={b.state === 'done' ? (b.failed > 0 ? 'Done, some failed' : 'Done') : words(b.state.toUpperCase())} />
        <b className="num nowrap">{b.from} – {b.to}</b>
        <span className="muted num">{count(b.done)} of {plural(b.of, 'date')}{b.failed ? <span className="toned tone-failed"> · {count(b.failed)} failed</span> : null}{b.already ? ` · ${count(b.already)} succeeded before` : ''}</span>
        <span className="grow" />
        <Time at={b.started} />
        {b.state === 'running' ? <button className="button button-small" onClick={() => void stop()}>Stop</button> : null}
      </div>
      <div className="bar" role="progressbar" aria-label="Dates done" aria-valuemin={0} aria-valuemax={b.of} aria-valuenow={b.done}>
        <i className="tone-succeeded" style={{ width: part(b.succeeded + b.already) }} /><i className="tone-failed" style={{ width: part(b.failed) }} />
      </div>
      {b.failures.length > 0 ? (
        <details>
          <summary className="small">{plural(b.failures.length, 'failure')}</summary>
          <ul className="list">
            {b.failures.map((f) => <li key={f.date} className="list-row small"><b className="num nowrap">{f.arn ? <Link to={to.execution(f.arn)}>{f.date}</Link> : f.date}</b><span className="wrap" dir="auto">{f.detail}</span></li>)}
          </ul>
        </details>
      ) : null}
    </div>
  );
}
