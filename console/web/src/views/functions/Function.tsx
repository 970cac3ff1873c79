import { useEffect, useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { ApiError, aws, get, query, send } from '../../api/client';
import type { Saved } from '../../api/types';
import { Link, useParam, usePathParam } from '../../app/router';
import { bytes, duration, millis, plural, when } from '../../lib/format';
import { languageOf } from '../../lib/language';
import { Await, Copy, Empty, Facts, Problem, Status, Tabs, Text, Time } from '../../ui/bits';
import { confirm, Dialog } from '../../ui/dialog';
import { Difference } from '../../ui/difference';
import { Editor } from '../../ui/editor';
import { Icon } from '../../ui/icon';
import { Json, pretty } from '../../ui/json';
import { Log } from '../../ui/log';
import { ansi } from '../../lib/ansi';
import { toast, toastError } from '../../ui/toast';
import { jsonMarks } from '../machine/Start';
import type { Configuration } from './Functions';
import '../execution/execution.css';
import './functions.css';

interface File_ {
  name: string;
  size: number;
  text: string;
  binary?: boolean;
  cut?: boolean;
}

interface Timing {
  at: number;
  ms: number;
  initMs?: number;
  billedMs?: number;
  memoryMB?: number;
  requestId: string;
  error?: boolean;
}

interface Page {
  configuration: Configuration;
  files: File_[];
  logGroup: string;
  environments?: number;
  timings: Timing[];
}

/** Function: its code and configuration, invoking it with saved events, its log, cold and warm timings. */
export default function FunctionView(): React.ReactElement {
  const name = usePathParam('name');
  const [tab, setTab] = useParam('tab', 'invoke');
  const page = useQuery(`function ${name}`, (s) => get<Page>(query('/api/function', { name }), s), { on: (c) => c.topic === 'function' && c.key === name });
  return (
    <Await of={page} place={{ list: 'Functions', href: '/functions', kind: 'function', name }}>
      {(p) => (
        <div className="full">
          <div className="full-head">
            <div className="crumbs"><Link to="/functions">Functions</Link></div>
            <div className="page-head">
              <h1 className="clip"><Text>{name}</Text></h1>
              <Copy text={p.configuration.FunctionArn} label="Copy the ARN" />
              <Status value={(p.configuration.State ?? 'ACTIVE').toUpperCase()} />
              <span className="muted">{p.configuration.Runtime}</span>
              <span className="faint">{p.configuration.MemorySize} MB, {p.configuration.Timeout} s</span>
              {p.environments !== undefined ? <span className="faint">{p.environments} warm</span> : null}
            </div>
            <Tabs label="Parts of the function" value={tab} onChange={setTab} tabs={[{ id: 'invoke', name: 'Invoke' }, { id: 'code', name: 'Code', count: p.files.length }, { id: 'log', name: 'Log' }, { id: 'timings', name: 'Timings' }, { id: 'configuration', name: 'Configuration' }]} />
          </div>
          <div className="full-body fn-body">
            {tab === 'code' ? <Code page={p} name={name} after={page.refetch} /> : tab === 'log' ? <Log group={p.logGroup} /> : tab === 'timings' ? <Timings list={p.timings} /> : tab === 'configuration' ? <Config c={p.configuration} /> : <Invoke name={name} after={page.refetch} />}
          </div>
        </div>
      )}
    </Await>
  );
}

interface Answer {
  StatusCode?: number;
  FunctionError?: string;
  Payload?: string;
  LogResult?: string;
  ExecutedVersion?: string;
}

const decode = (b64: string | undefined): string => (b64 ? new TextDecoder().decode(Uint8Array.from(atob(b64), (c) => c.charCodeAt(0))) : '');
const encode = (s: string): string => {
  let out = '';
  const b = new TextEncoder().encode(s);
  for (let i = 0; i < b.length; i += 8192) out += String.fromCharCode(...b.subarray(i, i + 8192));
  return btoa(out);
};

function Invoke({ name, after }: { name: string; after: () => void }): React.ReactElement {
  const [text, setText] = useState('{}');
  const [answer, setAnswer] = useState<{ a: Answer; ms: number }>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const [title, setTitle] = useState('');
  const saved = useQuery(`saved events ${name}`, (s) => get<{ items: Saved[] }>(query('/api/saved', { kind: 'events', for: name }), s), { on: (c) => c.topic === 'saved' });
  const marks = useMemo(() => jsonMarks(text), [text]);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const t = performance.now();
    try {
      const a = await aws<Answer>('lambda', 'Invoke', { FunctionName: name, Payload: encode(text), InvocationType: 'RequestResponse', LogType: 'Tail' });
      setAnswer({ a, ms: performance.now() - t });
      after();
    } catch (e) {
      setError(e as Error);
    } finally {
      setBusy(false);
    }
  };
  const save = async (): Promise<void> => {
    try {
      await send('PUT', '/api/saved', { kind: 'events', for: name, name: title, body: text });
      toast({ kind: 'ok', text: `Saved as ${title}` });
      setTitle('');
      saved.refetch();
    } catch (e) {
      toastError('The event was not saved', e);
    }
  };
  const remove = async (s: Saved): Promise<void> => {
    if (!(await confirm({ title: `Delete ${s.name}?`, body: 'The saved event is deleted for everybody.', action: 'Delete', danger: true }))) return;
    await send('DELETE', query('/api/saved', { id: s.id })).then(() => saved.refetch(), (e: unknown) => toastError('The event was not deleted', e));
  };
  const log = decode(answer?.a.LogResult);
  return (
    <div className="invoke">
      <div className="stack">
        <div className="lines"><h2>Event</h2><span className="grow" /><button className="button button-primary" disabled={busy || marks.length > 0} onClick={() => void run()}><Icon name={busy ? 'running' : 'play'} className={busy ? 'spin' : ''} />Invoke</button></div>
        <Editor value={text} onChange={setText} language="json" label="Event" marks={marks} height={280} onRun={() => void run()} />
        <div className="lines">
          {(saved.data?.items ?? []).map((s) => (
            <span key={s.id} className="chip">
              <button className="link-button" onClick={() => setText(pretty(s.body))}><Text>{s.name}</Text></button>
              <button className="icon-button" aria-label={`Delete ${s.name}`} onClick={() => void remove(s)}><Icon name="close" size={12} /></button>
            </span>
          ))}
          <form className="line" onSubmit={(e) => { e.preventDefault(); if (title) void save(); }}>
            <input type="text" value={title} onChange={(e) => setTitle(e.target.value)} placeholder="Name of this event" aria-label="Name of this event" />
            <button className="button" disabled={!title || marks.length > 0}>Save event</button>
          </form>
        </div>
      </div>
      <div className="stack">
        <h2>Answer</h2>
        {error ? <Problem error={error} /> : null}
        {answer ? (
          <>
            <div className="lines"><Status value={answer.a.FunctionError ? 'FAILED' : 'SUCCEEDED'} label={answer.a.FunctionError ? `Failed: ${answer.a.FunctionError}` : 'Succeeded'} /><span className="num muted">{duration(answer.ms)}</span></div>
            <Json title="Payload" text={decode(answer.a.Payload)} max={300} />
            {log ? <div className="log invoke-log"><pre className="json-text">{log.split('\n').map((l, i) => <div key={i} dir="auto">{ansi(l).map((r, k) => <span key={k} className={r.cls}>{r.text}</span>)}{'\u200b'}</div>)}</pre></div> : null}
          </>
        ) : error ? null : (
          <p className="muted">Ctrl Enter invokes it. The answer and the end of its log appear here.</p>
        )}
      </div>
    </div>
  );
}

/** Code shows the files of the package; those that are texts can be changed. What others save meanwhile is not lost. */
function Code({ page, name, after }: { page: Page; name: string; after: () => void }): React.ReactElement {
  const { files } = page;
  const [at, setAt] = useState('');
  const [base, setBase] = useState(page);
  const [mine, setMine] = useState<Record<string, string>>({});
  const [theirs, setTheirs] = useState<Page>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const f = files.find((x) => x.name === at) ?? files.find((x) => x.name.replace(/\.[a-z]+$/, '') === (page.configuration.Handler ?? '').replace(/\.[^.]*$/, '')) ?? files[0];
  const changed = Object.keys(mine);
  const revision = (p: Page): string => p.configuration.RevisionId ?? '';
  useEffect(() => {
    if (changed.length === 0) setBase(page);
  }, [page, changed.length]);
  if (!f) return <Empty title="No code to show">The function runs from an image.</Empty>;
  const textOf = (p: Page, n: string): string => p.files.find((x) => x.name === n)?.text ?? '';
  const edit = (text: string): void => setMine((m) => {
    const { [f.name]: _, ...rest } = m;
    return text === textOf(base, f.name) ? rest : { ...rest, [f.name]: text };
  });
  const save = async (rev: string): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await send('PUT', '/api/function/code', { name, revision: rev, files: changed.map((n) => ({ name: n, text: mine[n] })) });
      setMine({});
      setTheirs(undefined);
      toast({ kind: 'ok', text: 'Saved. The next invocation runs this code.' });
      after();
    } catch (e) {
      if (e instanceof ApiError && e.status === 412) await get<Page>(query('/api/function', { name })).then(setTheirs, setError);
      else setError(e as Error);
    } finally {
      setBusy(false);
    }
  };
  const drop = async (): Promise<void> => {
    if (await confirm({ title: 'Drop your changes?', body: `${plural(changed.length, 'file')} ${changed.length === 1 ? 'goes' : 'go'} back to what is saved.`, action: 'Drop changes', danger: true })) setMine({});
  };
  const editable = !f.binary && !f.cut;
  return (
    <>
      <div className="lines">
        {changed.length > 0 ? <span className="badge">{plural(changed.length, 'file')} edited, not saved</span> : <span className="faint small">{editable ? 'A change is saved with its own button; the next invocation runs it.' : ''}</span>}
        {changed.length > 0 && revision(page) !== revision(base) ? <span className="toned tone-timedout small"><Icon name="caught" size={13} /> Somebody has changed the function meanwhile</span> : null}
        <span className="grow" />
        {changed.length > 0 ? <button className="button button-small" onClick={() => void drop()}>Drop changes</button> : null}
        <button className="button button-small button-primary" disabled={changed.length === 0 || busy} onClick={() => void save(revision(base))}>Save code</button>
      </div>
      {error ? <Problem error={error} title="Not saved" /> : null}
      <div className="code">
        <ul className="code-files" aria-label="Files">
          {files.map((x) => <li key={x.name}><button className="code-file" aria-current={x === f} onClick={() => setAt(x.name)}><Icon name="file" size={13} /><Text className="clip grow">{x.name}</Text>{mine[x.name] !== undefined ? <span className="badge">edited</span> : <span className="faint tiny num">{bytes(x.size)}</span>}</button></li>)}
        </ul>
        <div className="code-text">
          {f.binary ? <Empty title="A binary file">{bytes(f.size)}</Empty> : <Editor key={f.name} value={mine[f.name] ?? f.text} onChange={edit} language={languageOf(f.name)} label={f.name} readOnly={!editable} height="100%" onRun={() => changed.length > 0 && void save(revision(base))} />}
          {f.cut ? <span className="faint small">The file has {bytes(f.size)}; its beginning is shown, and it cannot be changed here.</span> : null}
        </div>
      </div>
      {theirs ? (
        <Dialog title="The function has changed meanwhile" onClose={() => setTheirs(undefined)} wide>
          <div className="dialog-body stack">
            <p>Somebody has saved its code or its configuration since you began. Your text is still here. Lines with − are only in what is saved, those with + only in yours:</p>
            {changed.map((n) => <section key={n} className="stack"><h3><Text mono>{n}</Text></h3><Difference before={textOf(theirs, n)} after={mine[n]!} /></section>)}
          </div>
          <footer className="dialog-foot">
            <button className="button" onClick={() => setTheirs(undefined)}>Go on editing</button>
            <button className="button" onClick={() => { setMine({}); setTheirs(undefined); after(); }}>Take theirs</button>
            <button className="button button-danger" onClick={() => { setBase(theirs); void save(revision(theirs)); }}>Save mine over it</button>
          </footer>
        </Dialog>
      ) : null}
    </>
  );
}

/** Scatter draws invocations by time: cold ones with their start, which is stacked on the run. */
function Scatter({ list }: { list: Timing[] }): React.ReactElement {
  const from = Math.min(...list.map((t) => t.at));
  const to = Math.max(...list.map((t) => t.at), from + 1);
  const top = Math.max(...list.map((t) => t.ms + (t.initMs ?? 0)), 1) * 1.1;
  const low = Math.max(0.5, Math.min(...list.map((t) => t.ms)) * 0.8);
  const x = (t: Timing): number => 50 + ((t.at - from) / (to - from)) * 735;
  const y = (ms: number): number => 150 - (Math.log(Math.max(ms, low) / low) / Math.log(top / low || 2)) * 140;
  const marks = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000].filter((m) => m > low && m < top);
  return (
    <svg viewBox="0 0 800 172" className="scatter" role="img" aria-label={`Times of ${plural(list.length, 'invocation')}, cold and warm`}>
      {marks.map((m) => <g key={m}><line x1="50" x2="790" y1={y(m)} y2={y(m)} /><text x="44" y={y(m) + 4} textAnchor="end">{duration(m)}</text></g>)}
      <text x="50" y="169">{when(from)}</text>
      <text x="790" y="169" textAnchor="end">{when(to)}</text>
      {list.map((t) => {
        const ms = t.ms + (t.initMs ?? 0);
        return <circle key={t.requestId + t.at} cx={x(t)} cy={y(ms)} r={t.initMs === undefined ? 3 : 4.5} className={`tone-${t.error ? 'failed' : t.initMs === undefined ? 'running' : 'waiting'} ${t.initMs === undefined ? 'warm' : 'cold'}`}><title>{`${when(t.at)}: ${duration(ms)}${t.initMs === undefined ? '' : `, of which ${duration(t.initMs)} to start`}${t.error ? ', failed' : ''}`}</title></circle>;
      })}
    </svg>
  );
}

function Timings({ list }: { list: Timing[] }): React.ReactElement {
  if (list.length === 0) return <Empty title="Not invoked yet">Each invocation leaves a line with its time here: cold ones, which start the runtime first, apart from warm ones.</Empty>;
  const longest = Math.max(...list.map((t) => t.ms + (t.initMs ?? 0)), 1);
  const warm = list.filter((t) => t.initMs === undefined).map((t) => t.ms).sort((a, b) => a - b);
  const cold = list.filter((t) => t.initMs !== undefined).map((t) => t.ms + t.initMs!).sort((a, b) => a - b);
  const mid = (x: number[]): string => (x.length ? duration(x[Math.floor(x.length / 2)]) : '–');
  return (
    <>
      <div className="lines"><span className="tone-running"><b className="toned">●</b> <strong className="num">{mid(warm)}</strong> <span className="muted">warm, median of {warm.length}</span></span><span className="tone-waiting"><b className="toned">○</b> <strong className="num">{mid(cold)}</strong> <span className="muted">cold, median of {cold.length}, with the start of the runtime</span></span></div>
      {list.length > 1 ? <Scatter list={list} /> : null}
      <ol className="timings">
        {list.map((t) => (
          <li key={t.requestId + t.at}>
            <Time at={t.at} />
            <span className="timing-bar"><i className="tone-waiting" style={{ width: `${((t.initMs ?? 0) / longest) * 100}%` }} title={`start ${duration(t.initMs)}`} /><i className={t.error ? 'tone-failed' : 'tone-running'} style={{ width: `${Math.max(0.5, (t.ms / longest) * 100)}%` }} /></span>
            <span className="num timing-ms">{duration(t.ms)}</span>
            <span className="faint small timing-init">{t.initMs !== undefined ? `cold, +${duration(t.initMs)}` : 'warm'}{t.error ? ', failed' : ''}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Config({ c }: { c: Configuration }): React.ReactElement {
  return (
    <div className="stack">
      <Facts rows={[['ARN', <code key="a" className="wrap">{c.FunctionArn}</code>], ['Handler', <code key="h">{c.Handler ?? ''}</code>], ['Runtime', c.Runtime ?? ''], ['Memory', `${c.MemorySize} MB`], ['Timeout', `${c.Timeout} s`], ['Code', bytes(c.CodeSize)], ['Role', <code key="r" className="wrap">{c.Role}</code>], ['Changed', <Time key="t" at={millis(c.LastModified)} />]]} />
      {c.Environment?.Variables ? <section className="stack"><h2>Environment</h2><Facts rows={Object.entries(c.Environment.Variables).map(([k, v]): [string, React.ReactNode] => [k, <code key={k} className="wrap">{v}</code>])} /></section> : null}
      <Json title="As AWS names it" value={c} />
    </div>
  );
}
