import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore, type CSSProperties, type KeyboardEvent, type ReactNode } from 'react';

/** A Column of a Table. */
export interface Column<T> {
  id: string;
  name: ReactNode;
  /** A CSS grid track: "120px", "minmax(160px, 1fr)". */
  width: string;
  cell: (row: T, index: number) => ReactNode;
  /** Makes the column sortable. */
  sort?: (row: T) => number | string | undefined;
  align?: 'right';
  /** Left out where the page is narrower than a tablet. */
  minor?: boolean;
}

const narrowly = window.matchMedia('(max-width: 720px)');
const followWidth = (f: () => void): (() => void) => {
  narrowly.addEventListener('change', f);
  return () => narrowly.removeEventListener('change', f);
};

/**
 * Table shows any number of rows: only those on screen are in the page. Arrow keys
 * move, Enter opens. It fills its parent's height unless fit, where it grows with its rows.
 */
export function Table<T>(props: {
  rows: readonly T[];
  columns: Column<T>[];
  rowKey: (row: T, index: number) => string;
  label: string;
  onOpen?: (row: T) => void;
  selected?: string | undefined;
  rowClass?: (row: T) => string;
  fit?: boolean;
  rowHeight?: number;
  empty?: ReactNode;
  /** Brings the selected row into view when it changes elsewhere. */
  follow?: boolean;
  onEnd?: () => void;
}): React.ReactElement {
  const { rowKey, onOpen, selected, rowHeight = 32 } = props;
  const narrow = useSyncExternalStore(followWidth, () => narrowly.matches);
  const columns = useMemo(() => (narrow ? props.columns.filter((c) => !c.minor) : props.columns), [narrow, props.columns]);
  const [sort, setSort] = useState<{ id: string; down: boolean } | null>(null);
  const scroller = useRef<HTMLDivElement>(null);

  const rows = useMemo(() => {
    const by = sort && columns.find((c) => c.id === sort.id)?.sort;
    if (!by) return props.rows;
    const sign = sort.down ? -1 : 1;
    return [...props.rows].sort((a, b) => {
      const x = by(a);
      const y = by(b);
      if (x === y) return 0;
      if (x === undefined) return 1;
      if (y === undefined) return -1;
      return x < y ? -sign : sign;
    });
  }, [props.rows, sort, columns]);

  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const template = columns.map((c) => c.width).join(' ');

  const { follow } = props;
  useEffect(() => {
    if (!follow || selected === undefined) return;
    const i = rows.findIndex((r, n) => rowKey(r, n) === selected);
    if (i >= 0) virtual.scrollToIndex(i, { align: 'auto' });
    // Only a new selection scrolls, not new rows.
    // eslint-disable-next-line
  }, [selected, follow]);

  const items = virtual.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? -1;
  const { onEnd } = props;
  useEffect(() => {
    if (onEnd && rows.length > 0 && lastIndex >= rows.length - 1) onEnd();
  }, [lastIndex, rows.length, onEnd]);

  const key = (e: KeyboardEvent<HTMLDivElement>): void => {
    const row = (e.target as HTMLElement).closest<HTMLElement>('[data-index]');
    const i = row ? Number(row.dataset.index) : -1;
    let next = i;
    if (e.key === 'ArrowDown' || e.key === 'j') next = i + 1;
    else if (e.key === 'ArrowUp' || e.key === 'k') next = Math.max(0, i - 1);
    else if (e.key === 'PageDown') next = i + 20;
    else if (e.key === 'PageUp') next = Math.max(0, i - 20);
    else if (e.key === 'Home') next = 0;
    else if (e.key === 'End') next = rows.length - 1;
    else if (e.key === 'Enter' && i >= 0 && e.target === row) {
      const r = rows[i];
      if (r !== undefined) onOpen?.(r);
      return;
    } else return;
    if (e.metaKey || e.ctrlKey || e.altKey || (e.target as HTMLElement).closest('input,textarea,select')) return;
    e.preventDefault();
    next = Math.min(rows.length - 1, next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus({ preventScroll: true }));
  };

  const opener = useRef(onOpen);
  opener.current = onOpen;
  const open = useCallback((row: unknown) => opener.current?.(row as T), []);
  const total = virtual.getTotalSize();
  return (
    <div className={`table ${props.fit ? 'table-fit' : ''}`} role="table" aria-label={props.label} aria-rowcount={rows.length + 1} style={{ '--columns': template, '--row': `${rowHeight}px` } as CSSProperties}>
      <div className="table-scroll" ref={scroller} onKeyDown={key} tabIndex={rows.length === 0 || !onOpen ? 0 : -1} role="rowgroup">
        <div className="table-head" role="row">
          {columns.map((c) => (
            <div
              key={c.id}
              role="columnheader"
              className={`cell ${c.align === 'right' ? 'right' : ''}`}
              aria-sort={sort?.id === c.id ? (sort.down ? 'descending' : 'ascending') : undefined}
            >
              {c.sort ? (
                <button className="sort" onClick={() => setSort((s) => (s?.id !== c.id ? { id: c.id, down: false } : s.down ? null : { id: c.id, down: true }))}>
                  {c.name}
                  <span aria-hidden="true">{sort?.id === c.id ? (sort.down ? ' ↓' : ' ↑') : ''}</span>
                </button>
              ) : (
                c.name || <span className="visually-hidden">{c.id === 'act' ? 'Acts' : c.id}</span>
              )}
            </div>
          ))}
        </div>
        {rows.length === 0 ? <div role="row"><div role="cell" className="table-empty">{props.empty ?? <span className="faint">Nothing here</span>}</div></div> : null}
        <div className="table-body" role="presentation" style={{ height: total }}>
          {items.map((v) => {
            const row = rows[v.index]!;
            const k = rowKey(row, v.index);
            const chosen = selected === k;
            return (
              <Row
                key={k}
                row={row}
                index={v.index}
                columns={columns as Column<unknown>[]}
                start={v.start}
                selected={chosen}
                tab={!onOpen ? undefined : chosen || (selected === undefined && v.index === 0) ? 0 : -1}
                mark={props.rowClass?.(row) ?? ''}
                onOpen={open}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

// A Row is drawn again only where its own row, place or the columns are new, not
// with each frame of scrolling.
const Row = memo(function Row({ row, index, columns, start, selected, tab, mark, onOpen }: {
  row: unknown; index: number; columns: Column<unknown>[]; start: number;
  selected: boolean; tab: number | undefined; mark: string; onOpen: (row: unknown) => void;
}): React.ReactElement {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected ? true : undefined}
      data-index={index}
      tabIndex={tab}
      className={`row ${selected ? 'row-selected' : ''} ${tab !== undefined ? 'row-open' : ''} ${mark}`}
      style={{ transform: `translateY(${start}px)` }}
      onClick={(e) => {
        if ((e.target as HTMLElement).closest('a,button,input')) return;
        onOpen(row);
      }}
    >
      {columns.map((c) => (
        <div key={c.id} role="cell" className={`cell ${c.align === 'right' ? 'right num' : ''}`}>
          {c.cell(row, index)}
        </div>
      ))}
    </div>
  );
});
