import { useEffect, useMemo, useState } from 'react';
import { aws } from '../../api/client';
import { byteLength, bytes } from '../../lib/format';
import type { Step } from '../../run/model';
import { Icon } from '../../ui/icon';
import { Json } from '../../ui/json';

interface Inspection {
  inspectionData?: Record<string, unknown>;
  error?: string;
  cause?: string;
}

interface Stage {
  name: string;
  what: string;
  text: string;
}

const limit = 262_144;

const order: [string, string, string][] = [
  ['afterInputPath', 'InputPath', 'what the path takes of the input'],
  ['afterParameters', 'Parameters', 'what is sent'],
  ['afterArguments', 'Arguments', 'what is sent'],
  ['afterItemsPath', 'ItemsPath', 'the items'],
  ['afterItemSelector', 'ItemSelector', 'the input of each item'],
  ['afterItemBatcher', 'ItemBatcher', 'the batches'],
  ['result', 'Result', 'what came back'],
  ['afterResultSelector', 'ResultSelector', 'what is kept of the result'],
  ['afterResultPath', 'ResultPath', 'the result put into the input'],
];

/**
 * Stages shows a step's data from input to output. What the history does not hold
 * in between is computed by the server's own interpreter (TestState with the real
 * result), never by the page.
 */
export function Stages({ step, state, language, vars, running }: { step: Step; state: Record<string, unknown> | undefined; language: 'JSONPath' | 'JSONata'; vars: Record<string, string>; running: boolean; roleArn: string }): React.ReactElement {
  const last = step.attempts[step.attempts.length - 1];
  const result = last && step.type === 'Task' ? last.output : undefined;
  const [seen, setSeen] = useState<Inspection>();
  const container = step.type === 'Map' || step.type === 'Parallel';
  const fields = useMemo(() => ['InputPath', 'Parameters', 'Arguments', 'ResultSelector', 'ResultPath', 'OutputPath', 'Output', 'ItemsPath', 'ItemSelector'].filter((f) => state && f in state), [state]);

  useEffect(() => {
    if (!state || step.input === undefined || container || fields.length === 0 || step.type === 'Wait') return;
    if (step.type === 'Task' && result === undefined && step.error === undefined) return;
    const abort = new AbortController();
    const definition = JSON.stringify({ QueryLanguage: language, ...state });
    const variables = `{${Object.entries(vars).map(([k, v]) => `${JSON.stringify(k)}:${v}`).join(',')}}`;
    const mock = step.type !== 'Task' ? undefined : result !== undefined ? { result, fieldValidationMode: 'NONE' } : { errorOutput: { error: step.error ?? '', cause: step.cause ?? '' } };
    aws<Inspection>('states', 'TestState', {
      definition, input: step.input, inspectionLevel: 'DEBUG', roleArn: 'arn:aws:iam::000000000000:role/console',
      ...(variables !== '{}' ? { variables } : {}), ...(mock ? { mock } : {}),
    }, abort.signal).then(setSeen, () => undefined);
    return () => abort.abort();
    // A step's data does not change once it is there.
    // eslint-disable-next-line
  }, [step.id, step.exit, result]);

  const stages = useMemo(() => {
    const out: Stage[] = [];
    if (step.input !== undefined) out.push({ name: 'Input', what: 'as the state was entered', text: step.input });
    const data = seen?.inspectionData;
    for (const [key, name, what] of order) {
      const v = data?.[key];
      if (key === 'result') {
        const got = result ?? (typeof v === 'string' ? v : undefined);
        if (step.type === 'Task' && last?.parameters !== undefined && !out.some((s) => s.name === 'Parameters' || s.name === 'Arguments')) out.push({ name: 'Sent', what: last.resource ?? 'to the task', text: last.parameters });
        if (got !== undefined && got !== '') out.push({ name, what, text: got });
        continue;
      }
      if (key === 'afterParameters' || key === 'afterArguments') {
        // The history has what was really sent.
        if (!(name in (state ?? {}))) continue;
        const real = last?.parameters ?? (typeof v === 'string' ? v : undefined);
        if (real) out.push({ name, what, text: real });
        continue;
      }
      if (typeof v === 'string' && v !== '' && name in (state ?? {})) out.push({ name, what, text: v });
    }
    if (step.output !== undefined) out.push({ name: 'Output', what: 'for the next state', text: step.output });
    return out;
  }, [step, seen, result, last, state]);

  if (stages.length === 0) return <p className="muted">This step has no data in the history.</p>;
  const largest = Math.max(...stages.map((s) => byteLength(s.text)));
  return (
    <div className="stages">
      <div className="stage-strip" aria-label="Sizes of the stages">
        {stages.map((s, i) => {
          const size = byteLength(s.text);
          return (
            <div key={s.name} className="stage-mini" title={`${bytes(size)} of ${bytes(limit)}`}>
              {i > 0 ? <Icon name="right" size={12} className="faint" /> : null}
              <span>{s.name}</span>
              <span className={`num ${size > limit * 0.8 ? 'toned tone-timedout' : 'faint'}`}>{bytes(size)}</span>
              <i className="stage-bar" style={{ width: `${Math.max(4, (size / largest) * 40)}px` }} />
            </div>
          );
        })}
      </div>
      {stages.map((s, i) => {
        const before = stages[i - 1];
        const same = before !== undefined && before.text === s.text;
        if (same) return <div key={s.name} className="stage-same muted"><strong>{s.name}</strong> is the same as {before.name}</div>;
        return <Json key={s.name} title={s.name} note={<span className="faint small clip">{s.what}</span>} text={s.text} max={300} />;
      })}
      {running && step.output === undefined ? <p className="muted small">The output appears when the step ends.</p> : null}
    </div>
  );
}
