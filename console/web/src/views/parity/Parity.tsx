import { useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { get, query } from '../../api/client';
import { Link, to, useParam } from '../../app/router';
import type { MachineRow } from '../../api/types';
import { bytes, count, duration } from '../../lib/format';
import { Await, Empty, Status, Tabs, Text } from '../../ui/bits';
import { Table, type Column } from '../../ui/table';
import './parity.css';

interface Operation {
  service: string;
  name: string;
  status: 'exact' | 'partial' | 'refused';
  note?: string;
  mutates: boolean;
}

interface Limit {
  what: string;
  have: number;
  limit: number;
  unit: string;
  state: 'ok' | 'near' | 'over';
  where?: string;
}

/** Parity and limits: what is as on AWS, what is not, and what here would be too much there. */
export default function Parity(): React.ReactElement {
  const [tab, setTab] = useParam('tab', 'limits');
  return (
    <>
      <div className="page-head"><h1>Parity &amp; limits</h1></div>
      <Tabs label="Parity and limits" value={tab} onChange={setTab} tabs={[{ id: 'limits', name: 'Your state machines' }, { id: 'operations', name: 'Operations' }]} />
      {tab === 'limits' ? <Limits /> : <Operations />}
    </>
  );
}

function Limits(): React.ReactElement {
  const machines = useQuery('machines', (s) => get<{ machines: MachineRow[] }>('/api/machines', s), { on: (c) => c.topic === 'machine' });
  return (
    <Await of={machines}>
      {(d) =>
        d.machines.length === 0 ? (
          <Empty icon="parity" title="No state machine yet">For each state machine this page tells how near its last runs are to the limits of AWS: the length of histories, the size of data, time.</Empty>
        ) : (
          <div className="stack">
            <p className="muted">How near the last five runs of each state machine come to the limits of AWS.</p>
            {d.machines.map((m) => <MachineLimits key={m.arn} machine={m} />)}
          </div>
        )
      }
    </Await>
  );
}

function MachineLimits({ machine }: { machine: MachineRow }): React.ReactElement {
  const limits = useQuery(`limits ${machine.arn}`, (s) => get<{ limits: Limit[] }>(query('/api/limits', { arn: machine.arn }), s));
  return (
    <section className="card" aria-label={machine.name}>
      <div className="card-head"><h2><Link to={to.machine(machine.arn)}><Text>{machine.name}</Text></Link></h2><span className="badge">{machine.type.toLowerCase()}</span></div>
      <div className="card-body">
        <Await of={limits}>
          {(d) => (
            <div className="limits">
              {d.limits.map((l) => (
                <div key={l.what} className={`limit tone-${l.state === 'over' ? 'failed' : l.state === 'near' ? 'timedout' : 'succeeded'}`}>
                  <span className="line between"><span>{l.what}</span><Status value={l.state === 'over' ? 'FAILED' : l.state === 'near' ? 'LATE' : 'OK'} label={l.state === 'over' ? 'Too much for AWS' : l.state === 'near' ? 'Near' : 'Fine'} /></span>
                  <span className="meter"><i style={{ width: `${Math.min(100, (l.have / l.limit) * 100)}%` }} /></span>
                  <span className="small muted num">{amount(l.have, l.unit)} of {amount(l.limit, l.unit)}{l.where ? <> · <Text>{l.where}</Text></> : null}</span>
                </div>
              ))}
            </div>
          )}
        </Await>
      </div>
    </section>
  );
}

const amount = (n: number, unit: string): string => (unit === 'bytes' ? bytes(n) : unit === 's' ? duration(n * 1000) : count(n));

function Operations(): React.ReactElement {
  const list = useQuery('parity', (s) => get<{ operations: Operation[] }>('/api/parity', s));
  const [text, setText] = useState('');
  const [status, setStatus] = useParam('status');
  const columns = useMemo<Column<Operation>[]>(() => [
    { id: 'status', name: 'Status', width: '110px', sort: (o) => o.status, cell: (o) => <Status value={o.status === 'exact' ? 'OK' : o.status === 'partial' ? 'DEGRADED' : 'DISABLED'} label={o.status[0]!.toUpperCase() + o.status.slice(1)} /> },
    { id: 'service', name: 'Service', width: '140px', sort: (o) => o.service, cell: (o) => o.service },
    { id: 'name', name: 'Operation', width: 'minmax(180px, 1fr)', sort: (o) => o.name, cell: (o) => <span className="mono">{o.name}</span> },
    { id: 'note', name: 'What differs from AWS', width: 'minmax(200px, 3fr)', minor: true, cell: (o) => <span className="clip muted" title={o.note}>{o.note ?? ''}</span> },
  ], []);
  return (
    <Await of={list}>
      {(d) => {
        const f = text.toLowerCase();
        const shown = d.operations.filter((o) => (!status || o.status === status) && (!f || `${o.service}:${o.name} ${o.note ?? ''}`.toLowerCase().includes(f)));
        return (
          <div className="stack">
            <div className="lines">
              <input type="search" data-search className="filter" value={text} onChange={(e) => setText(e.target.value)} placeholder="Service or operation" aria-label="Filter operations" />
              <div className="segments" role="group" aria-label="Status">
                {['', 'exact', 'partial', 'refused'].map((s) => (
                  <button key={s} className="segment" aria-pressed={status === s} onClick={() => setStatus(s)}>
                    {s === '' ? 'All' : s[0]!.toUpperCase() + s.slice(1)} <span className="num faint">{count(d.operations.filter((o) => !s || o.status === s).length)}</span>
                  </button>
                ))}
              </div>
            </div>
            <p className="muted small">Exact: members, errors and texts as on AWS. Partial: real in what it does, the rest is refused by name. Whatever is not listed is refused by name.</p>
            <Table fit rows={shown} columns={columns} rowKey={(o) => `${o.service}:${o.name}`} label="Operations" />
          </div>
        );
      }}
    </Await>
  );
}
