import { useEffect, useMemo, useState } from 'react';
import { send } from '../../api/client';
import type { ExecutionPage } from '../../api/types';
import type { Step } from '../../run/model';
import { Editor, type Mark } from '../../ui/editor';
import { Json } from '../../ui/json';

interface Answer {
  output?: unknown;
  ms?: number;
  error?: { code: string; message: string; position?: number };
}

const read = (text: string | undefined): unknown => {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

/** Pad evaluates an expression on the real data of a step, as it is typed. */
export function Pad({ step, language: own, vars, page }: { step: Step; language: 'JSONata' | 'JSONPath'; vars: Record<string, string>; page: ExecutionPage }): React.ReactElement {
  const [language, setLanguage] = useState(own);
  const [expression, setExpression] = useState(own === 'JSONata' ? '$states.input' : '$');
  const [answer, setAnswer] = useState<Answer>();
  const result = step.attempts[step.attempts.length - 1]?.output ?? step.output;

  const body = useMemo(() => ({
    input: read(step.input) ?? {},
    context: { Execution: { Id: page.describe.executionArn, Input: read(page.describe.input), Name: page.describe.name }, State: { Name: step.name, EnteredTime: new Date(step.start).toISOString(), RetryCount: Math.max(0, step.attempts.length - 1) }, StateMachine: { Id: page.machine.arn, Name: page.machine.name } },
    variables: Object.fromEntries(Object.entries(vars).map(([k, v]) => [k, read(v)])),
    ...(result !== undefined ? { result: read(result) } : {}),
    ...(step.error !== undefined ? { errorOutput: { Error: step.error, Cause: step.cause } } : {}),
  }), [step, page, vars, result]);

  useEffect(() => {
    if (!expression.trim()) {
      setAnswer(undefined);
      return;
    }
    const abort = new AbortController();
    const t = setTimeout(() => {
      send<Answer>('POST', '/api/eval', { language, expression, ...body }, abort.signal).then(setAnswer, (e: unknown) => {
        if (!abort.signal.aborted) setAnswer({ error: { code: (e as Error).name, message: (e as Error).message } });
      });
    }, 180);
    return () => {
      clearTimeout(t);
      abort.abort();
    };
  }, [expression, language, body]);

  const marks = useMemo<Mark[]>(() => {
    const e = answer?.error;
    if (!e || e.position === undefined) return [];
    return [{ from: e.position, to: e.position + 1, severity: 'error', message: e.message }];
  }, [answer]);

  return (
    <div className="stack">
      <div className="lines">
        <div className="segments" role="group" aria-label="Language">
          {(['JSONata', 'JSONPath'] as const).map((l) => (
            <button key={l} className="segment" aria-pressed={language === l} onClick={() => { setLanguage(l); setExpression(l === 'JSONata' ? '$states.input' : '$'); }}>{l}</button>
          ))}
        </div>
        <span className="faint small">
          {language === 'JSONata' ? <><code>$states.input</code>, <code>$states.result</code>, <code>$states.context</code> and this step's variables are bound</> : <><code>$</code> is this step's input, <code>$$</code> the context; <code>States.Format(…)</code> works</>}
        </span>
      </div>
      <Editor value={expression} onChange={setExpression} language="jsonata" label="Expression" height={84} marks={marks} />
      {answer?.error ? (
        <div className="step-error tone-failed" role="alert"><code className="toned strong">{answer.error.code}</code> <span className="wrap" dir="auto">{answer.error.message}</span></div>
      ) : answer ? (
        <Json title="Value" value={answer.output === undefined ? null : answer.output} note={answer.output === undefined ? <span className="faint small">nothing</span> : null} />
      ) : null}
      <details className="pad-data">
        <summary className="muted">The data it sees</summary>
        <Json value={body} />
      </details>
    </div>
  );
}
