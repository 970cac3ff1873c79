// Formatters: how durations, sizes, times and names are written everywhere.

/** duration writes milliseconds the way people say them: "340 ms", "2.4 s", "3m 04s", "1h 12m", "2d 3h". */
export function duration(ms: number | undefined | null): string {
  if (ms === undefined || ms === null || !Number.isFinite(ms)) return '–';
  if (ms < 0) ms = 0;
  if (ms < 1) return '0 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.round(s)} s`;
  const whole = Math.round(s);
  const m = Math.floor(whole / 60);
  if (m < 60) return `${m}m ${pad(whole % 60)}s`;
  const h = Math.floor(m / 60);
  if (h < 48) return `${h}h ${pad(m % 60)}m`;
  return `${Math.floor(h / 24)}d ${h % 24}h`;
}

/** bytes writes a size in 1024-units: "0 B", "812 B", "1.4 KiB". */
export function bytes(n: number | undefined | null): string {
  if (n === undefined || n === null || !Number.isFinite(n)) return '–';
  if (n < 1024) return `${n} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let v = n;
  let u = -1;
  do {
    v /= 1024;
    u++;
  } while (v >= 1024 && u < units.length - 1);
  return `${v < 10 ? v.toFixed(1) : Math.round(v)} ${units[u]}`;
}

/** count writes an integer with thin grouping: 25 000. */
export function count(n: number | undefined | null): string {
  if (n === undefined || n === null || !Number.isFinite(n)) return '–';
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

/** likeYears tells that all numbers may be years, which are not grouped. */
export const likeYears = (all: readonly (number | null)[]): boolean => all.every((n) => n === null || (Number.isInteger(n) && n >= 1500 && n <= 2200));

/** numeral writes a number of data with thin grouping, as count does: 25 000.5. */
export function numeral(n: number): string {
  const [whole = '', part] = (Math.abs(n) >= 1e15 || (n !== 0 && Math.abs(n) < 1e-6) ? n.toPrecision(6) : String(+n.toPrecision(15))).split('.');
  const grouped = /^-?\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f') : whole;
  return part === undefined ? grouped : `${grouped}.${part}`;
}

const pad = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** millis turns what APIs answer for a time (epoch seconds or ISO 8601) into epoch milliseconds. */
export function millis(t: number | string | undefined | null): number | undefined {
  if (t === undefined || t === null || t === '') return undefined;
  if (typeof t === 'number') return t > 1e11 ? t : t * 1000;
  const n = Date.parse(t);
  return Number.isNaN(n) ? undefined : n;
}

/** clock writes the time of day with seconds, and milliseconds where asked. */
export function clock(ms: number | undefined, fraction = false): string {
  if (ms === undefined) return '–';
  const d = new Date(ms);
  const base = `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
  return fraction ? `${base}.${String(d.getMilliseconds()).padStart(3, '0')}` : base;
}

/** day writes a local date: 2026-09-30. */
export function day(ms: number): string {
  const d = new Date(ms);
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
}

/** when writes a time as short as it is clear: the clock today, with the date on other days. */
export function when(ms: number | undefined, now = Date.now()): string {
  if (ms === undefined) return '–';
  return day(ms) === day(now) ? clock(ms) : `${day(ms)} ${clock(ms)}`;
}

/** ago writes the distance to now: "3 s ago", "in 5m 00s". */
export function ago(ms: number | undefined, now = Date.now()): string {
  if (ms === undefined) return '–';
  const d = now - ms;
  if (Math.abs(d) < 1500) return 'now';
  return d > 0 ? `${coarse(d)} ago` : `in ${coarse(-d)}`;
}

function coarse(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  const m = Math.round(s / 60);
  if (m < 60) return `${m} min`;
  const h = Math.round(m / 60);
  if (h < 36) return `${h} h`;
  return `${Math.round(h / 24)} days`;
}

/** exact writes a time with date, milliseconds and zone, for titles. */
export function exact(ms: number | undefined): string {
  if (ms === undefined) return '';
  return `${day(ms)} ${clock(ms, true)} ${zone()} · ${new Date(ms).toISOString()}`;
}

// Asking takes some 0.1 ms, which a list asks for each of its rows.
let zoneName = '';
const zone = (): string => (zoneName ||= Intl.DateTimeFormat().resolvedOptions().timeZone || 'local');

/** tail is the last part of an ARN or path: what people call the thing. */
export function tail(arn: string | undefined): string {
  if (!arn) return '';
  const colon = arn.lastIndexOf(':');
  return colon < 0 ? arn : arn.slice(colon + 1);
}

/** machineOfExecution derives a machine's ARN from that of its execution; undefined where it is none. */
export function machineOfExecution(arn: string): string | undefined {
  const p = arn.split(':');
  if (p.length < 8 || (p[5] !== 'execution' && p[5] !== 'express')) return undefined;
  return [...p.slice(0, 5), 'stateMachine', (p[6] ?? '').split('/')[0]].join(':');
}

const encoder = new TextEncoder();

/** byteLength is the size of a text in UTF-8, as AWS counts payloads. */
export function byteLength(s: string): number {
  return encoder.encode(s).length;
}

/** plural writes "1 run", "2 runs". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
