import { useEffect, useState } from 'react';
import { get, historyPath, historySize as size } from '../../api/client';
import { anew, onChange } from '../../api/live';
import type { HistoryEvent } from '../../api/types';

interface Page {
  events: HistoryEvent[];
  last: number;
  more: boolean;
}

/**
 * useHistory reads an execution's events and goes on as it changes. Where hint tells
 * how many there are, all pages are asked for at once.
 */
export function useHistory(arn: string, hint = 0): { events: HistoryEvent[]; done: boolean; error: Error | undefined } {
  const [state, setState] = useState<{ events: HistoryEvent[]; done: boolean; error: Error | undefined }>({ events: [], done: false, error: undefined });
  useEffect(() => {
    const abort = new AbortController();
    let all: HistoryEvent[] = [];
    let busy = false;
    let again = false;
    const read = async (): Promise<void> => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        do {
          again = false;
          for (;;) {
            const after = all.length ? all[all.length - 1]!.id : 0;
            const page = (from: number): Promise<Page> => get<Page>(historyPath(arn, from), abort.signal);
            const wanted = hint > after + size ? Array.from({ length: Math.ceil((hint - after) / size) }, (_, i) => after + i * size) : [after];
            const pages = await Promise.all(wanted.map(page));
            if (abort.signal.aborted) return;
            const fresh = pages.flatMap((p) => p.events);
            if (fresh.length) all = [...all, ...fresh];
            if (!pages[pages.length - 1]!.more || fresh.length === 0) break;
          }
        } while (again);
        setState({ events: all, done: true, error: undefined });
      } catch (e) {
        if (!abort.signal.aborted) setState({ events: all, done: true, error: e as Error });
      } finally {
        busy = false;
      }
    };
    void read();
    const stop = onChange((c) => {
      if (c.topic === anew || (c.topic === 'execution' && c.key === arn)) void read();
    });
    // The connection for changes may have been away: look again when it is back and now and then while it is not.
    const poll = setInterval(() => {
      if (document.visibilityState === 'visible' && !all.some(ended)) void read();
    }, 15_000);
    // The hint counts for the first reading only.
    return () => {
      abort.abort();
      stop();
      clearInterval(poll);
    };
  }, [arn]);
  return state;
}

const ended = (e: HistoryEvent, i: number, all: HistoryEvent[]): boolean => i === all.length - 1 && /^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(e.type);
