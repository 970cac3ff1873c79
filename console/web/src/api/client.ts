import { store } from '../lib/store';
import type { Session } from './types';

/** An ApiError is an answer of the server that is not a success. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly position?: number | string,
  ) {
    super(message);
    this.name = code;
  }
}

/** The session: undefined until the server answered, null where there is none. */
export const session = store<Session | null | undefined>(undefined);

// Answers that the page itself bears (console/firstpage.go), by their paths, for its first moments.
const borne = new Map<string, unknown>();

/** takeBorne reads the answers that stand in the page, and the session first. */
export function takeBorne(): void {
  const element = document.getElementById('first');
  if (!element) return;
  for (const [path, answer] of Object.entries(JSON.parse(element.textContent) as Record<string, unknown>)) borne.set(path, answer);
  element.remove();
  const s = borne.get('/api/session') as Session | undefined;
  if (s) session.set(s);
  setTimeout(() => borne.clear(), 5000);
}

/** atHand takes the answer of a path that the page itself bears, once. */
export function atHand<T>(path: string): T | undefined {
  const answer = borne.get(path) as T | undefined;
  borne.delete(path);
  return answer;
}

// Answers that were asked for while the code that wants them was on its way.
const early = new Map<string, Promise<Response>>();

/** ahead asks for a path now; the first get of it within seconds takes that answer. */
export function ahead(path: string): void {
  if (borne.has(path)) return;
  const answer = fetch(path, { headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' });
  answer.catch(() => undefined); // who takes it is told
  early.set(path, answer);
  setTimeout(() => early.delete(path), 5000);
}

/** request makes one call. It throws ApiError; status 0 where the server did not answer. */
export async function request(method: string, path: string, body?: BodyInit, init?: { type?: string; signal?: AbortSignal }): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') {
    if (session.get() === undefined) await loadSession().catch(() => undefined); // it has the token
    headers['X-Salamander-CSRF'] = session.get()?.csrf ?? '';
  }
  if (body !== undefined) headers['Content-Type'] = init?.type ?? 'application/json';
  let res: Response;
  try {
    const begun = early.get(path);
    early.delete(path);
    res = begun && method === 'GET' ? await begun : await fetch(path, { method, headers, body: body ?? null, signal: init?.signal ?? null, credentials: 'same-origin', cache: 'no-store' });
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e;
    throw new ApiError(0, 'NoAnswer', 'the server does not answer');
  }
  if (res.ok) return res;
  const err = await problem(res);
  if (res.status === 401) session.set(null);
  throw err;
}

async function problem(res: Response): Promise<ApiError> {
  const text = await res.text();
  try {
    const p = JSON.parse(text) as { code?: string; message?: string; position?: number };
    return new ApiError(res.status, p.code ?? `HTTP ${res.status}`, p.message ?? text, p.position);
  } catch {
    return new ApiError(res.status, `HTTP ${res.status}`, text.slice(0, 500) || res.statusText);
  }
}

/** get reads JSON. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const first = atHand<T>(path);
  if (first !== undefined) return first;
  const res = await request('GET', path, undefined, signal ? { signal } : undefined);
  return (await res.json()) as T;
}

/** send makes a changing call with a JSON body and reads JSON, undefined where the answer is empty. */
export async function send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const call = (): Promise<Response> =>
    request(method, path, body === undefined ? undefined : JSON.stringify(body), signal ? { signal } : undefined);
  let res: Response;
  try {
    res = await call();
  } catch (e) {
    // After a restart of the server the token of this tab is stale: take the new one, once.
    if (!(e instanceof ApiError) || e.status !== 403 || !/csrf/i.test(e.code + e.message)) throw e;
    await loadSession();
    res = await call();
  }
  const text = await res.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** aws calls an operation of the registry with its input as AWS names it. */
export function aws<T>(service: string, operation: string, input: unknown = {}, signal?: AbortSignal): Promise<T> {
  return send<T>('POST', `/api/aws/${service}/${operation}`, input, signal);
}

// The question that is on its way.
let asking: Promise<Session | null> | undefined;

/** loadSession asks who we are; null where we must log in. */
export function loadSession(): Promise<Session | null> {
  asking ??= ask().finally(() => {
    asking = undefined;
  });
  return asking;
}

async function ask(): Promise<Session | null> {
  try {
    const s = await get<Session>('/api/session');
    session.set(s);
    return s;
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) {
      session.set(null);
      return null;
    }
    throw e;
  }
}

/** query builds a query string of what is set. */
export function query(path: string, params: Record<string, string | number | undefined | null>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) if (v !== undefined && v !== null && v !== '') q.set(k, String(v));
  const s = q.toString();
  return s ? `${path}?${s}` : path;
}

/** historySize is how many events one page of a history has at most. */
export const historySize = 5000;

/** historyPath is the address of an execution's events behind one. */
export function historyPath(arn: string, after: number): string {
  return query('/api/history', { arn, after, limit: historySize });
}

/** itemsPath is the address of a map run's children from the newest on, or behind what an answer calls next. */
export function itemsPath(mapRun: string, next?: string): string {
  return query('/api/mapitems', { mapRun, next });
}

/** clusterKey is where the browser keeps the cluster that was chosen last. */
export const clusterKey = 'warehouse.cluster';

/** usualCluster is the cluster that is looked at: the one chosen last, or else the newest, which somebody has made. */
export function usualCluster(clusters: string[]): string {
  const remembered = localStorage.getItem(clusterKey) ?? '';
  return clusters.includes(remembered) ? remembered : (clusters.at(-1) ?? '');
}
