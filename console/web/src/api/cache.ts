import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import { ApiError } from './client';
import { onChange, type Change } from './live';

/** A Snapshot is what the cache knows of a key. */
export interface Snapshot<T> {
  data: T | undefined;
  error: Error | undefined;
  loading: boolean;
  /** Epoch milliseconds of the last answer. */
  at: number;
}

interface Entry {
  snap: Snapshot<unknown>;
  run: ((signal: AbortSignal) => Promise<unknown>) | undefined;
  followers: Set<() => void>;
  abort: AbortController | undefined;
  again: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  evict: ReturnType<typeof setTimeout> | undefined;
}

const none: Snapshot<never> = { data: undefined, error: undefined, loading: true, at: 0 };
const keep = 60_000; // what nobody shows is forgotten after a minute, so that memory stays flat
const pace = 120; // ms between refetches of one key
const entries = new Map<string, Entry>();

function entry(key: string): Entry {
  let e = entries.get(key);
  if (!e) {
    e = { snap: none, run: undefined, followers: new Set(), abort: undefined, again: false, timer: undefined, evict: undefined };
    entries.set(key, e);
  }
  return e;
}

function publish(e: Entry, snap: Snapshot<unknown>): void {
  e.snap = snap;
  for (const f of [...e.followers]) f();
}

function fetchEntry(e: Entry): void {
  if (!e.run) return;
  if (e.abort) {
    e.again = true;
    return;
  }
  const abort = new AbortController();
  e.abort = abort;
  e.again = false;
  if (!e.snap.loading && e.snap.data === undefined) publish(e, { ...e.snap, loading: true });
  const done = (snap: Snapshot<unknown>): void => {
    if (e.abort !== abort) return;
    e.abort = undefined;
    publish(e, snap);
    if (e.again) soon(e);
  };
  e.run(abort.signal).then(
    (data) => done({ data, error: undefined, loading: false, at: Date.now() }),
    (err: unknown) => {
      if (abort.signal.aborted) return;
      const error = err instanceof Error ? err : new Error(String(err));
      // What was there stays on screen while the server is away.
      done({ data: error instanceof ApiError && error.status === 0 ? e.snap.data : undefined, error, loading: false, at: Date.now() });
    },
  );
}

function soon(e: Entry): void {
  if (e.timer !== undefined || e.followers.size === 0) return;
  const wait = Math.max(0, e.snap.at + pace - Date.now());
  e.timer = setTimeout(() => {
    e.timer = undefined;
    fetchEntry(e);
  }, wait);
}

/** invalidate fetches again what is shown of the keys that match, and forgets the others. */
export function invalidate(match: (key: string) => boolean): void {
  for (const [key, e] of entries) {
    if (!match(key)) continue;
    if (e.followers.size > 0) soon(e);
    else entries.delete(key);
  }
}

/** put stores an answer that is already here. */
export function put<T>(key: string, data: T): void {
  publish(entry(key), { data, error: undefined, loading: false, at: Date.now() });
}

export interface QueryOptions {
  /** Which changes mean that the answer is stale. */
  on?: (c: Change) => boolean;
  /** Fetch again every so many milliseconds while shown. */
  every?: number | undefined;
  /** An answer that may be here already, so that the first drawing has it. */
  first?: () => unknown;
}

/** useQuery fetches and follows the answer named key. A null key fetches nothing. */
export function useQuery<T>(key: string | null, run: (signal: AbortSignal) => Promise<T>, options: QueryOptions = {}): Snapshot<T> & { refetch: () => void } {
  const runRef = useRef(run);
  runRef.current = run;
  const onRef = useRef(options.on);
  onRef.current = options.on;

  if (key !== null && options.first && !entries.has(key)) {
    const answer = options.first();
    if (answer !== undefined) put(key, answer);
  }
  const subscribe = useCallback(
    (f: () => void) => {
      if (key === null) return () => undefined;
      const e = entry(key);
      clearTimeout(e.evict);
      e.followers.add(f);
      e.run = (signal) => runRef.current(signal);
      if (e.snap.at === 0 || Date.now() - e.snap.at > 1000) fetchEntry(e);
      return () => {
        e.followers.delete(f);
        if (e.followers.size > 0) return;
        e.evict = setTimeout(() => {
          if (e.followers.size > 0) return;
          e.abort?.abort();
          if (entries.get(key) === e) entries.delete(key);
        }, keep);
      };
    },
    [key],
  );
  const snap = useSyncExternalStore(subscribe, () => (key === null ? none : (entries.get(key)?.snap ?? none))) as Snapshot<T>;

  useEffect(() => {
    if (key === null) return;
    return onChange((c) => {
      if (onRef.current?.(c)) {
        const e = entries.get(key);
        if (e) soon(e);
      }
    });
  }, [key]);

  const { every } = options;
  useEffect(() => {
    if (key === null || !every) return;
    const t = setInterval(() => {
      const e = entries.get(key);
      if (e && document.visibilityState === 'visible') soon(e);
    }, every);
    return () => clearInterval(t);
  }, [key, every]);

  const refetch = useCallback(() => {
    if (key === null) return;
    const e = entries.get(key);
    if (e) fetchEntry(e);
  }, [key]);
  return { ...snap, refetch };
}
