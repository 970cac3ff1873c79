import { useEffect, useMemo, useState } from 'react';
import { ApiError, send } from '../../api/client';
import { spanOf, spans } from '../../lib/pointer';
import type { Mark } from '../../ui/editor';
import { jsonMarks } from './Start';

/** A Finding is what the validator says of a place of a definition. */
export interface Finding {
  severity: 'ERROR' | 'WARNING';
  code: string;
  message: string;
  hint?: string;
  location?: string;
  pointer?: string;
  line?: number;
  column?: number;
}

/** placeOf is the line and the column of an offset, both from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before[before.length - 1]!.length + 1 };
}

/** useValidation validates a definition as it is typed, with the parser that CreateStateMachine uses too. */
export function useValidation(text: string, type: string): { findings: Finding[]; marks: Mark[]; busy: boolean } {
  const [answer, setAnswer] = useState<{ of: string; findings: Finding[] }>();
  const broken = useMemo(() => jsonMarks(text), [text]);
  useEffect(() => {
    if (broken.length) return;
    const abort = new AbortController();
    let t: ReturnType<typeof setTimeout>;
    const ask = (): void => {
      send<{ findings: Finding[] }>('POST', '/api/validate', { definition: text, type }, abort.signal).then(
        (r) => setAnswer({ of: text, findings: r.findings }),
        (e: unknown) => {
          if (abort.signal.aborted) return;
          // A server that restarts says nothing of the definition: it is asked again.
          if (e instanceof ApiError && (e.status === 0 || e.status >= 500)) t = setTimeout(ask, 1000);
          else setAnswer({ of: text, findings: [{ severity: 'ERROR', code: (e as Error).name, message: (e as Error).message }] });
        },
      );
    };
    t = setTimeout(ask, 250);
    return () => {
      clearTimeout(t);
      abort.abort();
    };
  }, [text, type, broken]);
  return useMemo(() => {
    if (broken.length) return { findings: broken.map((m): Finding => ({ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message: m.message, ...placeOf(text, m.from) })), marks: broken, busy: false };
    if (!answer) return { findings: [], marks: [], busy: true };
    const where = spans(answer.of);
    const marks = answer.findings.map((f): Mark => {
      const s = spanOf(where, f.pointer ?? f.location ?? '') ?? { from: 0, to: 1 };
      // A whole state would be a wall of red: its first line is enough.
      const line = answer.of.indexOf('\n', s.from);
      return { from: s.from, to: line > 0 ? Math.min(s.to, line) : s.to, severity: f.severity === 'WARNING' ? 'warning' : 'error', message: f.hint ? `${f.message} (${f.hint})` : f.message };
    });
    return { findings: answer.findings, marks, busy: answer.of !== text };
  }, [broken, answer, text]);
}
