import { useEffect, useState } from 'react';
import { get, query } from '../../api/client';
import { onChange } from '../../api/live';
import type { HistoryEvent } from '../../api/types';

interface Page {
  events: HistoryEvent[];
  last: number;
  more: boolean;
}

/** useHistory reads an execution's events, page by page, and goes on as it changes. */
export function useHistory(arn: string): { events: HistoryEvent[]; done: boolean; error: Error | undefined } {
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
            const p = await get<Page>(query('/api/history', { arn, after, limit: 5000 }), abort.signal);
            if (abort.signal.aborted) return;
            if (p.events.length) all = [...all, ...p.events];
            if (!p.more || p.events.length === 0) break;
            setState({ events: all, done: false, error: undefined });
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
      if (c.topic === 'execution' && c.key === arn) void read();
    });
    // The connection for changes may have been away: look again when it is back and now and then while it is not.
    const poll = setInterval(() => {
      if (document.visibilityState === 'visible' && !all.some(ended)) void read();
    }, 15_000);
    return () => {
      abort.abort();
      stop();
      clearInterval(poll);
    };
  }, [arn]);
  return state;
}

const ended = (e: HistoryEvent, i: number, all: HistoryEvent[]): boolean => i === all.length - 1 && /^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(e.type);
