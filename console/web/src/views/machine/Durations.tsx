import { useMemo } from 'react';
import type { Machine } from '../../api/types';
import { duration } from '../../lib/format';
import { Empty, Text } from '../../ui/bits';
import { Table, type Column } from '../../ui/table';

type Row = Machine['durations'][number];

/** Durations shows how long each state takes: median, 95th percentile and longest of the latest runs on one scale. */
export function Durations({ machine, few }: { machine: Machine; few?: boolean }): React.ReactElement {
  const rows = useMemo(() => {
    const all = [...machine.durations].sort((a, b) => b.p95 - a.p95);
    return few ? all.slice(0, 6) : all;
  }, [machine.durations, few]);
  const longest = Math.max(1, ...rows.map((r) => r.max));
  const columns = useMemo<Column<Row>[]>(() => [
    { id: 'state', name: 'State', width: 'minmax(120px, 1fr)', sort: (r) => r.state, cell: (r) => <Text>{r.state}</Text> },
    { id: 'box', name: 'Median to 95 %, and longest', width: 'minmax(120px, 1.4fr)', cell: (r) => <Box row={r} longest={longest} /> },
    { id: 'p50', name: 'Median', width: '78px', align: 'right', sort: (r) => r.p50, cell: (r) => duration(r.p50) },
    { id: 'p95', name: '95 %', width: '78px', align: 'right', sort: (r) => r.p95, cell: (r) => duration(r.p95) },
    ...(few ? [] : [
      { id: 'max', name: 'Longest', width: '84px', align: 'right', sort: (r: Row) => r.max, cell: (r: Row) => duration(r.max) } as Column<Row>,
      { id: 'n', name: 'Visits', width: '70px', align: 'right', sort: (r: Row) => r.n, cell: (r: Row) => r.n } as Column<Row>,
      { id: 'failed', name: 'Failed', width: '70px', align: 'right', sort: (r: Row) => r.failed, cell: (r: Row) => (r.failed ? <span className="toned tone-failed">{r.failed}</span> : <span className="faint">0</span>) } as Column<Row>,
    ]),
  ], [longest, few]);
  if (rows.length === 0) return <Empty title="No durations yet">They appear after the first run that ends.</Empty>;
  return <Table label="Durations by state" rows={rows} columns={columns} rowKey={(r) => r.state} fit />;
}

function Box({ row, longest }: { row: Row; longest: number }): React.ReactElement {
  const x = (ms: number): number => Math.sqrt(ms / longest) * 100;
  return (
    <span className="box" title={`median ${duration(row.p50)}, 95 % ${duration(row.p95)}, longest ${duration(row.max)}`}>
      <i className="box-line" style={{ left: 0, width: `${x(row.max)}%` }} />
      <i className="box-fill" style={{ left: 0, width: `${x(row.p95)}%` }} />
      <i className="box-mid" style={{ left: `${x(row.p50)}%` }} />
    </span>
  );
}
