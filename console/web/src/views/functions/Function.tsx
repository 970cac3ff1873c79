import { useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { aws, get, query, send } from '../../api/client';
import type { Saved } from '../../api/types';
import { Link, useParam, usePathParam } from '../../app/router';
import { bytes, duration, millis } from '../../lib/format';
import { Await, Copy, Empty, Facts, Problem, Status, Tabs, Text, Time } from '../../ui/bits';
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
  text?: string;
  binary?: boolean;
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
    <Await of={page}>
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
            {tab === 'code' ? <Code files={p.files} /> : tab === 'log' ? <Log group={p.logGroup} /> : tab === 'timings' ? <Timings list={p.timings} /> : tab === 'configuration' ? <Config c={p.configuration} /> : <Invoke name={name} after={page.refetch} />}
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
              <button className="icon-button" aria-label={`Remove ${s.name}`} onClick={() => void send('DELETE', query('/api/saved', { id: s.id })).then(() => saved.refetch(), (e: unknown) => toastError('The event was not removed', e))}><Icon name="close" size={12} /></button>
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

function Code({ files }: { files: File_[] }): React.ReactElement {
  const [at, setAt] = useState(0);
  const f = files[Math.min(at, files.length - 1)];
  if (!f) return <Empty title="No code to show">The function runs from an image.</Empty>;
  return (
    <div className="code">
      <ul className="code-files" aria-label="Files">
        {files.map((x, i) => <li key={x.name}><button className="code-file" aria-current={i === at} onClick={() => setAt(i)}><Icon name="file" size={13} /><Text className="clip grow">{x.name}</Text><span className="faint tiny num">{bytes(x.size)}</span></button></li>)}
      </ul>
      <div className="code-text">{f.text !== undefined ? <Editor key={f.name} value={f.text} language={f.name.endsWith('.json') ? 'json' : 'text'} label={f.name} readOnly height="100%" /> : <Empty title={f.binary ? 'A binary file' : 'A large file'}>{bytes(f.size)}</Empty>}</div>
    </div>
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
      <div className="lines"><span><strong className="num">{mid(warm)}</strong> <span className="muted">warm, median of {warm.length}</span></span><span><strong className="num">{mid(cold)}</strong> <span className="muted">cold, median of {cold.length}</span></span></div>
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
