import { useEffect, useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { ApiError, aws, get, query, send } from '../../api/client';
import { Link, to, useParam } from '../../app/router';
import { ago, tail } from '../../lib/format';
import { Await, Empty, Problem, Status, Tabs, Text, Time, useNow } from '../../ui/bits';
import { confirm } from '../../ui/dialog';
import { Editor } from '../../ui/editor';
import { Icon } from '../../ui/icon';
import { Table, type Column } from '../../ui/table';
import { toastError } from '../../ui/toast';
import './schedules.css';

export interface Tick {
  at: number;
  offset: string;
  dst?: string;
}

interface Schedule {
  kind: 'rule' | 'schedule';
  name: string;
  group?: string;
  expression?: string;
  pattern?: string;
  zone?: string;
  state: string;
  next: Tick[];
  targets: string[];
  last?: number;
}

interface Trigger {
  name: string;
  bucket: string;
  target: string;
  deadline?: number;
  days: { date: string; progress?: string; started?: number; late: boolean }[];
}

/** Schedules: what happens when, what files are awaited, and whether an event would match. */
export default function Schedules(): React.ReactElement {
  const [tab, setTab] = useParam('tab', 'next');
  return (
    <>
      <div className="page-head"><h1>Schedules &amp; triggers</h1></div>
      <Tabs label="Schedules and triggers" value={tab} onChange={setTab} tabs={[{ id: 'next', name: 'Next ticks' }, { id: 'triggers', name: 'Completeness triggers' }, { id: 'pattern', name: 'Test a pattern' }, { id: 'expression', name: 'Test an expression' }]} />
      {tab === 'triggers' ? <Triggers /> : tab === 'pattern' ? <PatternTest /> : tab === 'expression' ? <ExpressionTest /> : <NextTicks />}
    </>
  );
}

function NextTicks(): React.ReactElement {
  const list = useQuery('schedules', (s) => get<{ schedules: Schedule[] }>(query('/api/schedules', { count: 5 }), s), { every: 30_000, on: (c) => c.topic === 'schedule' || c.topic === 'rule' });
  const now = useNow(1000);
  const toggle = async (r: Schedule): Promise<void> => {
    const off = r.state === 'ENABLED';
    if (off && !(await confirm({ title: `Disable the rule ${r.name}?`, body: 'It makes no deliveries until it is enabled again. What was missed meanwhile follows its catch-up policy.', action: 'Disable', danger: true }))) return;
    try {
      await aws('events', off ? 'DisableRule' : 'EnableRule', { Name: r.name });
      list.refetch();
    } catch (e) {
      toastError(`The rule ${r.name} was not changed`, e);
    }
  };
  const columns = useMemo<Column<Schedule>[]>(() => [
    { id: 'state', name: 'State', width: '104px', sort: (s) => s.state, cell: (s) => <Status value={s.state} /> },
    { id: 'name', name: 'Name', width: 'minmax(130px, 1.2fr)', sort: (s) => s.name, cell: (s) => <span className="next"><Text>{s.name}</Text><span className="faint tiny clip">{s.kind}{s.group && s.group !== 'default' ? ` · ${s.group}` : ''}</span></span> },
    { id: 'next', name: 'Next', width: 'minmax(190px, 1.3fr)', sort: (s) => s.next[0]?.at, cell: (s) => (s.next[0] ? <Next ticks={s.next} zone={s.zone ?? 'UTC'} now={now} /> : <span className="faint">{s.expression ? (s.state === 'ENABLED' ? 'never again' : 'disabled') : 'when an event matches'}</span>) },
    { id: 'when', name: 'When', width: 'minmax(160px, 1.4fr)', cell: (s) => (s.expression ? <span className="mono clip" title={s.expression}>{s.expression}</span> : <span className="mono clip faint" dir="auto" title={s.pattern}>{s.pattern}</span>) },
    { id: 'zone', name: 'Zone', width: '120px', minor: true, cell: (s) => <span className="muted clip">{s.expression ? (s.zone ?? 'UTC') : ''}</span> },
    { id: 'target', name: 'Calls', width: 'minmax(120px, 1fr)', minor: true, cell: (s) => <Targets arns={s.targets} /> },
    { id: 'act', name: '', width: '88px', cell: (s) => (s.kind === 'rule' ? <button className="button button-small" onClick={() => void toggle(s)}>{s.state === 'ENABLED' ? 'Disable' : 'Enable'}</button> : null) },
    // eslint-disable-next-line
  ], [now]);
  return (
    <Await of={list}>
      {(d) =>
        d.schedules.length === 0 ? (
          <Empty icon="schedules" title="Nothing is scheduled yet">
            Rules and schedules start state machines and jobs at times, or when events match.
            <pre>{"aws scheduler create-schedule --name nightly \\\n  --schedule-expression 'cron(30 2 * * ? *)' \\\n  --schedule-expression-timezone Europe/Berlin …"}</pre>
          </Empty>
        ) : (
          <Table fit rows={d.schedules} columns={columns} rowKey={(s) => `${s.kind} ${s.group ?? ''} ${s.name}`} label="Rules and schedules" rowHeight={46} />
        )
      }
    </Await>
  );
}

/** Next is the next time: here, then in the schedule's own zone and in UTC where those differ. */
function Next({ ticks, zone, now }: { ticks: Tick[]; zone: string; now: number }): React.ReactElement {
  const first = ticks[0]!;
  const places = (t: Tick, name = zone): string => [...new Map([[zone, zone === 'UTC' ? '' : `${inZone(t.at, zone, true)} ${name}`], ['UTC', `${inZone(t.at, 'UTC', true)} UTC`]]).values()].filter(Boolean).join(' · ');
  const same = zone === here() || inZone(first.at, zone) === inZone(first.at, here());
  const utc = inZone(first.at, 'UTC') === inZone(first.at, here());
  return (
    <span className="next" title={ticks.map((t) => `${inZone(t.at, here())} here\n   ${places(t, `${zone} ${t.offset}`)}${t.dst ? `  ${mark(t.dst)}` : ''}`).join('\n')}>
      <Time at={first.at} /> <span className="faint nowrap">{ago(first.at, now)}</span> <Dst ticks={ticks} />
      {same && utc ? null : <span className="faint tiny clip">{same ? `${inZone(first.at, 'UTC', true)} UTC` : places(first, 'there')}</span>}
    </span>
  );
}

const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

const mark = (dst: string): string => (dst === 'repeated' ? 'the hour comes twice' : dst === 'skipped' ? 'the hour is left out' : 'the clock has changed');

function Dst({ ticks }: { ticks: Tick[] }): React.ReactElement | null {
  const t = ticks.find((x) => x.dst);
  return t ? <span className="badge toned tone-timedout" title={`${new Date(t.at).toISOString()}: ${mark(t.dst!)}`}><Icon name="caught" size={11} />{t.dst}</span> : null;
}

function Targets({ arns }: { arns: string[] }): React.ReactElement {
  if (arns.length === 0) return <span className="faint">nothing</span>;
  const first = arns[0]!;
  const name = <Text>{tail(first)}</Text>;
  return <span className="clip">{first.includes(':stateMachine:') ? <Link to={to.machine(first)}>{name}</Link> : name}{arns.length > 1 ? <span className="faint"> and {arns.length - 1} more</span> : null}</span>;
}

function Triggers(): React.ReactElement {
  const list = useQuery('triggers', (s) => get<{ triggers: Trigger[] }>('/api/triggers', s), { every: 10_000, on: (c) => c.topic === 'object' || c.topic === 'trigger' || (c.topic === 'execution' && c.status === 'RUNNING') });
  const now = useNow(1000);
  return (
    <Await of={list}>
      {(d) =>
        d.triggers.length === 0 ? (
          <Empty icon="schedules" title="No trigger waits for files">
            A trigger in salamander.yaml starts a state machine once all files of a date are there.
            <pre>{'triggers:\n  daily-refresh:\n    bucket: landing\n    keys: ["sales/{date}/part-*.csv", "items/{date}.csv"]\n    success: sales/{date}/_SUCCESS\n    deadline: "06:00"\n    start: refresh'}</pre>
          </Empty>
        ) : (
          <div className="stack">
            {d.triggers.map((t) => (
              <section key={t.name} className="card" aria-label={t.name}>
                <div className="card-head">
                  <h2><Text>{t.name}</Text></h2>
                  <span className="muted small">waits in <Text mono>{`s3://${t.bucket}`}</Text>, starts <Targets arns={[t.target]} /></span>
                  <span className="grow" />
                  {t.target.includes(':stateMachine:') ? <Link to={to.dates(t.target)}>Dates</Link> : null}
                  {t.deadline ? <span className="small muted nowrap">next deadline <Time at={t.deadline} /> · {ago(t.deadline, now)}</span> : null}
                </div>
                <ul className="list">
                  {t.days.length === 0 ? <li className="list-row faint">No file has come yet.</li> : null}
                  {t.days.map((x) => (
                    <li key={x.date} className="list-row">
                      <Status value={x.started ? 'STARTED' : x.late ? 'LATE' : 'WAITING'} label={x.started ? 'Started' : x.late ? 'Late' : 'Waits'} />
                      <b className="num nowrap">{x.date}</b>
                      <Arrived progress={x.progress} started={x.started} />
                    </li>
                  ))}
                </ul>
              </section>
            ))}
          </div>
        )
      }
    </Await>
  );
}

/** Arrived shows how many of a date's files are there: "3 of 5; missing: …". */
function Arrived({ progress, started }: { progress: string | undefined; started: number | undefined }): React.ReactElement {
  if (started) return <span className="muted">all files were there <Time at={started} /></span>;
  const m = /^(\d+) of (\d+)/.exec(progress ?? '');
  return (
    <>
      {m ? <span className="meter arrived" aria-hidden="true"><i style={{ width: `${(Number(m[1]) / Math.max(1, Number(m[2]))) * 100}%` }} /></span> : null}
      <span className="clip muted" dir="auto" title={progress}>{progress}</span>
    </>
  );
}

const examplePattern = `{
  "source": ["aws.s3"],
  "detail-type": ["Object Created"],
  "detail": {
    "bucket": { "name": ["landing"] },
    "object": { "key": [{ "prefix": "sales/" }] }
  }
}`;
const exampleEvent = `{
  "version": "0",
  "source": "aws.s3",
  "detail-type": "Object Created",
  "detail": {
    "bucket": { "name": "landing" },
    "object": { "key": "items/2026-01-31.csv", "size": 1024 }
  }
}`;

interface Match {
  match: boolean;
  why: { path: string; want: string; got?: string }[];
}

function PatternTest(): React.ReactElement {
  const [pattern, setPattern] = useState(() => sessionStorage.getItem('pattern') ?? examplePattern);
  const [event, setEvent] = useState(() => sessionStorage.getItem('event') ?? exampleEvent);
  const [result, setResult] = useState<Match>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    const abort = new AbortController();
    const t = setTimeout(() => {
      sessionStorage.setItem('pattern', pattern);
      sessionStorage.setItem('event', event);
      send<Match>('POST', '/api/pattern', { pattern, event }, abort.signal).then(
        (m) => {
          setResult(m);
          setError(undefined);
        },
        (e: unknown) => {
          if (abort.signal.aborted) return;
          setResult(undefined);
          setError(e as Error);
        },
      );
    }, 200);
    return () => {
      clearTimeout(t);
      abort.abort();
    };
  }, [pattern, event]);
  return (
    <div className="stack">
      <div className="pair">
        <div className="field"><span>Pattern of a rule</span><Editor language="json" label="Pattern" value={pattern} onChange={setPattern} height={300} /></div>
        <div className="field"><span>Event</span><Editor language="json" label="Event" value={event} onChange={setEvent} height={300} /></div>
      </div>
      {error ? <Problem error={error} title={error instanceof ApiError && error.code === 'InvalidEventPatternException' ? 'The pattern is not valid' : 'This cannot be tried'} /> : null}
      {result ? (
        <div className="card" role="status">
          <div className="card-head"><Status value={result.match ? 'SUCCEEDED' : 'FAILED'} label={result.match ? 'The event matches' : 'The event does not match'} /></div>
          {result.why.length > 0 ? (
            <ul className="list">
              {result.why.map((w) => (
                <li key={w.path} className="list-row">
                  <b className="mono nowrap">{w.path}</b>
                  <span className="muted">must be <code dir="ltr">{w.want}</code></span>
                  <span className="clip">{w.got === undefined ? <span className="faint">and is not in the event</span> : <>and is <code dir="ltr" title={w.got}>{w.got}</code></>}</span>
                </li>
              ))}
            </ul>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function ExpressionTest(): React.ReactElement {
  const [expression, setExpression] = useState('cron(30 2 ? * MON-FRI *)');
  const [zone, setZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');
  const [ticks, setTicks] = useState<Tick[]>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    const abort = new AbortController();
    const t = setTimeout(() => {
      send<{ next: Tick[] }>('POST', '/api/next', { expression, zone, count: 20 }, abort.signal).then(
        (d) => {
          setTicks(d.next);
          setError(undefined);
        },
        (e: unknown) => {
          if (abort.signal.aborted) return;
          setTicks(undefined);
          setError(e as Error);
        },
      );
    }, 200);
    return () => {
      clearTimeout(t);
      abort.abort();
    };
  }, [expression, zone]);
  return (
    <div className="stack">
      <div className="lines">
        <label className="field expression"><span>Expression</span><input className="mono" value={expression} onChange={(e) => setExpression(e.target.value)} spellCheck={false} /></label>
        <label className="field"><span>Time zone</span><input value={zone} onChange={(e) => setZone(e.target.value)} list="zones" spellCheck={false} /></label>
        <datalist id="zones">{['UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Los_Angeles', 'Asia/Tokyo', 'Asia/Kolkata', 'Australia/Sydney'].map((z) => <option key={z} value={z} />)}</datalist>
      </div>
      {error ? <Problem error={error} title="The expression is not valid" /> : null}
      {ticks ? (
        ticks.length === 0 ? <p className="muted">It never happens again.</p> : (
          <ol className="ticks card" aria-label="Next times">
            {ticks.map((t) => (
              <li key={t.at}>
                <span className="num">{inZone(t.at, zone)}</span> <span className="faint num">{t.offset}</span>{' '}
                <span className="faint small num">{zone === 'UTC' ? '' : `${inZone(t.at, 'UTC', true)} UTC`}{here() === zone || here() === 'UTC' ? '' : ` · ${inZone(t.at, here(), true)} here`}</span>
                {t.dst ? <span className="badge toned tone-timedout"><Icon name="caught" size={11} />{mark(t.dst)}</span> : null}
              </li>
            ))}
          </ol>
        )
      ) : null}
    </div>
  );
}

function inZone(at: number, zone: string, short = false): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone || 'UTC', weekday: 'short', ...(short ? {} : { year: 'numeric', month: '2-digit', day: '2-digit', second: '2-digit' }), hour: '2-digit', minute: '2-digit' }).format(at);
  } catch {
    return new Date(at).toISOString();
  }
}
