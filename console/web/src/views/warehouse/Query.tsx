import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from '../../api/cache';
import { get, query, request, send } from '../../api/client';
import { setParams, useUrl } from '../../app/router';
import type { Saved } from '../../api/types';
import { count, duration, plural } from '../../lib/format';
import { Await, Empty, Problem, useNow } from '../../ui/bits';
import { confirm, Dialog } from '../../ui/dialog';
import { Editor, type EditorHandle, type Mark } from '../../ui/editor';
import { Icon } from '../../ui/icon';
import { toast, toastError } from '../../ui/toast';
import { Grid } from './Grid';
import { chartOf, csv, readRun, type Result } from './run';
import { About, Tree } from './Tree';
import type { Catalog } from './types';

const Chart = lazy(() => import('./Chart'));

const draftKey = 'warehouse.sql';

/** tab is this browser tab's session with the warehouse: temporary tables and transactions are its own. */
const tab = `tab-${crypto.randomUUID()}`;

/** Query: the editor with the catalog beside it and the results below. */
export function Query({ cluster, start }: { cluster: string; start: string | undefined }): React.ReactElement {
  const [sql, setSQL] = useState(() => start ?? localStorage.getItem(draftKey) ?? '');
  const [results, setResults] = useState<Result[]>([]);
  const [running, setRunning] = useState<{ id: string; at: number } | null>(null);
  const [error, setError] = useState<Error>();
  const [marks, setMarks] = useState<Mark[]>([]);
  const [chosen, setChosen] = useState(0);
  const [maxRows, setMaxRows] = useState(10_000);
  // What is opened from elsewhere takes the editor; what stood there can be brought back.
  const [before, setBefore] = useState(() => (start === undefined ? '' : (localStorage.getItem(draftKey) ?? '')));
  const { query: q } = useUrl();
  const editor = useRef<EditorHandle>(null);
  const catalog = useQuery(`catalog ${cluster}`, (s) => get<Catalog>(query('/api/catalog', { cluster }), s), { on: (c) => c.topic === 'warehouse' });
  const now = useNow(running ? 200 : 0);
  const about = useMemo(() => {
    for (const s of catalog.data?.schemas ?? []) for (const t of s.tables) if (`${s.name}.${t.name}` === q.get('table')) return { schema: s.name, table: t };
    return undefined;
  }, [catalog.data, q]);

  useEffect(() => {
    if (start !== undefined) setParams({ sql: undefined }); // it is in the editor now, and may be changed there
    // eslint-disable-next-line
  }, []);
  useEffect(() => {
    const t = setTimeout(() => localStorage.setItem(draftKey, sql), 300);
    return () => clearTimeout(t);
  }, [sql]);

  const schema = useMemo(() => {
    const all: Record<string, Record<string, string[]>> = {};
    for (const s of catalog.data?.schemas ?? []) {
      const tables: Record<string, string[]> = {};
      for (const t of s.tables) tables[t.name] = t.columns.map((c) => c.name);
      all[s.name] = tables;
    }
    return { ...all, ...(all.public ?? {}) };
  }, [catalog.data]);

  const run = useCallback(
    async (text: string, offset: number): Promise<void> => {
      if (text.trim() === '' || running) return;
      const id = crypto.randomUUID();
      setRunning({ id, at: Date.now() });
      setError(undefined);
      setMarks([]);
      setResults([]);
      setChosen(0);
      try {
        const res = await request('POST', '/api/sql', JSON.stringify({ id, session: tab, sql: text, cluster, maxRows }));
        let drawn = 0;
        await readRun(res.body!, (all, ended) => {
          if (!ended && performance.now() - drawn < 100) return; // not more often than it is seen
          drawn = performance.now();
          setResults(all.map((r) => ({ ...r, rows: r.rows })));
          setChosen(Math.max(0, pick(all)));
          const bad = all.find((r) => r.error && !cancelled(r));
          if (bad?.error) {
            const at = offset + (bad.error.position ?? bad.start);
            setMarks([{ from: at, to: bad.error.position === undefined ? offset + bad.end : at + word(text, bad.error.position), severity: 'error', message: bad.error.message }]);
          }
        });
      } catch (e) {
        setError(e instanceof Error ? e : new Error(String(e)));
      } finally {
        setRunning(null);
        catalog.refetch();
      }
    },
    [running, cluster, maxRows, catalog],
  );

  const runNow = (prefix = ''): void => {
    const s = editor.current?.selection();
    const part = s && s.text.trim() !== '' ? s : { text: sql, from: 0 };
    void run(prefix + part.text, part.from - prefix.length);
  };
  const cancel = (): void => {
    if (running) send('POST', '/api/sql/cancel', { id: running.id }).catch((e: unknown) => toastError('The statement could not be cancelled', e));
  };

  return (
    <div className="query">
      <aside className="query-side" aria-label="Tables">
        <Await of={catalog}>{(c) => <Tree catalog={c} onInsert={(t) => editor.current?.insert(t)} onLook={(s, t) => setParams({ table: `${s}.${t.name}` })} />}</Await>
      </aside>
      <div className="query-main">
        <div className="query-bar lines">
          {running ? (
            <button className="button button-danger" onClick={cancel}><Icon name="stop" size={13} /> Cancel</button>
          ) : (
            <button className="button button-primary" onClick={() => runNow()} disabled={sql.trim() === ''} title="Runs what is selected, or all"><Icon name="play" size={13} /> Run</button>
          )}
          <button className="button" onClick={() => runNow('EXPLAIN ')} disabled={!!running || sql.trim() === ''}>Plan</button>
          <span className="faint small nowrap"><kbd>Ctrl</kbd> <kbd>Enter</kbd></span>
          {running ? <span className="toned tone-running num small" role="status">{duration(now - running.at)}</span> : null}
          <span className="grow" />
          {before.trim() !== '' && before !== sql ? <button className="button" onClick={() => { setSQL(before); setBefore(''); }}>Back to what stood here</button> : null}
          <label className="small muted line">Rows
            <select value={maxRows} onChange={(e) => setMaxRows(Number(e.target.value))} aria-label="Rows at most">
              {[100, 1000, 10_000, 100_000].map((n) => <option key={n} value={n}>{count(n)}</option>)}
            </select>
          </label>
          <SavedQueries cluster={cluster} sql={sql} onOpen={setSQL} />
        </div>
        <Editor value={sql} onChange={setSQL} language="sql" label="SQL" marks={marks} schema={schema} height="38%" handle={editor} placeholder="select …" onRun={(text, from) => void run(text.trim() === '' ? sql : text, text.trim() === '' ? 0 : from)} />
        <div className="query-results">
          {error ? <Problem error={error} title="The statement could not be sent" /> : null}
          {results.length === 0 && !error ? (
            running ? null : <Empty icon="warehouse" title="Nothing has run yet">Write SQL above; names complete as you type. A selection runs alone. Temporary tables and transactions last as long as this tab.</Empty>
          ) : (
            <Results results={results} chosen={chosen} onChoose={setChosen} onFault={(at) => editor.current?.reveal(at)} marks={marks} />
          )}
        </div>
      </div>
      {about ? <Dialog title={about.table.name} wide onClose={() => setParams({ table: undefined })}><About schema={about.schema} table={about.table} onSelect={(text) => { setParams({ table: undefined }); editor.current?.insert(text); }} /></Dialog> : null}
    </div>
  );
}

/** pick chooses what to show of a run: the error, or else the last statement with rows. */
function pick(all: Result[]): number {
  const bad = all.findIndex((r) => r.error);
  if (bad >= 0) return bad;
  for (let i = all.length - 1; i >= 0; i--) if (all[i]!.columns) return i;
  return all.length - 1;
}

/** cancelled: SQLSTATE query_canceled, which is no fault of the statement. */
const cancelled = (r: Result): boolean => r.error?.code === '57014';

const word = (text: string, at: number): number => Math.max(1, /^[\w$."]*/.exec(text.slice(at))?.[0].length ?? 1);

function Results({ results, chosen, onChoose, onFault, marks }: { results: Result[]; chosen: number; onChoose: (i: number) => void; onFault: (at: number) => void; marks: Mark[] }): React.ReactElement {
  const r = results[Math.min(chosen, results.length - 1)]!;
  const [chart, setChart] = useState(false);
  const series = useMemo(() => (r.columns && r.done ? chartOf(r.columns, r.rows) : undefined), [r]);
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([csv(r.columns ?? [], r.rows)], { type: 'text/csv' }));
    const a = document.createElement('a');
    a.href = url;
    a.download = 'result.csv';
    a.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <>
      <div className="result-bar lines">
        {results.length > 1 ? (
          <div className="segments" role="group" aria-label="Statements">
            {results.slice(0, 30).map((x, i) => (
              <button key={i} className={`segment ${x.error && !cancelled(x) ? 'toned tone-failed' : ''}`} aria-pressed={i === chosen} onClick={() => onChoose(i)}>{i + 1}{x.error && !cancelled(x) ? ' ✕' : ''}</button>
            ))}
          </div>
        ) : null}
        {r.done ? (
          <span className="small" role="status">
            <b>{r.done.tag}</b> <span className="muted num">in {duration(r.done.ms)}</span>
            {r.done.truncated ? <span className="toned tone-timedout"> · the first {plural(r.rows.length, 'row')}; there are more</span> : null}
          </span>
        ) : r.error ? null : <span className="small muted num">{r.rows.length > 0 ? `${count(r.rows.length)} rows so far` : 'running'}</span>}
        <span className="grow" />
        {series ? (
          <div className="segments" role="group" aria-label="Show as">
            <button className="segment" aria-pressed={!chart} onClick={() => setChart(false)}>Rows</button>
            <button className="segment" aria-pressed={chart} onClick={() => setChart(true)}>Chart</button>
          </div>
        ) : null}
        {r.columns && r.done ? <button className="button button-small" onClick={download}><Icon name="download" size={13} /> CSV</button> : null}
      </div>
      {r.notices.map((n, i) => <div key={i} className="notice small" dir="auto"><b>{n.severity}</b> {n.message}</div>)}
      {cancelled(r) ? <div className="notice small" role="status"><b>Cancelled</b>{r.rows.length > 0 ? ` after ${plural(r.rows.length, 'row')}` : ''}. {/user request/.test(r.error!.message) ? null : <bdi>{r.error!.message}</bdi>}</div> : null}
      {r.error && !cancelled(r) ? (
        <div className="problem" role="alert">
          <Icon name="failed" size={18} />
          <div className="grow">
            <div className="problem-title" dir="auto">{r.error.message}</div>
            <div className="muted small">SQLSTATE {r.error.code}{r.error.detail ? ` · ${r.error.detail}` : ''}</div>
            {r.error.hint ? <div className="small" dir="auto">{r.error.hint}</div> : null}
          </div>
          {marks[0] ? <button className="button button-small" onClick={() => onFault(marks[0]!.from)}>Show the place</button> : null}
        </div>
      ) : null}
      {r.columns ? (
        chart && series ? <Suspense fallback={null}><Chart series={series} /></Suspense> : <Grid key={`${chosen} ${r.columns.map((c) => c.name).join()}`} columns={r.columns} rows={r.rows} label="Rows of the result" />
      ) : null}
    </>
  );
}

function SavedQueries({ cluster, sql, onOpen }: { cluster: string; sql: string; onOpen: (sql: string) => void }): React.ReactElement {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const key = `saved queries ${cluster}`;
  const saved = useQuery(open ? key : null, (s) => get<{ items: Saved[] }>(`/api/saved?${new URLSearchParams({ kind: 'queries', for: cluster })}`, s), { on: (c) => c.topic === 'saved' });
  const save = async (): Promise<void> => {
    try {
      await send('PUT', '/api/saved', { kind: 'queries', for: cluster, name, body: sql });
      toast({ kind: 'ok', text: `Saved as ${name}` });
      setName('');
      saved.refetch();
    } catch (e) {
      toastError('The query was not saved', e);
    }
  };
  const remove = async (s: Saved): Promise<void> => {
    setOpen(false);
    if (!(await confirm({ title: `Delete ${s.name}?`, body: 'The saved query is deleted for everybody.', action: 'Delete', danger: true }))) return;
    await send('DELETE', query('/api/saved', { id: s.id })).catch((e: unknown) => toastError('It was not deleted', e));
  };
  return (
    <>
      <button className="button" onClick={() => setOpen(true)}><Icon name="folder" size={13} /> Saved</button>
      {open ? (
        <Dialog title="Saved queries" onClose={() => setOpen(false)}>
          <form className="dialog-body line" onSubmit={(e) => { e.preventDefault(); void save(); }}>
            <input className="grow" value={name} onChange={(e) => setName(e.target.value)} placeholder="Name for what is in the editor" aria-label="Name" maxLength={200} />
            <button className="button button-primary" disabled={name === '' || sql.trim() === ''}>Save</button>
          </form>
          <Await of={saved}>
            {(d) =>
              d.items.length === 0 ? <Empty title="None yet">Saved queries are kept on the server, for every browser.</Empty> : (
                <ul className="list">
                  {d.items.map((s) => (
                    <li key={s.id} className="list-row">
                      <button className="link-button grow clip" dir="auto" title={s.body.slice(0, 1000)} onClick={() => { onOpen(s.body); setOpen(false); }}>{s.name}</button>
                      <button className="icon-button" aria-label={`Delete ${s.name}`} onClick={() => void remove(s)}><Icon name="trash" size={14} /></button>
                    </li>
                  ))}
                </ul>
              )
            }
          </Await>
        </Dialog>
      ) : null}
    </>
  );
}
