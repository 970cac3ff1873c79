import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { get, query } from '../api/client';
import type { LogEvent } from '../api/types';
import { ansi, plain } from '../lib/ansi';
import { clock, count, exact, plural } from '../lib/format';
import { whileSeen } from '../lib/visible';
import { Problem } from './bits';
import { Icon } from './icon';

const most = 50_000; // lines kept in the page; the download has all

interface Page {
  events: LogEvent[];
  next: string;
}

/**
 * Log follows a log stream as it grows. It reads the last lines first, then the
 * stream's own server-sent events. from and to (epoch milliseconds) show a window only.
 */
export function Log({ group, stream, from, to, height, ended }: { group: string; stream?: string | undefined; from?: number | undefined; to?: number | undefined; height?: number; ended?: boolean | undefined }): React.ReactElement {
  const [events, setEvents] = useState<LogEvent[]>([]);
  const [error, setError] = useState<Error>();
  const [loaded, setLoaded] = useState(false);
  const [typed, setTyped] = useState('');
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(true);

  useEffect(() => {
    const abort = new AbortController();
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let after = '';
    let leave = (): void => undefined;
    setEvents([]);
    setLoaded(false);
    setError(undefined);
    const add = (p: Page): void => {
      if (p.events.length) setEvents((now) => (now.length + p.events.length > most ? [...now, ...p.events].slice(-most) : [...now, ...p.events]));
    };
    const listen = (): void => {
      source = new EventSource(query('/api/log/stream', { group, stream, after }));
      source.addEventListener('lines', (ev) => {
        const p = JSON.parse((ev as MessageEvent<string>).data) as Page;
        after = p.next;
        add(p);
      });
      source.onerror = () => {
        source?.close();
        retry = setTimeout(listen, 2000);
      };
    };
    get<Page>(query('/api/log', { group, stream, tail: 2000 }), abort.signal).then(
      (p) => {
        if (abort.signal.aborted) return;
        add(p);
        setLoaded(true);
        after = p.next;
        if (ended) return;
        leave = whileSeen(listen, () => {
          clearTimeout(retry);
          source?.close();
        });
      },
      (e: unknown) => {
        if (!abort.signal.aborted) setError(e as Error);
      },
    );
    return () => {
      abort.abort();
      leave();
    };
  }, [group, stream, ended]);

  const inWindow = useMemo(() => (from === undefined && to === undefined ? events : events.filter((e) => (from === undefined || e.t >= from) && (to === undefined || e.t <= to))), [events, from, to]);
  const words = typed.toLowerCase();
  const shown = useMemo(() => (words ? inWindow.filter((e) => plain(e.m).toLowerCase().includes(words)) : inWindow), [inWindow, words]);

  const ref = useRef<HTMLDivElement>(null);
  const v = useVirtualizer({ count: shown.length, getScrollElement: () => ref.current, estimateSize: () => 19, overscan: 30, getItemKey: useCallback((i: number) => `${i}`, []) });
  useEffect(() => {
    if (follow && shown.length) v.scrollToIndex(shown.length - 1, { align: 'end' });
    // eslint-disable-next-line
  }, [shown.length, follow]);

  const streams = useMemo(() => new Set(events.map((e) => e.s).filter(Boolean)).size > 1, [events]);
  return (
    <div className="log" style={height ? { height } : undefined}>
      <div className="log-head">
        <div className="log-search">
          <Icon name="search" />
          <input type="search" value={typed} onChange={(e) => setTyped(e.target.value)} placeholder="Search" aria-label="Search this log" />
        </div>
        <span className="faint small num">{words ? `${count(shown.length)} of ` : ''}{plural(inWindow.length, 'line')}</span>
        <span className="grow" />
        <label className="check"><input type="checkbox" checked={wrap} onChange={(e) => setWrap(e.target.checked)} /> Wrap</label>
        <label className="check"><input type="checkbox" checked={follow} onChange={(e) => setFollow(e.target.checked)} /> Follow</label>
        {stream ? (
          <a className="icon-button" href={query('/api/log/download', { group, stream })} download aria-label="Download the whole log" title="Download the whole log"><Icon name="download" /></a>
        ) : null}
      </div>
      {error ? <Problem error={error} title="The log cannot be read" /> : null}
      <div
        className={`log-lines ${wrap ? '' : 'log-nowrap'}`}
        ref={ref}
        tabIndex={0}
        role="log"
        aria-label={`Log ${stream ?? group}`}
        onWheel={(e) => {
          if (e.deltaY < 0) setFollow(false);
        }}
      >
        {loaded && shown.length === 0 ? <div className="log-none faint">{words ? 'No line has this.' : ended ? 'Nothing was written.' : 'Nothing written yet.'}</div> : null}
        <div className="log-body" style={{ height: v.getTotalSize() }}>
          {v.getVirtualItems().map((i) => {
            const e = shown[i.index]!;
            return (
              <div key={i.key} data-index={i.index} ref={v.measureElement} className="log-line" style={{ transform: `translateY(${i.start}px)` }}>
                <time className="num" title={exact(e.t)}>{clock(e.t, true)}</time>
                {streams && e.s ? <span className="log-stream" title={e.s}>{e.s.slice(-8)}</span> : null}
                <span className="log-text" dir="auto"><Line text={e.m} words={words} /></span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Line({ text, words }: { text: string; words: string }): React.ReactElement {
  const cut = text.length > 20_000;
  const runs = ansi((cut ? text.slice(0, 20_000) : text).replace(/\n+$/, ''));
  return (
    <>
      {runs.map((r, i) => (
        <span key={i} className={r.cls}>{words ? mark(r.text, words) : r.text}</span>
      ))}
      {cut ? <span className="faint"> … {count(text.length)} characters; the download has all</span> : null}
    </>
  );
}

function mark(text: string, words: string): React.ReactNode {
  const at = text.toLowerCase().indexOf(words);
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + words.length)}</mark>
      {text.slice(at + words.length)}
    </>
  );
}
