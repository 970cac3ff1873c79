import { useMemo } from 'react';
import { diff, type DiffLine } from '../lib/diff';
import { plural } from '../lib/format';

const around = 3;

/** Difference shows two texts by lines, what stays the same shortened. */
export function Difference({ before, after }: { before: string; after: string }): React.ReactElement {
  const lines = useMemo(() => shorten(diff(before, after)), [before, after]);
  const n = lines.filter((l) => 'kind' in l && l.kind !== ' ').length;
  if (n === 0) return <p className="muted">They are the same.</p>;
  return (
    <pre className="difference" tabIndex={0} dir="ltr">
      {lines.map((l, i) =>
        'skip' in l ? (
          <div key={i} className="diff-skip">{plural(l.skip, 'line is', 'lines are')} the same</div>
        ) : (
          <div key={i} className={l.kind === '+' ? 'diff-new' : l.kind === '-' ? 'diff-old' : ''}>
            <span className="diff-n num">{l.a ?? ''}</span><span className="diff-n num">{l.b ?? ''}</span><span className="diff-k">{l.kind}</span>{l.text}
          </div>
        ),
      )}
    </pre>
  );
}

function shorten(lines: DiffLine[]): (DiffLine | { skip: number })[] {
  const near = new Set<number>();
  lines.forEach((l, i) => {
    if (l.kind !== ' ') for (let k = i - around; k <= i + around; k++) near.add(k);
  });
  const out: (DiffLine | { skip: number })[] = [];
  let skip = 0;
  lines.forEach((l, i) => {
    if (near.has(i)) {
      if (skip) out.push({ skip });
      skip = 0;
      out.push(l);
    } else skip++;
  });
  if (skip) out.push({ skip });
  return out;
}
