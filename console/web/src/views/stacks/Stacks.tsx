import { useMemo } from 'react';
import { useQuery } from '../../api/cache';
import { get } from '../../api/client';
import { Link, navigate, to } from '../../app/router';
import { Await, Empty, Status, Text, Time } from '../../ui/bits';
import { Table, type Column } from '../../ui/table';
import '../machines/machines.css';

interface Row {
  name: string;
  id: string;
  status: string;
  reason?: string;
  created: number;
  updated?: number;
  resources: number;
  parent?: string;
}

/** Stacks lists the stacks. */
export default function Stacks(): React.ReactElement {
  const list = useQuery('stacks', (s) => get<{ stacks: Row[] }>('/api/stacks', s), { on: (c) => c.topic === 'stack' });
  const columns = useMemo<Column<Row>[]>(() => [
    { id: 'name', name: 'Name', width: 'minmax(180px, 1.5fr)', sort: (s) => s.name, cell: (s) => <><Link to={to.stack(s.name)} className="strong-link"><Text>{s.name}</Text></Link>{s.parent ? <span className="badge">nested</span> : null}</> },
    { id: 'status', name: 'Status', width: '210px', sort: (s) => s.status, cell: (s) => <Status value={s.status} /> },
    { id: 'resources', name: 'Resources', width: '90px', align: 'right', minor: true, sort: (s) => s.resources, cell: (s) => s.resources },
    { id: 'updated', name: 'Changed', width: '150px', minor: true, sort: (s) => s.updated ?? s.created, cell: (s) => <Time at={s.updated ?? s.created} /> },
    { id: 'reason', name: 'Reason', width: 'minmax(140px, 2fr)', minor: true, cell: (s) => <span className="clip muted" dir="auto" title={s.reason}>{s.reason ?? ''}</span> },
  ], []);
  return (
    <>
      <div className="page-head"><h1>Stacks</h1></div>
      <Await of={list}>
        {(d) => d.stacks.length === 0 ? (
          <div className="card"><Empty icon="stacks" title="No stack yet">A stack is what a CloudFormation template makes: machines, functions, queues, buckets, a warehouse, all with one command.<pre>salamander deploy template.yaml --stack-name refresh</pre></Empty></div>
        ) : <Table label="Stacks" rows={d.stacks} columns={columns} rowKey={(s) => s.id} fit onOpen={(s) => navigate(to.stack(s.name))} />}
      </Await>
    </>
  );
}
