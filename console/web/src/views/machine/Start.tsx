import { useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { aws, get, query, send } from '../../api/client';
import type { Machine, Saved } from '../../api/types';
import { bytes, byteLength, when } from '../../lib/format';
import { Problem, Text } from '../../ui/bits';
import { Dialog } from '../../ui/dialog';
import { Editor, type Mark } from '../../ui/editor';
import { Icon } from '../../ui/icon';
import { pretty } from '../../ui/json';
import { toast, toastError } from '../../ui/toast';

/** jsonMarks says where a text stops being JSON. */
export function jsonMarks(text: string): Mark[] {
  try {
    JSON.parse(text);
    return [];
  } catch (e) {
    const message = (e as Error).message;
    const at = /position (\d+)/.exec(message);
    const line = /line (\d+) column (\d+)/.exec(message);
    let from = at ? Number(at[1]) : text.length;
    if (!at && line) from = text.split('\n').slice(0, Number(line[1]) - 1).reduce((n, l) => n + l.length + 1, 0) + Number(line[2]) - 1;
    return [{ from: Math.min(from, text.length), to: Math.min(from + 1, text.length), severity: 'error', message }];
  }
}

/** Start starts a machine: with a typed, a recent or a saved input. */
export function Start({ machine, input, onClose, onStarted }: { machine: { arn: string; name: string }; input?: string; onClose: () => void; onStarted: (arn: string) => void }): React.ReactElement {
  const [text, setText] = useState(() => pretty(input ?? '{}'));
  const [name, setName] = useState('');
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const [title, setTitle] = useState('');
  const page = useQuery(`machine ${machine.arn}`, (s) => get<Machine>(query('/api/machine', { arn: machine.arn }), s));
  const saved = useQuery(`saved inputs ${machine.arn}`, (s) => get<{ items: Saved[] }>(query('/api/saved', { kind: 'inputs', for: machine.arn }), s), { on: (c) => c.topic === 'saved' });
  const marks = useMemo(() => jsonMarks(text), [text]);

  const start = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const out = await aws<{ executionArn: string }>('states', 'StartExecution', { stateMachineArn: machine.arn, input: text, ...(name ? { name } : {}) });
      onClose();
      onStarted(out.executionArn);
    } catch (e) {
      setError(e as Error);
    } finally {
      setBusy(false);
    }
  };
  const save = async (): Promise<void> => {
    try {
      await send('PUT', '/api/saved', { kind: 'inputs', for: machine.arn, name: title, body: text });
      toast({ kind: 'ok', text: `Saved as ${title}` });
      setTitle('');
      saved.refetch();
    } catch (e) {
      toastError('The input was not saved', e);
    }
  };
  const remove = async (s: Saved): Promise<void> => {
    try {
      await send('DELETE', query('/api/saved', { id: s.id }));
      saved.refetch();
    } catch (e) {
      toastError('The input was not removed', e);
    }
  };
  return (
    <Dialog title={`Start ${machine.name}`} onClose={onClose} wide>
      <div className="dialog-body start">
        <div className="start-edit">
          <Editor value={text} onChange={setText} language="json" label="Input" marks={marks} height={340} onRun={() => void start()} />
          <div className="line small faint">
            <span className="grow" dir="auto">{marks[0]?.message ?? 'JSON'}</span>
            <span className="num">{bytes(byteLength(text))} of 256 KiB</span>
          </div>
          <label className="field"><span>Name</span><input type="text" value={name} onChange={(e) => setName(e.target.value)} placeholder="Chosen by the server" maxLength={80} /></label>
        </div>
        <div className="start-side">
          <h3>Saved inputs</h3>
          {(saved.data?.items ?? []).map((s) => (
            <div key={s.id} className="line">
              <button className="link-button grow clip" onClick={() => setText(pretty(s.body))}><Text>{s.name}</Text></button>
              <button className="icon-button" aria-label={`Remove ${s.name}`} onClick={() => void remove(s)}><Icon name="trash" size={13} /></button>
            </div>
          ))}
          {saved.data?.items.length === 0 ? <p className="faint small">None. “Save input” keeps one on the server, for everyone.</p> : null}
          <h3>Recent inputs</h3>
          {(page.data?.inputs ?? []).map((i) => (
            <button key={i.arn} className="start-recent" onClick={() => setText(pretty(i.input))} title={i.input.slice(0, 1000)}>
              <code className="clip"><bdi>{i.input.slice(0, 80)}</bdi></code>
              <span className="faint tiny">{when(i.start)} · {i.name.slice(0, 24)}</span>
            </button>
          ))}
          {page.data?.inputs.length === 0 ? <p className="faint small">This machine has not run yet.</p> : null}
        </div>
        {error ? <div className="start-error"><Problem error={error} title="Not started" /></div> : null}
      </div>
      <footer className="dialog-foot">
        <form className="line" onSubmit={(e) => { e.preventDefault(); if (title) void save(); }}>
          <input type="text" value={title} onChange={(e) => setTitle(e.target.value)} placeholder="Save this input as" aria-label="Save this input as" />
          <button className="button" disabled={!title || marks.length > 0}>Save input</button>
        </form>
        <span className="grow" />
        <button className="button" onClick={onClose}>Cancel</button>
        <button className="button button-primary" onClick={() => void start()} disabled={busy || marks.length > 0}><Icon name="play" />Start</button>
      </footer>
    </Dialog>
  );
}
