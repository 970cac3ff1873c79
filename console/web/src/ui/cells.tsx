import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useMemo, useRef, useState } from 'react';
import { count } from '../lib/format';
import { toneOf, words } from './bits';
import { Icon } from './icon';
import { useWidth } from './measure';

/** A Cell is one item of a grid. */
export interface Cell {
  key: string;
  name: string;
  status: string;
}

const first = ['FAILED', 'TIMED_OUT', 'ABORTED', 'RUNNING', 'PENDING_REDRIVE', 'PENDING', 'CAUGHT', 'SUCCEEDED'];
const rank = (s: string): number => {
  const i = first.indexOf(s);
  return i < 0 ? first.length : i;
};

/** Cells is a grid of items, those that failed first; thousands scroll. */
export function Cells<C extends Cell>({ cells, onOpen, selected, label, max = 420 }: { cells: readonly C[]; onOpen: (c: C) => void; selected?: string | undefined; label: string; max?: number }): React.ReactElement {
  const [only, setOnly] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const counts = useMemo(() => {
    const by = new Map<string, number>();
    for (const c of cells) by.set(c.status, (by.get(c.status) ?? 0) + 1);
    return [...by].sort((a, b) => rank(a[0]) - rank(b[0]));
  }, [cells]);
  const shown = useMemo(() => {
    const list = only ? cells.filter((c) => c.status === only) : cells;
    return list.map((c, i) => ({ c, i })).sort((a, b) => rank(a.c.status) - rank(b.c.status) || a.i - b.i).map((x) => x.c);
  }, [cells, only]);
  const large = shown.length > 60;
  const size = large ? 26 : 34;
  const columns = Math.max(1, Math.floor((width - 2) / size));
  const lines = Math.ceil(shown.length / columns);
  const v = useVirtualizer({ count: lines, getScrollElement: () => box.current, estimateSize: () => size, overscan: 6 });

  // One cell can be reached with Tab, the others with the arrows.
  const chosen = selected === undefined ? -1 : shown.findIndex((c) => c.key === selected);
  const stop = Math.max(0, chosen);
  const at = (e: { target: EventTarget }): number => Number((e.target as HTMLElement).closest<HTMLElement>('[data-i]')?.dataset.i ?? -1);
  const click = (e: React.MouseEvent): void => {
    const c = shown[at(e)];
    if (c) onOpen(c);
  };
  const name = (e: React.PointerEvent): void => {
    const c = shown[at(e)];
    if (c) (e.target as HTMLElement).closest<HTMLElement>('[data-i]')!.title = `${c.name}\n${words(c.status)}`;
  };
  const key = (e: React.KeyboardEvent): void => {
    const i = at(e);
    const c = shown[i];
    if (!c) return;
    if (e.key === 'Enter' || e.key === ' ') {
      e.preventDefault();
      onOpen(c);
      return;
    }
    const next = e.key === 'ArrowRight' ? i + 1 : e.key === 'ArrowLeft' ? i - 1 : e.key === 'ArrowDown' ? i + columns : e.key === 'ArrowUp' ? i - columns : -1;
    if (next < 0 || next >= shown.length) return;
    e.preventDefault();
    v.scrollToIndex(Math.floor(next / columns));
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-i="${next}"]`)?.focus());
  };
  return (
    <div className="cells">
      <div className="lines cells-legend" role="group" aria-label={`${label} by status`}>
        {counts.map(([s, n]) => (
          <button key={s} className={`legend tone-${toneOf(s)}`} aria-pressed={only === s} onClick={() => setOnly(only === s ? '' : s)}>
            <Icon name={toneOf(s)} size={14} /> <span className="num">{count(n)}</span> {words(s).toLowerCase()}
          </button>
        ))}
      </div>
      <div className="cells-box" ref={box} style={{ maxHeight: max }} onKeyDown={key} onClick={click} onPointerOver={name}>
        <div className={`cells-body ${large ? '' : 'cells-roomy'}`} style={{ height: v.getTotalSize() }} role="listbox" aria-label={label}>
          {width > 0 ? v.getVirtualItems().map((line) => (
            <Line key={line.index} cells={shown} from={line.index * columns} to={(line.index + 1) * columns} top={line.start} large={large} selected={selected} stop={stop} />
          )) : null}
        </div>
      </div>
    </div>
  );
}

// A Line of the grid is drawn again only where it is new, not with each frame of
// scrolling. Its cells have no style of their own, so that the browser shares one.
const Line = memo(function Line({ cells, from, to, top, large, selected, stop }: {
  cells: readonly Cell[]; from: number; to: number; top: number; large: boolean; selected: string | undefined; stop: number;
}): React.ReactElement {
  return (
    <div className="heat-line" role="presentation" style={{ transform: `translateY(${top}px)` }}>
      {cells.slice(from, to).map((c, n) => {
        const tone = toneOf(c.status);
        return (
          <div key={c.key} data-i={from + n} role="option" tabIndex={from + n === stop ? 0 : -1} aria-selected={selected === c.key} aria-label={`${c.name}, ${words(c.status)}`} className={`heat tone-${tone}`}>
            {tone === 'succeeded' ? null : <Icon name={tone} size={large ? 13 : 15} />}
          </div>
        );
      })}
    </div>
  );
});
