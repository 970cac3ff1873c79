// The answer of a run of SQL: lines of JSON, statement by statement.

export type Value = string | null;

/** A Column of a result. */
export interface ResultColumn {
  name: string;
  type: string;
}

/** A Fault is an error of a statement; position is an offset in the text that was sent. */
export interface Fault {
  code: string;
  message: string;
  position?: number;
  detail?: string;
  hint?: string;
}

/** A Result is what one statement gave so far. */
export interface Result {
  statement: number;
  start: number;
  end: number;
  columns?: ResultColumn[];
  rows: Value[][];
  notices: { severity: string; message: string }[];
  done?: { tag: string; rows: number; ms: number; truncated: boolean };
  error?: Fault;
}

/** take adds one line to the results. It answers whether the run has ended. */
export function take(results: Result[], line: string): boolean {
  if (line === '') return false;
  const m = JSON.parse(line) as Record<string, unknown>;
  if ('statement' in m) {
    results.push({ statement: m.statement as number, start: m.start as number, end: m.end as number, rows: [], notices: [] });
    return false;
  }
  if ('end' in m) return true;
  let r = results[results.length - 1];
  if (!r) {
    r = { statement: 0, start: 0, end: 0, rows: [], notices: [] };
    results.push(r);
  }
  if ('columns' in m) r.columns = m.columns as ResultColumn[];
  if ('rows' in m) for (const row of m.rows as Value[][]) r.rows.push(row);
  if ('notice' in m) r.notices.push(m.notice as { severity: string; message: string });
  if ('done' in m) r.done = m.done as NonNullable<Result['done']>;
  if ('error' in m) r.error = m.error as Fault;
  return false;
}

/** readRun reads a streamed answer and calls tell as results grow. */
export async function readRun(body: ReadableStream<Uint8Array>, tell: (results: Result[], ended: boolean) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  const results: Result[] = [];
  let rest = '';
  let ended = false;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) ended = take(results, line) || ended;
    tell(results, ended);
  }
  if (!ended) throw new Error('the answer broke off');
}

const quoted = /[",\n\r]/;

/** csv writes a result as comma-separated values; null is an empty field, the empty text is "". */
export function csv(columns: ResultColumn[], rows: Value[][]): string {
  const field = (v: Value): string => (v === null ? '' : v === '' || quoted.test(v) ? `"${v.replaceAll('"', '""')}"` : v);
  return [columns.map((c) => field(c.name)), ...rows.map((r) => r.map(field))].map((r) => r.join(',') + '\r\n').join('');
}

const numeric = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'oid', 'money']);
const timed = new Set(['date', 'timestamp', 'timestamptz']);

/** isNumber tells whether a column has numbers. */
export function isNumber(c: ResultColumn): boolean {
  return numeric.has(c.type);
}

/** A Series is what a quick chart draws: x as numbers (epoch seconds for times), and columns of numbers. */
export interface Series {
  x: number[];
  time: boolean;
  labels: string[] | undefined;
  name: string;
  lines: { name: string; y: (number | null)[] }[];
}

/** chartOf picks what to draw of a result: the first column that is a time, a text or a number against up to six number columns. */
export function chartOf(columns: ResultColumn[], rows: Value[][]): Series | undefined {
  if (rows.length < 2) return undefined;
  const ys = columns.map((c, i) => ({ c, i })).filter(({ c }) => isNumber(c));
  if (ys.length === 0) return undefined;
  let at = columns.findIndex((c) => timed.has(c.type));
  if (at < 0) at = columns.findIndex((c) => !isNumber(c));
  if (at < 0 && ys.length > 1) at = ys[0]!.i;
  const lines = ys.filter(({ i }) => i !== at).slice(0, 6);
  if (lines.length === 0) return undefined;
  const time = at >= 0 && timed.has(columns[at]!.type);
  const number = at >= 0 && isNumber(columns[at]!);
  const points = rows.map((r, i) => {
    const v = at < 0 ? null : r[at]!;
    const x = time ? Date.parse(`${(v ?? '').replace(' ', 'T')}${/[zZ]|[+-]\d\d(:?\d\d)?$/.test(v ?? '') || (v ?? '').length <= 10 ? '' : 'Z'}`) / 1000 : number ? Number(v) : i;
    return { x, r };
  }).filter((p) => Number.isFinite(p.x));
  if (time || number) points.sort((a, b) => a.x - b.x);
  if (points.length < 2) return undefined;
  return {
    x: points.map((p) => p.x),
    time,
    labels: time || number || at < 0 ? undefined : points.map((p) => p.r[at] ?? ''),
    name: at < 0 ? 'row' : columns[at]!.name,
    lines: lines.map(({ c, i }) => ({ name: c.name, y: points.map((p) => (p.r[i] === null || p.r[i] === undefined ? null : Number(p.r[i]))) })),
  };
}

/**
 * beside places n bars side by side about each label: the offsets of their left edges
 * and their width, in distances of labels. Together they take 0.7 at most, each one widest.
 */
export function beside(n: number, widest: number): { left: number[]; size: number } {
  const size = Math.min(0.7 / n, widest);
  return { left: Array.from({ length: n }, (_, i) => (i - n / 2) * size), size };
}
