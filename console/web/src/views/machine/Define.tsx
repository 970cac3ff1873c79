import '../execution/execution.css';
import './machine.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, aws, get, query, session } from '../../api/client';
import type { Machine } from '../../api/types';
import { navigate, to } from '../../app/router';
import { Flow } from '../../graph/Flow';
import { spanOf, spans } from '../../lib/pointer';
import { graphOf } from '../../run/definition';
import { Empty, Problem, Text } from '../../ui/bits';
import { confirm, Dialog } from '../../ui/dialog';
import { Difference } from '../../ui/difference';
import { Editor, type EditorHandle } from '../../ui/editor';
import { Icon } from '../../ui/icon';
import { pretty } from '../../ui/json';
import { Splitter } from '../../ui/splitter';
import { toast, toastError } from '../../ui/toast';
import { useValidation, type Finding } from './validate';

const draftKey = (arn: string): string => `draft ${arn}`;

/** Define edits a machine's definition: validated as it is typed, the graph beside it, drafts kept in this browser until saved. */
export function Define({ machine, onSaved }: { machine: Machine; onSaved: () => void }): React.ReactElement {
  const saved = useMemo(() => pretty(machine.definition), [machine.definition]);
  const [base, setBase] = useState({ revision: machine.revision, text: saved });
  const [text, setText] = useState(() => readDraft(machine.arn) ?? saved);
  const [conflict, setConflict] = useState<Machine>();
  const [error, setError] = useState<Error>();
  const changed = text !== base.text;

  // Somebody else has saved: what nobody is editing here follows; an edit stays and is told.
  useEffect(() => {
    if (machine.revision === base.revision) return;
    if (!changed) {
      setBase({ revision: machine.revision, text: saved });
      setText(saved);
    }
  }, [machine.revision, saved, base.revision, changed]);
  useEffect(() => {
    if (changed) writeDraft(machine.arn, text);
    else dropDraft(machine.arn);
  }, [changed, text, machine.arn]);

  const save = async (revision: string): Promise<void> => {
    setError(undefined);
    try {
      const headers = { 'Content-Type': 'application/json', 'X-Salamander-CSRF': session.get()?.csrf ?? '', 'X-Salamander-If-Revision': revision };
      const res = await fetch('/api/aws/states/UpdateStateMachine', { method: 'POST', headers, body: JSON.stringify({ stateMachineArn: machine.arn, definition: text }), credentials: 'same-origin' });
      if (res.status === 409) {
        setConflict(await get<Machine>(query('/api/machine', { arn: machine.arn })));
        return;
      }
      if (!res.ok) {
        const p = (await res.json()) as { code: string; message: string };
        throw new ApiError(res.status, p.code, p.message);
      }
      const now = await get<Machine>(query('/api/machine', { arn: machine.arn }));
      setBase({ revision: now.revision, text });
      dropDraft(machine.arn);
      setConflict(undefined);
      toast({ kind: 'ok', text: 'Saved. New runs use this definition; those that run keep theirs.' });
      onSaved();
    } catch (e) {
      setError(e as Error);
    }
  };
  const other = machine.revision !== base.revision && changed;
  return (
    <>
      <Workbench
        text={text}
        onText={setText}
        type={machine.type}
        onSave={() => void save(base.revision)}
        bar={(bad) => (
          <>
            {changed ? <span className="badge">edited, not saved</span> : <span className="faint small">as saved</span>}
            {other ? <span className="toned tone-timedout small"><Icon name="caught" size={13} /> Somebody has saved another definition meanwhile</span> : null}
            <span className="grow" />
            {changed ? (
              <button
                className="button button-small"
                onClick={() => void confirm({ title: 'Drop your changes?', body: 'The editor goes back to the definition that is saved.', action: 'Drop changes', danger: true }).then((y) => { if (y) { setBase({ revision: machine.revision, text: saved }); setText(saved); } })}
              >
                Drop changes
              </button>
            ) : null}
            <button className="button button-small button-primary" disabled={!changed || bad} onClick={() => void save(base.revision)}>Save</button>
          </>
        )}
        problem={error ? <Problem error={error} title="Not saved" /> : null}
      />
      {conflict ? (
        <Dialog title="The definition has changed meanwhile" onClose={() => setConflict(undefined)} wide>
          <div className="dialog-body stack">
            <p>Somebody has saved this machine since you began. Your text is still here. Lines with − are only in what is saved, those with + only in yours:</p>
            <Difference before={pretty(conflict.definition)} after={pretty(text)} />
          </div>
          <footer className="dialog-foot">
            <button className="button" onClick={() => setConflict(undefined)}>Go on editing</button>
            <button className="button" onClick={() => { setBase({ revision: conflict.revision, text: pretty(conflict.definition) }); setText(pretty(conflict.definition)); setConflict(undefined); }}>Take theirs</button>
            <button className="button button-danger" onClick={() => void save(conflict.revision)}>Save mine over it</button>
          </footer>
        </Dialog>
      ) : null}
    </>
  );
}

/** Workbench is the editor with findings below it and the graph beside it. */
export function Workbench({ text, onText, type, bar, problem, onSave }: { text: string; onText: (t: string) => void; type: string; bar: (bad: boolean) => React.ReactNode; problem?: React.ReactNode; onSave?: () => void }): React.ReactElement {
  const { findings, marks, busy } = useValidation(text, type);
  const editor = useRef<EditorHandle | null>(null);
  const graph = useMemo(() => graphOf(text), [text]);
  // The last graph that could be read stays while the text is broken.
  const last = useRef(graph);
  if (graph) last.current = graph;
  const shown = last.current;
  const bad = findings.some((f) => f.severity === 'ERROR');
  const reveal = (f: Finding): void => {
    if (f.line) {
      const from = text.split('\n').slice(0, f.line - 1).reduce((n, l) => n + l.length + 1, 0);
      editor.current?.reveal(from + (f.column ?? 1) - 1);
      return;
    }
    const s = spanOf(spans(text), f.pointer ?? f.location ?? '');
    if (s) editor.current?.reveal(s.from);
  };
  const revealState = (name: string): void => {
    const tail = `/States/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const all = spans(text);
    for (const [p, s] of all) {
      if (p.endsWith(tail)) {
        editor.current?.reveal(s.from);
        return;
      }
    }
  };
  return (
    <div className="workbench">
      <div className="workbench-bar">
        <span className={`status tone-${bad ? 'failed' : findings.length ? 'caught' : busy ? 'waiting' : 'succeeded'}`}>
          <Icon name={bad ? 'failed' : findings.length ? 'caught' : busy ? 'waiting' : 'succeeded'} />
          {bad ? `${findings.filter((f) => f.severity === 'ERROR').length} to repair` : findings.length ? `Valid, ${findings.length} to look at` : busy ? 'Checking' : 'Valid'}
        </span>
        {bar(bad)}
      </div>
      {problem}
      <div className="workbench-body">
        <div className="workbench-edit">
          <Editor value={text} onChange={onText} language="json" label="Definition" marks={marks} height="100%" handle={editor} onRun={onSave} />
          {findings.length ? (
            <ul className="findings" aria-label="Findings">
              {findings.map((f, i) => (
                <li key={i}>
                  <button className={`finding tone-${f.severity === 'WARNING' ? 'caught' : 'failed'}`} onClick={() => reveal(f)}>
                    <Icon name={f.severity === 'WARNING' ? 'caught' : 'failed'} size={14} className="toned" />
                    {f.line ? <span className="num muted nowrap" title={`line ${f.line}, column ${f.column}`}>{f.line}:{f.column}</span> : null}
                    <span className="wrap" dir="auto">{f.message}{f.hint ? <span className="muted"> · {f.hint}</span> : null}</span>
                    {f.location || f.pointer ? <code className="faint">{f.location || f.pointer}</code> : null}
                  </button>
                </li>
              ))}
            </ul>
          ) : null}
        </div>
        <Splitter />
        <div className="workbench-graph">
          {shown ? <Flow graph={shown} onSelect={revealState} label="Graph of the definition" /> : <Empty title="No graph yet">It appears when the text has <code>States</code>.</Empty>}
        </div>
      </div>
    </div>
  );
}

const hello = pretty(JSON.stringify({ Comment: 'Say hello', StartAt: 'Greet', States: { Greet: { Type: 'Pass', Result: { greeting: 'hello' }, Next: 'Wait' }, Wait: { Type: 'Wait', Seconds: 2, Next: 'Done' }, Done: { Type: 'Succeed' } } }));

/** NewMachine writes a machine from nothing. */
export default function NewMachine(): React.ReactElement {
  const [text, setText] = useState(() => readDraft('new') ?? hello);
  const [name, setName] = useState('');
  const [type, setType] = useState('STANDARD');
  useEffect(() => writeDraft('new', text), [text]);
  const create = async (): Promise<void> => {
    try {
      const account = session.get()?.account ?? '000000000000';
      const out = await aws<{ stateMachineArn: string }>('states', 'CreateStateMachine', { name, definition: text, type, roleArn: `arn:aws:iam::${account}:role/console` });
      dropDraft('new');
      navigate(to.machine(out.stateMachineArn));
    } catch (e) {
      toastError('The machine was not created', e);
    }
  };
  return (
    <div className="full">
      <div className="full-head exec-head"><div className="page-head"><h1>New state machine</h1></div></div>
      <Workbench
        text={text}
        onText={setText}
        type={type}
        bar={(bad) => (
          <>
            <span className="grow" />
            <input type="text" value={name} onChange={(e) => setName(e.target.value)} placeholder="Name" aria-label="Name" maxLength={80} />
            <select value={type} onChange={(e) => setType(e.target.value)} aria-label="Type"><option value="STANDARD">Standard</option><option value="EXPRESS">Express</option></select>
            <button className="button button-primary" disabled={bad || !name} onClick={() => void create()}>Create <Text>{name}</Text></button>
          </>
        )}
      />
    </div>
  );
}

function readDraft(arn: string): string | undefined {
  try {
    return localStorage.getItem(draftKey(arn)) ?? undefined;
  } catch {
    return undefined;
  }
}
function writeDraft(arn: string, text: string): void {
  try {
    localStorage.setItem(draftKey(arn), text);
  } catch {
    // a full or forbidden storage keeps no drafts
  }
}
function dropDraft(arn: string): void {
  try {
    localStorage.removeItem(draftKey(arn));
  } catch {
    // as above
  }
}
