import { Component, useEffect, useState, type ErrorInfo, type ReactNode } from 'react';
import { ApiError } from '../api/client';
import { Link } from '../app/router';
import { ago, exact, when } from '../lib/format';
import { Icon, type IconName } from './icon';
import { toast } from './toast';

/** Tone is the family of a status: one colour and one shape each. */
export type Tone = 'succeeded' | 'failed' | 'running' | 'waiting' | 'timedout' | 'aborted' | 'caught' | 'redriven' | 'idle';

const tones: Record<string, Tone> = {
  SUCCEEDED: 'succeeded', ACTIVE: 'succeeded', ENABLED: 'succeeded', VALID: 'succeeded', FINISHED: 'succeeded', OK: 'succeeded', READY: 'succeeded', OPEN: 'succeeded', LOADED: 'succeeded',
  FAILED: 'failed', ERROR: 'failed', INVALID: 'failed', DOWN: 'failed',
  TIMED_OUT: 'timedout',
  RUNNING: 'running', STARTING: 'running', STARTED: 'running', PICKED: 'running',
  ABORTED: 'aborted', STOPPED: 'aborted', DELETED: 'aborted', CANCELLED: 'aborted',
  PENDING_REDRIVE: 'redriven', REDRIVEN: 'redriven',
  SUBMITTED: 'waiting', PENDING: 'waiting', RUNNABLE: 'waiting', SCHEDULED: 'waiting', WAITING: 'waiting',
  CAUGHT: 'caught', RETRIED: 'caught', DEGRADED: 'caught', LATE: 'caught',
  DISABLED: 'idle',
};

/** toneOf maps a status of AWS (executions, jobs, stacks, parts) to its tone. */
export function toneOf(status: string | undefined): Tone {
  const s = (status ?? '').toUpperCase();
  const known = tones[s];
  if (known) return known;
  if (s.includes('ROLLBACK') || s.endsWith('FAILED')) return 'failed';
  if (s.endsWith('IN_PROGRESS') || s.endsWith('ING')) return 'running';
  if (s.endsWith('COMPLETE')) return 'succeeded';
  return 'idle';
}

/** Status shows a status: shape, colour and word. */
export function Status({ value, label, compact }: { value: string | undefined; label?: string; compact?: boolean }): React.ReactElement {
  const tone = toneOf(value);
  const word = label ?? words(value);
  return (
    <span className={`status tone-${tone}`} title={compact ? word : undefined}>
      <Icon name={tone} {...(compact ? { label: word } : {})} className={tone === 'running' ? 'spin' : ''} />
      {compact ? null : <span>{word}</span>}
    </span>
  );
}

/** words writes TIMED_OUT as "Timed out". */
export function words(s: string | undefined): string {
  if (!s) return 'Unknown';
  if (!/^[A-Z_]+$/.test(s)) return s;
  const t = s.toLowerCase().replaceAll('_', ' ');
  return t[0]!.toUpperCase() + t.slice(1);
}

/** Time shows a time, relative where asked; its title is exact. */
export function Time({ at, relative }: { at: number | undefined; relative?: boolean }): React.ReactElement {
  const now = useNow(relative ? 10_000 : 0);
  if (at === undefined) return <span className="faint">–</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)} className="num">
      {relative ? ago(at, now) : when(at)}
    </time>
  );
}

/** useNow is the present time, renewed every so many milliseconds (0: never). */
export function useNow(every: number): number {
  const [now, set] = useState(() => Date.now());
  useEffect(() => {
    if (!every) return;
    set(Date.now());
    const t = setInterval(() => set(Date.now()), every);
    return () => clearInterval(t);
  }, [every]);
  return every ? now : Date.now();
}

/** Text shows a text of users or data: isolated, so that its direction does not turn what is around it. */
export function Text({ children, mono, className }: { children: string | undefined; mono?: boolean; className?: string }): React.ReactElement {
  return (
    <bdi className={`${mono ? 'mono' : ''} ${className ?? ''}`} title={children && children.length > 40 ? children.slice(0, 2000) : undefined}>
      {children ?? ''}
    </bdi>
  );
}

/** Problem shows an error with its code. */
export function Problem({ error, retry, title }: { error: Error; retry?: () => void; title?: string }): React.ReactElement {
  const away = error instanceof ApiError && error.status === 0;
  const code = error instanceof ApiError ? error.code : error.name;
  return (
    <div className="problem" role="alert">
      <Icon name="failed" size={18} />
      <div className="grow">
        <div className="problem-title">{title ?? (away ? 'The server does not answer' : code)}</div>
        <div className="muted wrap" dir="auto">{away ? 'It is tried again by itself. What you see may be old.' : title ? `${code}: ${error.message}` : error.message}</div>
      </div>
      {retry ? <button className="button" onClick={retry}>Try again</button> : null}
    </div>
  );
}

/** Empty is what a place without content says: what belongs here and how it gets here. */
export function Empty({ icon, title, children }: { icon?: IconName; title: string; children?: ReactNode }): React.ReactElement {
  return (
    <div className="empty">
      {icon ? <Icon name={icon} size={28} /> : null}
      <div className="empty-title">{title}</div>
      {children ? <div className="empty-text">{children}</div> : null}
    </div>
  );
}

/** Loading is shown while the first answer is on its way. It stays invisible for a moment, so that fast answers do not flicker. */
export function Loading(): React.ReactElement {
  return (
    <div className="loading" role="status" aria-label="Loading">
      <span /><span /><span />
    </div>
  );
}

/** Await shows children of the data, or why there are none. */
export function Await<T>({ of, children, place }: { place?: Place; of: { data: T | undefined; error: Error | undefined; refetch?: () => void }; children: (data: T) => ReactNode }): React.ReactElement {
  if (of.data !== undefined) {
    if (place && gone(of.error)) return <Gone place={place} />;
    return (
      <>
        {of.error ? <Problem error={of.error} /> : null}
        {children(of.data)}
      </>
    );
  }
  if (place && gone(of.error)) return <Gone place={place} />;
  if (of.error) return <Problem error={of.error} {...(of.refetch ? { retry: of.refetch } : {})} />;
  return <Loading />;
}

/** A Place is what a page is about: the list it is in, its kind and its name. */
export interface Place {
  list: string;
  href: string;
  kind: string;
  name: string;
}

/** gone tells that a thing was deleted or never was. */
export function gone(error: Error | undefined): boolean {
  return error instanceof ApiError && (error.status === 404 || /DoesNotExist$|NotFound$|^NoSuch/.test(error.code) || (error.code === 'ValidationError' && / does not exist$/.test(error.message)));
}

/** Gone stands for a thing that is not there, with the way back to its list. */
export function Gone({ place }: { place: Place }): React.ReactElement {
  return (
    <div className="full-body">
      <nav className="crumbs" aria-label="Place"><Link to={place.href}>{place.list}</Link> / <Text>{place.name}</Text></nav>
      <Empty title={`This ${place.kind} is deleted or unknown`}>
        <p>There is no {place.kind} <code><bdi>{place.name}</bdi></code> now.</p>
        <Link to={place.href} className="button">All {place.list.toLowerCase()}</Link>
      </Empty>
    </div>
  );
}

/** Copy copies a text to the clipboard. */
export function Copy({ text, label = 'Copy' }: { text: string; label?: string }): React.ReactElement {
  return (
    <button
      className="icon-button"
      aria-label={label}
      title={label}
      onClick={() => navigator.clipboard.writeText(text).then(() => toast({ kind: 'ok', text: 'Copied' }), () => toast({ kind: 'error', text: 'The browser refused the clipboard' }))}
    >
      <Icon name="copy" />
    </button>
  );
}

/** Tabs is a row of tabs; the chosen one belongs into the address. */
export function Tabs({ tabs, value, onChange, label }: { tabs: { id: string; name: ReactNode; count?: number | undefined }[]; value: string; onChange: (id: string) => void; label: string }): React.ReactElement {
  const move = (e: React.KeyboardEvent<HTMLDivElement>): void => {
    const d = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (!d) return;
    e.preventDefault();
    const i = tabs.findIndex((t) => t.id === value);
    const next = tabs[(i + d + tabs.length) % tabs.length]!;
    onChange(next.id);
    (e.currentTarget.querySelector(`[data-tab="${CSS.escape(next.id)}"]`) as HTMLElement | null)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map((t) => (
        <button key={t.id} data-tab={t.id} role="tab" aria-selected={t.id === value} tabIndex={t.id === value ? 0 : -1} className="tab" onClick={() => onChange(t.id)}>
          {t.name}
          {t.count !== undefined ? <span className="tab-count num">{t.count}</span> : null}
        </button>
      ))}
    </div>
  );
}

/** Facts is a list of names and values. */
export function Facts({ rows, long }: { rows: [string, ReactNode][]; long?: boolean }): React.ReactElement {
  return (
    <dl className={long ? 'facts facts-long' : 'facts'}>
      {rows.map(([k, v]) => (
        <div key={k}>
          <dt>{k}</dt>
          <dd>{v}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Boundary keeps a fault in one part of the page from taking the rest down. */
export class Boundary extends Component<{ children: ReactNode; resetKey?: string }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };
  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }
  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }
  override componentDidUpdate(before: { resetKey?: string }): void {
    if (this.state.error && before.resetKey !== this.props.resetKey) this.setState({ error: null });
  }
  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    const stale = /dynamically imported module|Failed to fetch|Importing a module/i.test(error.message);
    return (
      <Problem
        title={stale ? 'The server has a newer console' : 'This part of the page has failed'}
        error={error}
        retry={() => (stale ? window.location.reload() : this.setState({ error: null }))}
      />
    );
  }
}
