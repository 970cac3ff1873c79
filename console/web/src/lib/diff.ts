/** A DiffLine is a line of the old text (-), the new one (+), or both ( ). */
export interface DiffLine {
  kind: ' ' | '+' | '-';
  text: string;
  /** Line numbers from 1 in the old and the new text. */
  a?: number;
  b?: number;
}

/** diff compares texts by lines (Myers). Past 4,000 edits it gives up on the middle and shows it as replaced. */
export function diff(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const out: DiffLine[] = [];
  for (let i = 0; i < head; i++) out.push({ kind: ' ', text: a[i]!, a: i + 1, b: i + 1 });
  middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), head, out);
  for (let i = tail; i > 0; i--) out.push({ kind: ' ', text: a[a.length - i]!, a: a.length - i + 1, b: b.length - i + 1 });
  return out;
}

function middle(a: string[], b: string[], at: number, out: DiffLine[]): void {
  const max = Math.min(a.length + b.length, 4000);
  const v = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  let found = a.length === 0 && b.length === 0;
  for (let d = 0; d <= max && !found; d++) {
    trace.push(new Map(v));
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1)) ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      v.set(k, x);
      if (x >= a.length && y >= b.length) {
        found = true;
        break;
      }
    }
  }
  if (!found) {
    a.forEach((t, i) => out.push({ kind: '-', text: t, a: at + i + 1 }));
    b.forEach((t, i) => out.push({ kind: '+', text: t, b: at + i + 1 }));
    return;
  }
  const back: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0 && (x > 0 || y > 0); d--) {
    const w = trace[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && (w.get(k - 1) ?? -1) < (w.get(k + 1) ?? -1));
    const pk = down ? k + 1 : k - 1;
    const px = d === 0 ? 0 : (w.get(pk) ?? 0);
    const py = d === 0 ? 0 : px - pk;
    while (x > px && y > py && x > 0 && y > 0 && a[x - 1] === b[y - 1]) {
      back.push({ kind: ' ', text: a[x - 1]!, a: at + x, b: at + y });
      x--;
      y--;
    }
    if (d === 0) break;
    if (down && y > 0) {
      back.push({ kind: '+', text: b[y - 1]!, b: at + y });
      y--;
    } else if (!down && x > 0) {
      back.push({ kind: '-', text: a[x - 1]!, a: at + x });
      x--;
    }
  }
  for (let i = back.length - 1; i >= 0; i--) out.push(back[i]!);
}
