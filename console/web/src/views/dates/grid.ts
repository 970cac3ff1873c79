// The dates of a machine as calendar months.

export interface DateItem {
  date: string;
  status: string;
  arn?: string;
  attempts: number;
}

/** A Month is one of a grid: days has a gap (undefined) for each weekday before the first. */
export interface Month {
  name: string;
  days: (DateItem | undefined)[];
}

/** months sorts dates into calendar months, weeks beginning on Monday, the newest first. */
export function months(dates: DateItem[]): Month[] {
  const by = new Map<string, DateItem[]>();
  for (const d of dates) {
    const key = d.date.slice(0, 7);
    const list = by.get(key);
    if (list) list.push(d);
    else by.set(key, [d]);
  }
  return [...by].reverse().map(([name, list]) => ({ name, days: [...Array<undefined>((weekday(list[0]!.date) + 6) % 7).fill(undefined), ...list] }));
}

const weekday = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay();

/** shift moves a date by days. */
export function shift(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** between tells whether a date is in the range of two, in any order. */
export function between(date: string, a: string | undefined, b: string | undefined): boolean {
  if (!a) return false;
  const [from, to] = order(a, b ?? a);
  return date >= from && date <= to;
}

/** order puts two dates in order. */
export function order(a: string, b: string): [string, string] {
  return a <= b ? [a, b] : [b, a];
}

/** fill writes a date into a template, as the server does. */
export function fill(template: string, date: string): string {
  const [year, month, day] = date.split('-');
  return template.replaceAll('{date}', date).replaceAll('{year}', year!).replaceAll('{month}', month!).replaceAll('{day}', day!);
}
