import { useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { get } from '../../api/client';
import type { MachineRow, Run } from '../../api/types';
import { Link, navigate, setParams, to, useParam } from '../../app/router';
import { plainText } from '../../lib/ansi';
import { duration, exact } from '../../lib/format';
import { Await, Empty, Status, Tabs, Text, Time, toneOf, useNow, words } from '../../ui/bits';
import { Icon } from '../../ui/icon';
import { Table, type Column } from '../../ui/table';
import { RunsTable } from './RunsTable';
import './machines.css';

/** Machines: all state machines with their latest runs at a glance, and all runs. */
export default function Machines(): React.ReactElement {
  const [tab, setTab] = useParam('tab', 'machines');
  return (
    <>
      <div className="page-head"><h1>State machines</h1><div className="grow" /><Link to="/machines/new" className="button"><Icon name="plus" />New machine</Link></div>
      <Tabs label="Views" value={tab} onChange={(t) => (t === 'machines' ? setParams({ tab: undefined, status: undefined, q: undefined }) : setTab(t))} tabs={[{ id: 'machines', name: 'Machines' }, { id: 'runs', name: 'All runs' }]} />
      {tab === 'runs' ? <AllRuns /> : <List />}
    </>
  );
}

function List(): React.ReactElement {
  const [typed, setTyped] = useState('');
  const machines = useQuery('machines', (s) => get<{ machines: MachineRow[] }>('/api/machines', s), { on: (c) => c.topic === 'machine' || (c.topic === 'execution' && c.status !== undefined) });
  const now = useNow(5000);
  const rows = useMemo(() => {
    const words_ = typed.toLowerCase();
    return (machines.data?.machines ?? [])
      .filter((m) => m.name.toLowerCase().includes(words_))
      .sort((a, b) => (b.recent[0]?.start ?? 0) - (a.recent[0]?.start ?? 0) || a.name.localeCompare(b.name));
  }, [machines.data, typed]);
  const columns = useMemo<Column<MachineRow>[]>(() => [
    { id: 'name', name: 'Name', width: 'minmax(200px, 2fr)', sort: (m) => m.name.toLowerCase(), cell: (m) => <><Link to={to.machine(m.arn)} className="strong-link"><Text>{m.name}</Text></Link>{m.type === 'EXPRESS' ? <span className="badge">express</span> : null}</> },
    { id: 'recent', name: 'Latest runs', width: '268px', cell: (m) => <Spark runs={m.recent} now={now} /> },
    { id: 'last', name: 'Last', width: '130px', sort: (m) => m.recent[0]?.status, cell: (m) => (m.recent[0] ? <Status value={m.recent[0].status} /> : <span className="faint">never ran</span>) },
    { id: 'took', name: 'Took', width: '84px', align: 'right', minor: true, sort: (m) => took(m.recent[0]), cell: (m) => { const t = took(m.recent[0]); return t === undefined ? '' : duration(t); } },
    { id: 'when', name: 'Started', width: '116px', minor: true, sort: (m) => m.recent[0]?.start, cell: (m) => <Time at={m.recent[0]?.start} relative /> },
    { id: 'failure', name: 'Last failure', width: 'minmax(150px, 2fr)', minor: true, cell: (m) => (m.lastFailure ? <span className="clip" title={m.lastFailure.cause} dir="auto"><Link to={to.execution(m.lastFailure.arn)}><code className="toned tone-failed">{m.lastFailure.error ?? m.lastFailure.name}</code></Link> <span className="muted">{plainText(m.lastFailure.cause ?? '')}</span></span> : <span className="faint">none</span>) },
  ], [now]);
  return (
    <Await of={machines}>
      {(d) =>
        d.machines.length === 0 ? (
          <div className="card">
            <Empty icon="machines" title="No state machine yet">
              A state machine is a definition in the States Language. Deploy a template, create one with the CLI, or write one here.
              <pre>salamander deploy template.yaml{'\n'}aws stepfunctions create-state-machine --name hello --definition file://hello.asl.json --role-arn arn:aws:iam::000000000000:role/any</pre>
            </Empty>
          </div>
        ) : (
          <>
            {d.machines.length > 6 ? <input type="search" data-search className="filter" value={typed} onChange={(e) => setTyped(e.target.value)} placeholder="Filter by name" aria-label="Filter by name" /> : null}
            <Table label="State machines" rows={rows} columns={columns} rowKey={(m) => m.arn} rowHeight={40} fit onOpen={(m) => navigate(to.machine(m.arn))} />
          </>
        )
      }
    </Await>
  );
}

const took = (r: Run | undefined): number | undefined => (r?.stop !== undefined ? r.stop - r.start : undefined);

/** Spark is a row of columns, one for each of the latest runs, oldest first: height by duration, colour and notch by status. */
export function Spark({ runs, now }: { runs: readonly Run[]; now: number }): React.ReactElement {
  const list = [...runs].reverse();
  const longest = Math.max(1, ...list.map((r) => (r.stop ?? now) - r.start));
  return (
    <span className="spark" role="group" aria-label={`${runs.length} latest runs`}>
      {list.map((r) => {
        const tone = toneOf(r.status);
        const h = 5 + 19 * Math.sqrt(Math.min(1, ((r.stop ?? now) - r.start) / longest));
        return (
          <Link key={r.arn} to={to.execution(r.arn)} className={`spark-run tone-${tone}`} title={`${r.name}\n${words(r.status)} · ${duration((r.stop ?? now) - r.start)}\n${exact(r.start)}${r.error ? `\n${r.error}` : ''}`} aria-label={`${r.name}, ${words(r.status)}`} tabIndex={-1}>
            <i style={{ height: h }} className={tone === 'running' ? 'spark-running' : ''} />
            {tone === 'failed' || tone === 'timedout' ? <b /> : null}
          </Link>
        );
      })}
    </span>
  );
}

function AllRuns(): React.ReactElement {
  return <RunsTable fit />;
}
