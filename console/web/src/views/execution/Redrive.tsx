import { useEffect, useMemo, useState } from 'react';
import { aws } from '../../api/client';
import type { ExecutionPage } from '../../api/types';
import { plural } from '../../lib/format';
import type { Model } from '../../run/model';
import { Loading, Problem, Text } from '../../ui/bits';
import { Dialog } from '../../ui/dialog';
import { Editor } from '../../ui/editor';
import { Icon } from '../../ui/icon';
import { pretty } from '../../ui/json';
import { toast } from '../../ui/toast';
import { jsonMarks } from '../machine/Start';
import { sentence } from './Execution';

/** A Preview is what a redrive would do, as the engine tells. */
interface Preview {
  definitionChanged: boolean;
  resumes: { in?: string; state: string; type: string; input: string; entered: boolean; then: string[] }[];
  kept: string[];
  then: string[];
  tasks: { state: string; resource: string }[];
  timers: string[];
  mapRuns: { state: string; mapRunArn: string; again: number; kept: number }[];
  ends?: { status: string; error?: string; cause?: string };
}

/** Redrive takes a run up again: from where it failed, or from another state, with another input or definition. It says first what will happen. */
export default function Redrive({ arn, page, model, onClose, onAgain }: { arn: string; page: ExecutionPage; model: Model; onClose: () => void; onAgain: () => void }): React.ReactElement {
  const [from, setFrom] = useState('');
  const [input, setInput] = useState<string>(); // undefined: the one it had
  const [definition, setDefinition] = useState<string>(); // undefined: the one it ran
  const [present, setPresent] = useState<string>();
  const [plan, setPlan] = useState<Preview>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const culprit = model.steps[model.culprit];
  const marks = useMemo(() => (input === undefined ? [] : jsonMarks(input)), [input]);
  // The latest state comes first; one in a loop once.
  const states = useMemo(() => [...new Set(model.steps.map((s) => s.name).reverse())], [model]);
  const changes = { executionArn: arn, ...(from ? { from } : {}), ...(input !== undefined ? { input } : {}), ...(definition !== undefined ? { definition } : {}) };
  const changed = from !== '' || input !== undefined || definition !== undefined;

  useEffect(() => {
    aws<{ definition: string }>('states', 'DescribeStateMachine', { stateMachineArn: page.machine.arn }).then((m) => setPresent(m.definition), () => undefined); // it may be deleted
  }, [page.machine.arn]);
  useEffect(() => {
    if (marks.length > 0) return;
    const abort = new AbortController();
    const t = setTimeout(() => {
      aws<Preview>('salamander', 'PreviewRedrive', changes, abort.signal).then(
        (p) => {
          setPlan(p);
          setError(undefined);
        },
        (e: unknown) => {
          if (abort.signal.aborted) return;
          setPlan(undefined);
          setError(e as Error);
        },
      );
    }, 150);
    return () => {
      clearTimeout(t);
      abort.abort();
    };
    // eslint-disable-next-line
  }, [arn, from, input, definition, marks.length]);

  const redrive = async (): Promise<void> => {
    setBusy(true);
    try {
      await aws(changed ? 'salamander' : 'states', 'RedriveExecution', changes);
      toast({ kind: 'ok', text: 'The run goes on' });
      onClose();
    } catch (e) {
      setError(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Redrive this run?" onClose={onClose} wide>
      <div className="dialog-body stack">
        <p>It goes on in the same history. What has succeeded before the state it goes on from is not run again.</p>
        <div className="lines">
          <label className="line">From
            <select value={from} onChange={(e) => { setFrom(e.target.value); setInput(undefined); }}>
              <option value="">where it failed{culprit ? `: ${culprit.name}` : ''}</option>
              {states.map((s) => <option key={s}>{s}</option>)}
            </select>
          </label>
          {present !== undefined && present !== page.definition ? (
            <label className="line"><input type="checkbox" checked={definition !== undefined} onChange={(e) => setDefinition(e.target.checked ? present : undefined)} /> With the definition that the machine has now</label>
          ) : null}
          {plan?.resumes.length === 1 || input !== undefined ? (
            <label className="line"><input type="checkbox" checked={input !== undefined} onChange={(e) => setInput(e.target.checked ? pretty(plan?.resumes[0]?.input ?? '{}') : undefined)} /> With another input</label>
          ) : null}
        </div>
        {input !== undefined ? <Editor value={input} onChange={setInput} language="json" label="Input of the state" marks={marks} height={180} /> : null}
        {error ? <Problem error={error} title="It cannot go on so" /> : plan ? <Plan plan={plan} /> : <Loading />}
      </div>
      <footer className="dialog-foot">
        <button className="button" onClick={onAgain}><Icon name="play" />Start again instead</button>
        <span className="grow" />
        <button className="button" onClick={onClose}>Cancel</button>
        <button className={`button ${plan?.ends && plan.ends.status !== 'SUCCEEDED' ? '' : 'button-primary'}`} disabled={!plan || busy || marks.length > 0} onClick={() => void redrive()}>Redrive</button>
      </footer>
    </Dialog>
  );
}

function Plan({ plan }: { plan: Preview }): React.ReactElement {
  return (
    <ul className="list card" aria-label="What will happen">
      {plan.resumes.map((r) => (
        <li key={`${r.in ?? ''} ${r.state}`} className="list-row">
          <Icon name="redriven" className="faint" />
          <span className="grow"><strong><Text>{r.state}</Text></strong> <span className="muted">({r.type}{r.in ? <> in <Text>{r.in}</Text></> : null}) {r.entered ? 'begins anew' : 'goes on'}{r.then.length > 0 ? <>; then <Text>{r.then.join(' or ')}</Text></> : ''}</span></span>
        </li>
      ))}
      {plan.tasks.map((t, i) => <li key={i} className="list-row"><Icon name="play" className="faint" /><span className="grow">Runs <code>{t.resource}</code> of <Text>{t.state}</Text></span></li>)}
      {plan.mapRuns.map((m) => <li key={m.mapRunArn} className="list-row"><Icon name="map" className="faint" /><span className="grow">Of <Text>{m.state}</Text> {plural(m.again, 'child runs', 'children run')} again, {plural(m.kept, 'is', 'are')} kept</span></li>)}
      {plan.timers.length > 0 ? <li className="list-row"><Icon name="waiting" className="faint" />Waits first</li> : null}
      {plan.kept.length > 0 ? <li className="list-row"><Icon name="succeeded" className="faint" /><span className="grow clip">Keeps the results of {plural(plan.kept.length, 'branch or item', 'branches and items')}: <Text>{plan.kept.slice(0, 6).join(', ')}</Text></span></li> : null}
      {plan.definitionChanged ? <li className="list-row"><Icon name="edit" className="faint" />Runs the definition that the machine has now</li> : null}
      {plan.ends ? (
        <li className={`list-row tone-${plan.ends.status === 'SUCCEEDED' ? 'succeeded' : 'failed'}`}>
          <Icon name={plan.ends.status === 'SUCCEEDED' ? 'succeeded' : 'failed'} className="toned" />
          <span className="grow wrap"><strong>It will end at once</strong>: {plan.ends.status.toLowerCase()}{plan.ends.error ? <>, <code>{plan.ends.error}</code></> : null} <Text className="muted">{sentence(plan.ends.cause ?? '')}</Text>{plan.ends.status === 'SUCCEEDED' ? null : ' Choose an earlier state to begin from.'}</span>
        </li>
      ) : null}
    </ul>
  );
}
