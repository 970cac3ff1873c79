import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from '../../api/cache';
import { aws, get, query, send, session } from '../../api/client';
import { anew, onChange } from '../../api/live';
import { Link, navigate, setParams, to, usePathParam, useUrl } from '../../app/router';
import { bytes, millis, plural } from '../../lib/format';
import { Await, Copy, Empty, Gone, gone, Loading, Problem, Text, Time } from '../../ui/bits';
import { confirm, Dialog } from '../../ui/dialog';
import { Editor } from '../../ui/editor';
import { Icon } from '../../ui/icon';
import { Json } from '../../ui/json';
import { Splitter } from '../../ui/splitter';
import { Table, type Column } from '../../ui/table';
import { toast, toastError } from '../../ui/toast';
import '../execution/execution.css';
import '../machines/machines.css';
import './objects.css';

interface Entry {
  key: string;
  name: string;
  folder: boolean;
  size?: number;
  at?: number | undefined;
}

interface Listing {
  Contents?: { Key: string; Size: number; LastModified: number | string }[];
  CommonPrefixes?: { Prefix: string }[];
  NextContinuationToken?: string;
}

/** Objects browses a bucket: folders, upload, preview and a COPY made from an object. */
export default function Objects(): React.ReactElement {
  const bucket = usePathParam('bucket');
  const prefix = usePathParam('key');
  const { query: q } = useUrl();
  const chosen = q.get('key') ?? '';
  // An address that ends in no slash is that of an object.
  const object = prefix !== '' && !prefix.endsWith('/');
  useEffect(() => {
    if (object) navigate(`${to.object(bucket, prefix.slice(0, prefix.lastIndexOf('/') + 1))}?key=${encodeURIComponent(prefix)}`, { replace: true });
  }, [object, bucket, prefix]);
  const [rows, setRows] = useState<Entry[]>();
  const [next, setNext] = useState<string>();
  const [error, setError] = useState<Error>();
  const [over, setOver] = useState(false);
  const [uploads, setUploads] = useState<{ name: string; share: number }[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const busy = useRef(false);

  const read = useCallback(async (token?: string, signal?: AbortSignal): Promise<{ list: Entry[]; next?: string | undefined }> => {
    const p = await aws<Listing>('s3', 'ListObjectsV2', { Bucket: bucket, Prefix: prefix, Delimiter: '/', MaxKeys: 1000, ...(token ? { ContinuationToken: token } : {}) }, signal);
    const list: Entry[] = [
      ...(p.CommonPrefixes ?? []).map((c) => ({ key: c.Prefix, name: c.Prefix.slice(prefix.length), folder: true })),
      ...(p.Contents ?? []).filter((c) => c.Key !== prefix).map((c) => ({ key: c.Key, name: c.Key.slice(prefix.length), folder: false, size: c.Size, at: millis(c.LastModified) })),
    ];
    return { list, next: p.NextContinuationToken };
  }, [bucket, prefix]);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const first = (): void => {
      read(undefined, abort.signal).then((p) => { setRows(p.list); setNext(p.next); setError(undefined); }, (e: unknown) => !abort.signal.aborted && setError(e as Error));
    };
    setRows(undefined);
    if (prefix !== '' && !prefix.endsWith('/')) return; // it is on its way to another address
    first();
    const stop = onChange((c) => {
      if (c.topic !== anew && (c.topic !== 'object' || !(c.key ?? '').startsWith(`${bucket}/${prefix}`))) return;
      timer ??= setTimeout(() => { timer = undefined; first(); }, 300);
    });
    return () => {
      abort.abort();
      clearTimeout(timer);
      stop();
    };
  }, [read, bucket, prefix]);

  const more = useCallback(() => {
    if (!next || busy.current) return;
    busy.current = true;
    read(next).then((p) => { setRows((r) => [...(r ?? []), ...p.list]); setNext(p.next); }, (e: unknown) => setError(e as Error)).finally(() => { busy.current = false; });
  }, [next, read]);

  const upload = async (files: FileList | File[]): Promise<void> => {
    for (const f of files) {
      const key = prefix + f.name;
      setUploads((u) => [...u, { name: key, share: 0 }]);
      try {
        await put(bucket, key, f, (share) => setUploads((u) => u.map((x) => (x.name === key ? { ...x, share } : x))));
        toast({ kind: 'ok', text: `${f.name} is uploaded`, detail: bytes(f.size) });
      } catch (e) {
        toastError(`${f.name} was not uploaded`, e);
      }
      setUploads((u) => u.filter((x) => x.name !== key));
    }
    read().then((p) => { setRows(p.list); setNext(p.next); }, () => undefined);
  };
  const remove = async (e: Entry): Promise<void> => {
    if (!(await confirm({ title: `Delete ${e.name}?`, body: <>The object <code><bdi>{e.key}</bdi></code> is deleted from <bdi>{bucket}</bdi>. Where the bucket keeps versions, older ones stay.</>, action: 'Delete the object', danger: true }))) return;
    await aws('s3', 'DeleteObject', { Bucket: bucket, Key: e.key }).then(() => {
      setRows((r) => r?.filter((x) => x.key !== e.key));
      if (chosen === e.key) setParams({ key: undefined });
    }, (x: unknown) => toastError('The object was not deleted', x));
  };

  const columns = useMemo<Column<Entry>[]>(() => [
    { id: 'name', name: 'Name', width: 'minmax(110px, 1fr)', sort: (e) => `${e.folder ? 0 : 1}${e.name}`, cell: (e) => <><Icon name={e.folder ? 'folder' : 'file'} className={e.folder ? 'toned tone-caught' : 'faint'} /><Text>{e.name}</Text></> },
    { id: 'size', name: 'Size', width: '78px', align: 'right', sort: (e) => e.size, cell: (e) => (e.folder ? '' : bytes(e.size)) },
    { id: 'at', name: 'Changed', width: '100px', minor: true, sort: (e) => e.at, cell: (e) => (e.folder ? '' : <Time at={e.at} relative />) },
    { id: 'act', name: '', width: '76px', cell: (e) => e.folder ? null : <><a className="icon-button" href={query('/api/object', { bucket, key: e.key })} download aria-label={`Download ${e.name}`}><Icon name="download" size={14} /></a><button className="icon-button" aria-label={`Delete ${e.name}`} onClick={() => void remove(e)}><Icon name="trash" size={14} /></button></> },
    // remove does the same in each render
    // eslint-disable-next-line
  ], [bucket, chosen]);

  if (gone(error)) return <Gone place={{ list: 'Buckets', href: '/objects', kind: 'bucket', name: bucket }} />;
  const parts = prefix.split('/').filter(Boolean);
  return (
    <div
      className={`full ${over ? 'drop' : ''}`}
      onDragOver={(e) => { if (e.dataTransfer.types.includes('Files')) { e.preventDefault(); setOver(true); } }}
      onDragLeave={(e) => { if (e.currentTarget === e.target) setOver(false); }}
      onDrop={(e) => { e.preventDefault(); setOver(false); void upload(e.dataTransfer.files); }}
    >
      <div className="full-head exec-head">
        <div className="crumbs"><Link to="/objects">Objects</Link></div>
        <div className="page-head">
          <h1 className="crumb-path">
            <Link to={to.object(bucket)}><Text>{bucket}</Text></Link>
            {parts.map((p, i) => <span key={i}><span className="faint"> / </span><Link to={`${to.object(bucket, parts.slice(0, i + 1).join('/'))}/`}><Text>{p}</Text></Link></span>)}
          </h1>
          <Copy text={`s3://${bucket}/${prefix}`} label="Copy the address" />
          <div className="grow" />
          {rows ? <span className="faint small num">{plural(rows.length, 'entry', 'entries')}{next ? ' and more' : ''}</span> : null}
          <input ref={input} type="file" multiple hidden aria-label="Files to upload" onChange={(e) => { if (e.target.files) void upload(e.target.files); e.target.value = ''; }} />
          <button className="button button-primary" onClick={() => input.current?.click()}><Icon name="upload" />Upload</button>
        </div>
        {uploads.map((u) => <div key={u.name} className="line small"><Text className="clip">{u.name}</Text><span className="meter grow" role="progressbar" aria-valuenow={Math.round(u.share * 100)} aria-label={`Uploading ${u.name}`}><i style={{ width: `${u.share * 100}%` }} /></span><span className="num">{Math.round(u.share * 100)} %</span></div>)}
      </div>
      <div className="exec-body object-body">
        <div className="object-list">
          {error ? <Problem error={error} /> : null}
          {rows === undefined ? (error ? null : <Loading />) : (
            <Table
              label="Objects"
              rows={rows}
              columns={columns}
              rowKey={(e) => e.key}
              selected={chosen || undefined}
              onOpen={(e) => (e.folder ? navigate(to.object(bucket, e.key)) : setParams({ key: e.key }))}
              onEnd={more}
              empty={<Empty icon="upload" title="Nothing is here">Drop files here, or press Upload. Keys with slashes show as folders.</Empty>}
            />
          )}
        </div>
        <Splitter />
        <div className="exec-side">
          {chosen ? <Preview key={chosen} bucket={bucket} name={chosen} /> : <Empty icon="file" title="No object is chosen">Choose one: delimited, JSON, gzip and Parquet data show as what they are, with a COPY to load them.</Empty>}
        </div>
      </div>
    </div>
  );
}

/** put uploads with progress, which fetch cannot tell. */
function put(bucket: string, key: string, file: File, progress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest();
    x.open('PUT', query('/api/object', { bucket, key }));
    x.setRequestHeader('X-Salamander-CSRF', session.get()?.csrf ?? '');
    x.setRequestHeader('Content-Type', 'application/octet-stream');
    x.setRequestHeader('X-Salamander-Content-Type', file.type || 'application/octet-stream');
    x.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    x.onerror = () => reject(new Error('the connection broke'));
    x.onload = () => {
      if (x.status < 300) resolve();
      else {
        let message = x.responseText.slice(0, 300);
        try {
          message = (JSON.parse(x.responseText) as { message: string }).message;
        } catch {
          // not JSON: as it is
        }
        reject(new Error(message));
      }
    };
    x.send(file);
  });
}

interface Seen {
  kind: 'delimited' | 'json' | 'jsonlines' | 'text' | 'binary' | 'parquet' | 'empty';
  compression: string;
  delimiter?: string;
  quoted?: boolean;
  header?: boolean;
  columns?: string[];
  rows?: string[][];
  text?: string;
  size: number;
  read: number;
  truncated: boolean;
  encoding?: string;
}

function Preview({ bucket, name }: { bucket: string; name: string }): React.ReactElement {
  const [copying, setCopying] = useState(false);
  const seen = useQuery(`preview ${bucket}/${name}`, (s) => get<Seen>(query('/api/preview', { bucket, key: name, bytes: 262144 }), s), { on: (c) => c.topic === 'object' && c.key === `${bucket}/${name}` });
  return (
    <div className="preview">
      <div className="lines preview-head">
        <h2 className="clip"><Text>{name}</Text></h2>
        <Copy text={`s3://${bucket}/${name}`} label="Copy the address" />
        <span className="grow" />
        <a className="button button-small" href={query('/api/object', { bucket, key: name })} download><Icon name="download" size={14} />Download</a>
        <button className="button button-small" onClick={() => setCopying(true)}><Icon name="warehouse" size={14} />Make a COPY from this</button>
      </div>
      <Await of={seen}>
        {(p) => (
          <>
            <div className="lines small muted preview-facts">
              <span>{kinds[p.kind]}{p.delimiter ? <>, separated by <code>{p.delimiter === '\t' ? 'tab' : p.delimiter}</code></> : null}{p.quoted ? ', quoted' : ''}{p.header ? ', first line is names' : ''}</span>
              {p.compression !== 'none' ? <span>{p.compression}</span> : null}
              {p.encoding && p.encoding !== 'utf-8' ? <span>{p.encoding}</span> : null}
              <span className="num">{bytes(p.size)}</span>
              {p.truncated ? <span>the first {bytes(p.read)} are read</span> : null}
            </div>
            {p.kind === 'empty' ? <Empty title="It is empty">The object has no bytes.</Empty>
              : p.kind === 'binary' ? <Empty icon="file" title="Binary data">{bytes(p.size)}. Download it to look into it.</Empty>
              : p.rows ? <Grid columns={p.columns} rows={p.rows} />
              : <div className="panel-scroll"><Json text={p.text ?? ''} max={4000} /></div>}
          </>
        )}
      </Await>
      {copying ? <CopyFor bucket={bucket} name={name} onClose={() => setCopying(false)} /> : null}
    </div>
  );
}

const kinds: Record<Seen['kind'], string> = { delimited: 'Delimited', json: 'JSON', jsonlines: 'JSON, one value a line', text: 'Text', binary: 'Binary', parquet: 'Parquet', empty: 'Empty' };

function Grid({ columns, rows }: { columns: string[] | undefined; rows: string[][] }): React.ReactElement {
  const n = Math.max(columns?.length ?? 0, ...rows.slice(0, 100).map((r) => r.length));
  const list = useMemo<Column<string[]>[]>(() => [
    { id: '#', name: '#', width: '52px', align: 'right', cell: (_, i) => <span className="faint">{i + 1}</span> },
    ...Array.from({ length: n }, (_, i): Column<string[]> => {
      const longest = Math.min(34, Math.max(columns?.[i]?.length ?? 3, ...rows.slice(0, 60).map((r) => r[i]?.length ?? 0)));
      return { id: String(i), name: columns?.[i] ?? `column ${i + 1}`, width: `${Math.max(74, longest * 8 + 24)}px`, cell: (r) => (r[i] === undefined ? <span className="faint">missing</span> : <Text mono>{r[i]}</Text>) };
    }),
  ], [columns, rows, n]);
  return <Table label="Rows" rows={rows} columns={list} rowKey={(_, i) => String(i)} rowHeight={26} />;
}

function CopyFor({ bucket, name, onClose }: { bucket: string; name: string; onClose: () => void }): React.ReactElement {
  const [table, setTable] = useState(() => (name.split('/').pop() ?? 'loaded').replace(/\..*$/, '').toLowerCase().replace(/[^a-z0-9_]+/g, '_').replace(/^(\d)/, '_$1') || 'loaded');
  const [answer, setAnswer] = useState<{ sql: string; create?: string; notes: string[] }>();
  const [error, setError] = useState<Error>();
  const [text, setText] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    const t = setTimeout(() => {
      send<{ sql: string; create?: string; notes: string[] }>('POST', '/api/copyfor', { bucket, key: name, table }, abort.signal).then(
        (a) => { setAnswer(a); setError(undefined); setText([a.create, a.sql].filter(Boolean).join('\n\n')); },
        (e: unknown) => !abort.signal.aborted && setError(e as Error),
      );
    }, 200);
    return () => { clearTimeout(t); abort.abort(); };
  }, [bucket, name, table]);
  return (
    <Dialog title="Make a COPY from this" onClose={onClose} wide>
      <div className="dialog-body stack">
        <label className="field"><span>Table</span><input type="text" value={table} onChange={(e) => setTable(e.target.value)} /></label>
        {error ? <Problem error={error} /> : null}
        <Editor value={text} onChange={setText} language="sql" label="SQL" height={260} />
        {answer?.notes.length ? <ul className="notes">{answer.notes.map((x) => <li key={x} dir="auto">{x}</li>)}</ul> : null}
      </div>
      <footer className="dialog-foot">
        <button className="button" onClick={onClose}>Cancel</button>
        <button className="button" onClick={() => void navigator.clipboard.writeText(text).then(() => toast({ kind: 'ok', text: 'Copied' }))}>Copy the SQL</button>
        <button className="button button-primary" disabled={!text} onClick={() => navigate(query('/warehouse', { sql: text }))}>Open in the editor</button>
      </footer>
    </Dialog>
  );
}

