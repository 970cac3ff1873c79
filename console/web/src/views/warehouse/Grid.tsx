import { useMemo } from 'react';
import { Table, type Column } from '../../ui/table';
import { isNumber, type ResultColumn, type Value } from './run';

/** Grid shows the rows of a result; any number scrolls. */
export function Grid({ columns, rows, label }: { columns: ResultColumn[]; rows: Value[][]; label: string }): React.ReactElement {
  const cols = useMemo<Column<Value[]>[]>(
    () => [
      { id: '#', name: '', width: '52px', cell: (_, i) => <span className="faint num tiny">{i + 1}</span> },
      ...columns.map((c, i): Column<Value[]> => ({
        id: `${i}`,
        name: <span title={`${c.name}: ${c.type}`}>{c.name}</span>,
        width: `${width(c, rows, i)}px`,
        ...(isNumber(c) ? { align: 'right' as const } : {}),
        sort: (r) => (r[i] === null || r[i] === undefined ? undefined : isNumber(c) ? Number(r[i]) : r[i]!),
        cell: (r) => <Cell v={r[i] ?? null} />,
      })),
    ],
    // The widths are those of the first rows.
    // eslint-disable-next-line
    [columns, rows.length > 0],
  );
  return <Table rows={rows} columns={cols} rowKey={(_, i) => `${i}`} label={label} rowHeight={26} empty={<span className="faint">No rows</span>} />;
}

function Cell({ v }: { v: Value }): React.ReactElement {
  if (v === null) return <span className="faint null">null</span>;
  return <bdi className="mono value" title={v.length > 20 ? v.slice(0, 4000) : undefined}>{v.length > 300 ? `${v.slice(0, 300)}…` : v}</bdi>;
}

function width(c: ResultColumn, rows: Value[][], i: number): number {
  let n = c.name.length + 2;
  for (const r of rows.slice(0, 100)) n = Math.max(n, r[i]?.length ?? 4);
  return Math.min(360, Math.max(64, Math.round(n * 7.4) + 24));
}
