import { createContext, useContext, useMemo, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from 'react';

// The address is the state: path and query say what is open, selected and filtered.

const followers = new Set<() => void>();
let url = typeof window === 'undefined' ? '/' : here();

function here(): string {
  return window.location.pathname + window.location.search;
}

function moved(): void {
  url = here();
  for (const f of [...followers]) f();
}

if (typeof window !== 'undefined') window.addEventListener('popstate', moved);

/** navigate opens a path of the console. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === here()) return;
  if (options.replace) history.replaceState(null, '', to);
  else {
    history.pushState(null, '', to);
    window.scrollTo(0, 0);
  }
  moved();
}

/** useUrl follows path and query. */
export function useUrl(): { path: string; query: URLSearchParams } {
  const u = useSyncExternalStore(
    (f) => {
      followers.add(f);
      return () => followers.delete(f);
    },
    () => url,
  );
  return useMemo(() => {
    const at = u.indexOf('?');
    return { path: at < 0 ? u : u.slice(0, at), query: new URLSearchParams(at < 0 ? '' : u.slice(at + 1)) };
  }, [u]);
}

/** useParam follows one value of the query, and sets it without a new entry in the history. */
export function useParam(name: string, fallback = ''): [string, (v: string) => void] {
  const { query } = useUrl();
  const set = (v: string): void => setParams({ [name]: v === fallback ? undefined : v });
  return [query.get(name) ?? fallback, set];
}

/** setParams changes values of the query; undefined removes one. */
export function setParams(values: Record<string, string | undefined>, options: { push?: boolean } = {}): void {
  const q = new URLSearchParams(window.location.search);
  for (const [k, v] of Object.entries(values)) {
    if (v === undefined || v === '') q.delete(k);
    else q.set(k, v);
  }
  const s = q.toString();
  navigate(window.location.pathname + (s ? `?${s}` : ''), { replace: !options.push });
}

/** segment escapes a name for a path. Colons stay, so that ARNs can be read. */
export function segment(name: string): string {
  return encodeURIComponent(name).replaceAll('%3A', ':').replaceAll('%24', '$');
}

/** Link is an anchor within the console. */
export function Link({ to, children, ...rest }: { to: string; children: ReactNode } & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'>): React.ReactElement {
  const click = (ev: MouseEvent<HTMLAnchorElement>): void => {
    rest.onClick?.(ev);
    if (ev.defaultPrevented || ev.button !== 0 || ev.metaKey || ev.ctrlKey || ev.shiftKey || ev.altKey) return;
    ev.preventDefault();
    navigate(to);
  };
  return (
    <a {...rest} href={to} onClick={click}>
      {children}
    </a>
  );
}

const Params = createContext<Record<string, string>>({});
export const ParamsProvider = Params.Provider;

/** usePathParam is a decoded part of the path, by its name in the route. */
export function usePathParam(name: string): string {
  return useContext(Params)[name] ?? '';
}

/**
 * match compares a path with a pattern: ":name" takes one segment, "*name" the rest.
 * It answers the decoded values, or null.
 */
export function match(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/').filter(Boolean);
  const got = path.split('/').filter((s, i, all) => s !== '' || (i > 0 && i < all.length - 1));
  const values: Record<string, string> = {};
  for (let i = 0; i < want.length; i++) {
    const w = want[i]!;
    if (w.startsWith('*')) {
      values[w.slice(1)] = got.slice(i).map(decode).join('/') + (path.endsWith('/') ? '/' : '');
      return got.length > i ? values : null;
    }
    const g = got[i];
    if (g === undefined) return null;
    if (w.startsWith(':')) values[w.slice(1)] = decode(g);
    else if (w !== g) return null;
  }
  return got.length === want.length ? values : null;
}

function decode(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

/** Addresses of the console's pages. */
export const to = {
  machine: (arn: string, tab?: string): string => `/machines/${segment(arn)}${tab ? `?tab=${tab}` : ''}`,
  execution: (arn: string, step?: string): string => `/executions/${arn.split('/').map(segment).join('/')}${step ? `?step=${encodeURIComponent(step)}` : ''}`,
  mapRun: (arn: string): string => `/mapruns/${arn.split('/').map(segment).join('/')}`,
  job: (id: string): string => `/jobs/${segment(id)}`,
  fn: (name: string): string => `/functions/${segment(name)}`,
  object: (bucket: string, key = ''): string => `/objects/${segment(bucket)}${key ? `/${key.split('/').map(segment).join('/')}` : ''}`,
  stack: (name: string): string => `/stacks/${segment(name)}`,
  dates: (arn: string): string => `/dates/${segment(arn)}`,
};
