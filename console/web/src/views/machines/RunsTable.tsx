import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { get, query } from '../../api/client';
import { anew, onChange } from '../../api/live';
import type { ExecutionRow } from '../../api/types';
import { navigate, setParams, to, useUrl } from '../../app/router';
import { duration } from '../../lib/format';
import { pace } from '../../lib/pace';
import { Empty, Loading, Problem, Status, Text, Time, useNow } from '../../ui/bits';
import { Icon } from '../../ui/icon';
import { Table, type Column } from '../../ui/table';

interface Page {
  executions: ExecutionRow[];
  next?: string;
}

const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** RunsTable lists executions, filtered by status and text; more are read as one scrolls. */
export function RunsTable({ machine, mapRun, fit, onOpen, selected, status: fixed }: { machine?: string; mapRun?: string; fit?: boolean; onOpen?: (r: ExecutionRow) => void; selected?: string | undefined; status?: string }): React.ReactElement {
  const { query: q } = useUrl();
  const status = fixed ?? q.get('status') ?? '';
  const text = q.get('q') ?? '';
  const [typed, setTyped] = useState(text);
  const [rows, setRows] = useState<ExecutionRow[]>();
  const [next, setNext] = useState<string>();
  const [error, setError] = useState<Error>();
  const busy = useRef(false);
  const now = useNow(rows?.some((r) => r.status === 'RUNNING') ? 1000 : 0);

  useEffect(() => {
    const t = setTimeout(() => typed !== text && setParams({ q: typed || undefined }), 250);
    return () => clearTimeout(t);
    // eslint-disable-next-line
  }, [typed]);

  const read = useCallback(async (from: string | undefined, signal?: AbortSignal): Promise<Page> => {
    // With a text the server may answer an empty page that goes on: follow it for a while.
    let at = from;
    const found: ExecutionRow[] = [];
    for (let i = 0; i < 10; i++) {
      const p = await get<Page>(query('/api/executions', { machine, mapRun, status, q: text, limit: 100, next: at }), signal);
      found.push(...p.executions);
      at = p.next;
      if (at === undefined || found.length >= 50) break;
    }
    return at === undefined ? { executions: found } : { executions: found, next: at };
  }, [machine, mapRun, status, text]);

  useEffect(() => {
    const abort = new AbortController();
    setRows(undefined);
    setNext(undefined);
    const first = (): void => {
      read(undefined, abort.signal).then(
        (p) => {
          if (abort.signal.aborted) return;
          setError(undefined);
          // What was read further down stays.
          setRows((before) => {
            const fresh = new Set(p.executions.map((e) => e.arn));
            const oldest = p.executions[p.executions.length - 1]?.start ?? 0;
            return [...p.executions, ...(before ?? []).filter((b) => !fresh.has(b.arn) && b.start <= oldest && p.next !== undefined)];
          });
          setNext((n) => n ?? p.next);
        },
        (e: unknown) => !abort.signal.aborted && setError(e as Error),
      );
    };
    const again = pace(first, 250);
    again();
    const stop = onChange((c) => {
      if (c.topic === anew || (c.topic === 'execution' && c.status !== undefined)) again();
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
    read(next).then(
      (p) => {
        setRows((r) => {
          const known = new Set((r ?? []).map((x) => x.arn));
          return [...(r ?? []), ...p.executions.filter((x) => !known.has(x.arn))];
        });
        setNext(p.next);
      },
      (e: unknown) => setError(e as Error),
    ).finally(() => {
      busy.current = false;
    });
  }, [next, read]);

  const columns = useMemo<Column<ExecutionRow>[]>(() => [
    { id: 'status', name: 'Status', width: '122px', cell: (r) => <Status value={r.status} /> },
    ...(machine || mapRun ? [] : [{ id: 'machine', name: 'Machine', width: 'minmax(120px, 1fr)', cell: (r: ExecutionRow) => <Text>{r.machineName}</Text> }]),
    { id: 'name', name: 'Run', width: 'minmax(150px, 1.4fr)', cell: (r) => <><Text>{r.name}</Text>{r.redrives ? <span className="badge"><Icon name="redriven" size={11} />{r.redrives}</span> : null}{r.version ? <span className="badge">v{r.version}</span> : null}</> },
    { id: 'start', name: 'Started', width: '150px', cell: (r) => <Time at={r.start} /> },
    { id: 'took', name: 'Took', width: '84px', align: 'right', cell: (r) => duration((r.stop ?? now) - r.start) },
    { id: 'what', name: 'Error or input', width: 'minmax(140px, 2fr)', minor: true, cell: (r) => (r.error ? <code className="toned tone-failed clip block">{r.error}</code> : <code className="faint clip block"><bdi>{r.input ?? ''}</bdi></code>) },
  ], [machine, mapRun, now]);

  return (
    <div className={fit ? 'runs' : 'runs runs-full'}>
      <div className="lines">
        <input type="search" data-search className="filter" value={typed} onChange={(e) => setTyped(e.target.value)} placeholder="Name, error or input" aria-label="Filter runs" />
        {fixed === undefined ? (
          <div className="segments" role="group" aria-label="Status">
            {['', ...statuses].map((s) => (
              <button key={s} className="segment" aria-pressed={status === s} onClick={() => setParams({ status: s || undefined })}>{s === '' ? 'All' : s === 'TIMED_OUT' ? 'Timed out' : s[0] + s.slice(1).toLowerCase()}</button>
            ))}
          </div>
        ) : null}
      </div>
      {error ? <Problem error={error} /> : null}
      {rows === undefined ? (error ? null : <Loading />) : (
        <Table
          label="Runs"
          rows={rows}
          columns={columns}
          rowKey={(r) => r.arn}
          onOpen={onOpen ?? ((r) => navigate(to.execution(r.arn)))}
          selected={selected}
          fit={fit ?? false}
          onEnd={more}
          empty={status || text ? <span className="muted">No run is like this.</span> : <Empty title="No run yet">“Start” runs the machine now; a schedule or a trigger runs it by itself.</Empty>}
        />
      )}
    </div>
  );
}
