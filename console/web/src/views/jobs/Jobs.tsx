import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from '../../api/cache';
import { get, query } from '../../api/client';
import { anew, onChange } from '../../api/live';
import { Link, navigate, setParams, to, useUrl } from '../../app/router';
import { count, duration, tail } from '../../lib/format';
import { pace } from '../../lib/pace';
import { Await, Empty, Loading, Problem, Status, Text, Time, toneOf, useNow } from '../../ui/bits';
import { Icon } from '../../ui/icon';
import { Table, type Column } from '../../ui/table';
import '../machines/machines.css';
import './jobs.css';

/** A Row of the list of jobs. */
export interface JobRow {
  id: string;
  arn: string;
  name: string;
  queue: string;
  status: string;
  reason?: string;
  created: number;
  started?: number;
  stopped?: number;
  attempts: number;
  why?: string;
  execution?: string;
}

interface Queue {
  name: string;
  arn: string;
  state: string;
  priority: number;
  depth: Record<string, number>;
  environments: { name: string; state: string; maxVcpus?: number; used?: number }[];
}

const waiting = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING'];
const filters = ['', 'RUNNABLE', 'RUNNING', 'SUCCEEDED', 'FAILED'];

/** Jobs: queues with depth and capacity, and the jobs, newest first. */
export default function Jobs(): React.ReactElement {
  const queues = useQuery('queues', (s) => get<{ queues: Queue[] }>('/api/queues', s), { on: (c) => c.topic === 'job' || c.topic === 'queue' });
  const { query: q } = useUrl();
  return (
    <>
      <div className="page-head"><h1>Jobs</h1></div>
      <Await of={queues}>
        {(d) =>
          d.queues.length === 0 ? (
            <div className="card">
              <Empty icon="jobs" title="No job queue yet">
                A job runs a command: from a container image, or as a plain process where the image is mapped to one. Jobs wait in a queue for a compute environment.
                <pre>aws batch create-compute-environment --compute-environment-name local --type MANAGED …{'\n'}aws batch create-job-queue --job-queue-name work --priority 1 …</pre>
              </Empty>
            </div>
          ) : (
            <div className="queues">
              {d.queues.map((x) => <QueueCard key={x.arn} queue={x} chosen={q.get('queue') === x.name} />)}
            </div>
          )
        }
      </Await>
      <JobTable />
    </>
  );
}

function QueueCard({ queue, chosen }: { queue: Queue; chosen: boolean }): React.ReactElement {
  return (
    <button className={`card queue ${chosen ? 'queue-chosen' : ''}`} aria-pressed={chosen} onClick={() => setParams({ queue: chosen ? undefined : queue.name })}>
      <span className="line">
        <strong className="clip"><Text>{queue.name}</Text></strong>
        <span className="grow" />
        {queue.state === 'ENABLED' ? null : <Status value={queue.state} />}
        <span className="faint small">priority {queue.priority}</span>
      </span>
      <span className="depths">
        {waiting.map((s) => (
          <span key={s} className={`depth ${queue.depth[s] ? `tone-${toneOf(s)}` : ''}`}>
            <b className="num">{count(queue.depth[s] ?? 0)}</b>
            <span>{s.toLowerCase()}</span>
          </span>
        ))}
      </span>
      {queue.environments.map((e) => (
        <span key={e.name} className="capacity">
          <span className="line small"><Text className="muted clip">{e.name}</Text><span className="grow" />{e.maxVcpus !== undefined ? <span className="num faint nowrap">{e.used ?? 0} of {e.maxVcpus} vCPU</span> : null}</span>
          {e.maxVcpus ? <span className="meter"><i style={{ width: `${Math.min(100, ((e.used ?? 0) / e.maxVcpus) * 100)}%` }} /></span> : null}
        </span>
      ))}
    </button>
  );
}

function JobTable(): React.ReactElement {
  const { query: q } = useUrl();
  const queue = q.get('queue') ?? '';
  const status = q.get('status') ?? '';
  const text = q.get('q') ?? '';
  const [typed, setTyped] = useState(text);
  const [rows, setRows] = useState<JobRow[]>();
  const [next, setNext] = useState<string>();
  const [error, setError] = useState<Error>();
  const busy = useRef(false);
  const now = useNow(rows?.some((r) => r.status === 'RUNNING') ? 1000 : 0);

  useEffect(() => {
    const t = setTimeout(() => typed !== text && setParams({ q: typed || undefined }), 250);
    return () => clearTimeout(t);
    // eslint-disable-next-line
  }, [typed]);

  const read = useCallback((from?: string, signal?: AbortSignal) => get<{ jobs: JobRow[]; next?: string }>(query('/api/jobs', { queue, status, q: text, limit: 200, next: from }), signal), [queue, status, text]);
  useEffect(() => {
    const abort = new AbortController();
    setRows(undefined);
    const first = (): void => {
      read(undefined, abort.signal).then(
        (p) => {
          setError(undefined);
          setRows((before) => {
            const fresh = new Set(p.jobs.map((j) => j.id));
            const oldest = p.jobs[p.jobs.length - 1]?.created ?? 0;
            return [...p.jobs, ...(before ?? []).filter((b) => !fresh.has(b.id) && b.created <= oldest && p.next !== undefined)];
          });
          setNext((n) => n ?? p.next);
        },
        (e: unknown) => !abort.signal.aborted && setError(e as Error),
      );
    };
    const again = pace(first, 250);
    again();
    const stop = onChange((c) => {
      if (c.topic === 'job' || c.topic === anew) again();
    });
    return () => {
      abort.abort();
      again.cancel();
      stop();
    };
  }, [read]);
  const more = useCallback(() => {
    if (!next || busy.current) return;
    busy.current = true;
    read(next).then((p) => {
      setRows((r) => [...(r ?? []), ...p.jobs]);
      setNext(p.next);
    }, (e: unknown) => setError(e as Error)).finally(() => { busy.current = false; });
  }, [next, read]);

  const columns = useMemo<Column<JobRow>[]>(() => [
    { id: 'status', name: 'Status', width: '122px', sort: (j) => j.status, cell: (j) => <Status value={j.status} /> },
    { id: 'name', name: 'Job', width: 'minmax(150px, 1.2fr)', sort: (j) => j.name, cell: (j) => <><Text>{j.name}</Text>{j.attempts > 1 ? <span className="badge"><Icon name="redriven" size={11} />{j.attempts} attempts</span> : null}</> },
    { id: 'queue', name: 'Queue', width: 'minmax(100px, 160px)', minor: true, cell: (j) => <Text className="muted">{tail(j.queue.replace(/^.*\//, ':'))}</Text> },
    { id: 'created', name: 'Created', width: '146px', sort: (j) => j.created, cell: (j) => <Time at={j.created} /> },
    { id: 'took', name: 'Took', width: '80px', align: 'right', sort: (j) => (j.started !== undefined ? (j.stopped ?? now) - j.started : undefined), cell: (j) => (j.started !== undefined ? duration((j.stopped ?? now) - j.started) : '') },
    { id: 'why', name: 'Why', width: 'minmax(160px, 2fr)', cell: (j) => (j.why ? <span className="clip" dir="auto" title={j.why}>{j.why}</span> : j.reason && j.status !== 'SUCCEEDED' ? <span className={`clip ${j.status === 'FAILED' ? 'toned tone-failed' : 'faint'}`} dir="auto" title={j.reason}>{j.reason}</span> : null) },
    { id: 'run', name: 'Run', width: 'minmax(90px, 150px)', minor: true, cell: (j) => (j.execution ? <Link to={to.execution(j.execution)}><Text>{tail(j.execution)}</Text></Link> : <span className="faint">–</span>) },
  ], [now]);
  return (
    <div className="runs">
      <div className="lines">
        <input type="search" data-search className="filter" value={typed} onChange={(e) => setTyped(e.target.value)} placeholder="Name or reason" aria-label="Filter jobs" />
        <div className="segments" role="group" aria-label="Status">
          {filters.map((s) => <button key={s} className="segment" aria-pressed={status === s} onClick={() => setParams({ status: s || undefined })}>{s === '' ? 'All' : s[0] + s.slice(1).toLowerCase()}</button>)}
        </div>
      </div>
      {error ? <Problem error={error} /> : null}
      {rows === undefined ? (error ? null : <Loading />) : (
        <Table label="Jobs" rows={rows} columns={columns} rowKey={(j) => j.id} fit onOpen={(j) => navigate(to.job(j.id))} onEnd={more} empty={<span className="muted">No job {queue || status || text ? 'is like this' : 'was submitted yet'}.</span>} />
      )}
    </div>
  );
}
