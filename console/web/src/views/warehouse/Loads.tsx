import { useMemo } from 'react';
import { useQuery } from '../../api/cache';
import { get, query, session } from '../../api/client';
import { setParams, useParam, useUrl } from '../../app/router';
import { count, duration, exact, plural } from '../../lib/format';
import { useStore } from '../../lib/store';
import { Await, Empty, Status, Text, Time } from '../../ui/bits';
import { Dialog } from '../../ui/dialog';
import { Table, type Column } from '../../ui/table';
import type { Load, LoadError, Statement } from './types';

/** Since tells from when on a list is whole. */
function Since({ children }: { children: string }): React.ReactElement | null {
  const at = useStore(session)?.started;
  return at ? <span className="small muted" title={exact(at)}>{children} <Time at={at} />.</span> : null;
}

/** Loads lists what COPY has loaded, and the rows that it rejected. */
export function Loads({ cluster }: { cluster: string }): React.ReactElement {
  const { query: q } = useUrl();
  const chosen = q.get('load') ?? '';
  const loads = useQuery(`loads ${cluster}`, (s) => get<{ loads: Load[] }>(query('/api/loads', { cluster }), s), { on: (c) => c.topic === 'warehouse' || c.topic === 'job' });
  const columns = useMemo<Column<Load>[]>(() => [
    { id: 'status', name: 'Status', width: '110px', sort: (l) => l.status, cell: (l) => <Status value={l.status === 'loaded' ? (l.errors ? 'CAUGHT' : 'LOADED') : 'FAILED'} label={l.status === 'loaded' ? (l.errors ? 'With errors' : 'Loaded') : 'Failed'} /> },
    { id: 'table', name: 'Table', width: 'minmax(110px, 1fr)', sort: (l) => l.table, cell: (l) => <Text mono>{l.table ?? ''}</Text> },
    { id: 'source', name: 'From', width: 'minmax(200px, 2fr)', minor: true, cell: (l) => <Text className="muted">{l.source + (l.files > 1 ? ` and ${l.files - 1} more` : '')}</Text> },
    { id: 'rows', name: 'Rows', width: '100px', align: 'right', sort: (l) => l.rows, cell: (l) => (l.rows !== undefined ? count(l.rows) : l.status === 'loaded' ? <span className="faint" title="The warehouse tells the rows of loads since it began">–</span> : '') },
    { id: 'errors', name: 'Rejected', width: '84px', align: 'right', sort: (l) => l.errors, cell: (l) => (l.errors ? <span className="toned tone-failed">{count(l.errors)}</span> : '') },
    { id: 'ms', name: 'Took', width: '80px', align: 'right', sort: (l) => l.ms, cell: (l) => (l.ms === undefined ? '' : duration(l.ms)) },
    { id: 'at', name: 'At', width: '150px', sort: (l) => l.at, cell: (l) => <Time at={l.at || undefined} /> },
  ], []);
  return (
    <div className="full-body">
      <Await of={loads}>
        {(d) =>
          d.loads.length === 0 ? (
            <Empty icon="warehouse" title="Nothing was loaded yet">
              COPY loads files from a bucket. Open an object and choose “make a COPY from this”, or write
              <pre>COPY sales FROM 's3://bucket/sales/' IAM_ROLE '…' CSV;</pre>
            </Empty>
          ) : (
            <>
              {d.loads.some((l) => l.status === 'loaded' && l.rows === undefined) ? <div className="list-note"><Since>Rows and durations are kept since the warehouse began at</Since></div> : null}
              <Table rows={d.loads} columns={columns} rowKey={(l) => l.id} label="Loads" onOpen={(l) => setParams({ load: l.id }, { push: true })} selected={chosen || undefined} />
            </>
          )
        }
      </Await>
      {chosen ? <Rejected cluster={cluster} id={chosen} load={loads.data?.loads.find((l) => l.id === chosen)} /> : null}
    </div>
  );
}

function Rejected({ cluster, id, load }: { cluster: string; id: string; load: Load | undefined }): React.ReactElement {
  const errors = useQuery(`loaderrors ${cluster} ${id}`, (s) => get<{ errors: LoadError[] }>(query('/api/loaderrors', { cluster, query: id }), s));
  return (
    <Dialog title={`Load ${id}${load?.table ? ` into ${load.table}` : ''}`} wide onClose={() => setParams({ load: undefined })}>
      <div className="dialog-body rejected">
        <Await of={errors}>
          {(d) =>
            d.errors.length === 0 ? <Empty title="No row was rejected">{load ? `${load.rows === undefined ? 'The rows' : plural(load.rows, 'row')} of ${plural(load.files, 'file')} were loaded.` : ''}</Empty> : (
              <ol className="faults">
                {d.errors.map((e, i) => (
                  <li key={i}>
                    <div className="lines"><b className="toned tone-failed" dir="auto">{e.reason}</b><span className="faint small">{e.code ? `code ${e.code}` : ''}</span></div>
                    <div className="small muted wrap" dir="auto">{e.file} · line {count(e.line)} · column <span className="mono">{e.column}</span>{e.type ? ` (${e.type.trim()})` : ''}</div>
                    <pre className="wrap small" dir="auto">{mark(e.raw, e.value)}</pre>
                  </li>
                ))}
              </ol>
            )
          }
        </Await>
      </div>
    </Dialog>
  );
}

/** mark shows the rejected value within its line. */
function mark(raw: string, value: string): React.ReactNode {
  const at = value === '' ? -1 : raw.indexOf(value);
  if (at < 0) return raw || value;
  return <>{raw.slice(0, at)}<mark>{value}</mark>{raw.slice(at + value.length)}</>;
}

/** Statements lists what ran and runs in the warehouse. */
export function Statements({ cluster, onOpen }: { cluster: string; onOpen: (sql: string) => void }): React.ReactElement {
  const [own, setOwn] = useParam('own', '');
  const list = useQuery(`statements ${cluster} ${own}`, (s) => get<{ queries: Statement[] }>(query('/api/queries', { cluster, limit: 500, own: own || undefined }), s), { every: 3000, on: (c) => c.topic === 'warehouse' });
  const columns = useMemo<Column<Statement>[]>(() => [
    { id: 'status', name: 'Status', width: '112px', sort: (s) => s.status, cell: (s) => <Status value={s.status === 'success' ? 'SUCCEEDED' : s.status === 'canceled' ? 'CANCELLED' : s.status.toUpperCase()} /> },
    { id: 'sql', name: 'Statement', width: 'minmax(260px, 4fr)', cell: (s) => <bdi className="mono small" title={s.sql.slice(0, 3000)}>{s.sql.replace(/\s+/g, ' ').slice(0, 300)}</bdi> },
    { id: 'error', name: 'Error', width: 'minmax(80px, 1fr)', minor: true, cell: (s) => (s.error ? <span className={`clip ${s.status === 'canceled' ? 'muted' : 'toned tone-failed'}`} dir="auto" title={s.error}>{s.error}</span> : null) },
    { id: 'rows', name: 'Rows', width: '80px', align: 'right', sort: (s) => s.rows, cell: (s) => (s.rows ? count(s.rows) : '') },
    { id: 'ms', name: 'Took', width: '80px', align: 'right', sort: (s) => s.ms, cell: (s) => duration(s.ms) },
    { id: 'at', name: 'Began', width: '150px', sort: (s) => s.start, cell: (s) => <Time at={s.start || undefined} /> },
    { id: 'pid', name: 'Session', width: '76px', align: 'right', minor: true, cell: (s) => <span className="faint">{s.pid ?? ''}</span> },
  ], []);
  return (
    <div className="full-body">
      <div className="list-note lines">
        <Since>Statements since the warehouse began at</Since>
        <label className="small line"><input type="checkbox" checked={own !== ''} onChange={(e) => setOwn(e.target.checked ? '1' : '')} /> The console’s own too</label>
      </div>
      <Await of={list}>
        {(d) => <Table rows={d.queries} columns={columns} rowKey={(s) => s.id} label="Statements" onOpen={(s) => onOpen(s.sql)} empty={<span className="faint">No statement has run since the warehouse started.</span>} />}
      </Await>
    </div>
  );
}
