import { useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { aws, get, query } from '../../api/client';
import type { Machine as MachineData } from '../../api/types';
import { useCommands } from '../../app/commands';
import { Link, navigate, setParams, to, useParam, usePathParam } from '../../app/router';
import { Flow } from '../../graph/Flow';
import { count, tail } from '../../lib/format';
import { graphOf } from '../../run/definition';
import { build, tally } from '../../run/model';
import { Await, Copy, Empty, Facts, Tabs, Text, Time, useNow } from '../../ui/bits';
import { confirm } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { Splitter } from '../../ui/splitter';
import { toast, toastError } from '../../ui/toast';
import { useHistory } from '../execution/useHistory';
import { Spark } from '../machines/Machines';
import { RunsTable } from '../machines/RunsTable';
import { Define } from './Define';
import { Durations } from './Durations';
import { Start } from './Start';
import { Versions } from './Versions';
import '../machines/machines.css';
import '../execution/execution.css';
import './machine.css';

/** Machine: one state machine, its live graph, definition, runs, durations, versions. */
export default function Machine(): React.ReactElement {
  const arn = usePathParam('arn');
  const page = useQuery(`machine ${arn}`, (s) => get<MachineData>(query('/api/machine', { arn }), s), {
    on: (c) => (c.topic === 'machine' && c.key === arn) || (c.topic === 'execution' && c.status !== undefined && (c.key ?? '').includes(`:${tail(arn)}:`)),
  });
  return <Await of={page} place={{ list: 'State machines', href: '/machines', kind: 'state machine', name: tail(arn) }}>{(m) => <Loaded machine={m} refetch={page.refetch} />}</Await>;
}

function Loaded({ machine, refetch }: { machine: MachineData; refetch: () => void }): React.ReactElement {
  const [tab, setTab] = useParam('tab', 'overview');
  const [starting, setStarting] = useState(false);
  const remove = async (): Promise<void> => {
    const yes = await confirm({
      title: `Delete ${machine.name}?`,
      body: 'The machine and its versions are deleted. Runs that have ended stay readable for a while; those that run are ended first, as on AWS.',
      action: 'Delete the machine',
      danger: true,
    });
    if (!yes) return;
    try {
      await aws('states', 'DeleteStateMachine', { stateMachineArn: machine.arn });
      toast({ kind: 'ok', text: `${machine.name} is deleted` });
      navigate('/machines');
    } catch (e) {
      toastError('The machine was not deleted', e);
    }
  };
  useCommands([
    { id: 'start', name: `Start ${machine.name}`, group: 'This machine', icon: 'play', run: () => setStarting(true) },
    { id: 'edit', name: 'Edit the definition', group: 'This machine', icon: 'edit', run: () => setTab('definition') },
    { id: 'delete', name: `Delete ${machine.name}`, group: 'This machine', icon: 'trash', run: () => void remove() },
  ]);
  return (
    <div className="full">
      <div className="full-head">
        <div className="crumbs"><Link to="/machines">State machines</Link></div>
        <div className="page-head">
          <h1 className="clip"><Text>{machine.name}</Text></h1>
          <Copy text={machine.arn} label="Copy the ARN" />
          {machine.type === 'EXPRESS' ? <span className="badge">express</span> : null}
          <div className="grow" />
          <button className="icon-button" aria-label="Delete the machine" title="Delete the machine" onClick={() => void remove()}><Icon name="trash" /></button>
          <button className="button button-primary" onClick={() => setStarting(true)}><Icon name="play" />Start</button>
        </div>
        <Tabs
          label="Parts of the machine"
          value={tab}
          onChange={setTab}
          tabs={[{ id: 'overview', name: 'Overview' }, { id: 'definition', name: 'Definition' }, { id: 'runs', name: 'Runs' }, { id: 'durations', name: 'Durations' }, { id: 'versions', name: 'Versions', count: machine.versions.length || undefined }]}
        />
      </div>
      {tab === 'definition' ? <Define key={machine.arn} machine={machine} onSaved={refetch} />
        : tab === 'runs' ? <div className="full-body"><RunsTable machine={machine.arn} /></div>
        : tab === 'durations' ? <div className="full-body"><Durations machine={machine} /></div>
        : tab === 'versions' ? <div className="full-body"><Versions machine={machine} refetch={refetch} /></div>
        : <Overview machine={machine} />}
      {starting ? <Start machine={machine} {...(machine.inputs[0] ? { input: machine.inputs[0].input } : {})} onClose={() => setStarting(false)} onStarted={(a) => navigate(to.execution(a))} /> : null}
    </div>
  );
}

function Overview({ machine }: { machine: MachineData }): React.ReactElement {
  const graph = useMemo(() => graphOf(machine.definition), [machine.definition]);
  const run = machine.runs.find((r) => r.status === 'RUNNING') ?? machine.runs[0];
  const now = useNow(run?.status === 'RUNNING' ? 1000 : 0);
  return (
    <div className="exec-body machine-overview">
      <div className="exec-graph">
        {graph ? (
          run && machine.type === 'STANDARD' ? <LiveGraph key={run.arn} graph={graph} arn={run.arn} /> : <Flow graph={graph} onSelect={(s) => setParams({ tab: 'definition', state: s })} label="Graph of the machine" />
        ) : (
          <Empty title="No graph">The definition cannot be read.</Empty>
        )}
        {run && machine.type === 'STANDARD' ? (
          <div className="graph-note">
            {run.status === 'RUNNING' ? 'Running now: ' : 'Latest run: '}
            <Link to={to.execution(run.arn)}><Text>{run.name}</Text></Link>
          </div>
        ) : null}
      </div>
      <Splitter />
      <div className="exec-side machine-side">
        <section>
          <h2>Latest runs</h2>
          {machine.runs.length ? (
            <>
              <Spark runs={machine.runs.slice(0, 50)} now={now} />
              <RunsTable machine={machine.arn} fit status="" />
            </>
          ) : (
            <p className="muted">It has not run yet.</p>
          )}
        </section>
        <section>
          <h2>Slowest states</h2>
          {machine.durations.length ? <Durations machine={machine} few /> : <p className="muted">Durations appear after the first run that ends.</p>}
        </section>
        <section>
          <h2>About</h2>
          <Facts
            rows={[
              ['ARN', <code key="a" className="wrap">{machine.arn}</code>],
              ['Created', <Time key="c" at={machine.created} />],
              ['Changed', <Time key="u" at={machine.updated} />],
              ['Role', <code key="r" className="wrap">{machine.roleArn}</code>],
              ['States', count(graph?.nodes.length)],
              ['Started by', machine.schedules.length ? <span key="s">{machine.schedules.map((s) => <span key={s.name} className="line"><Link to="/schedules"><Text>{s.name}</Text></Link>{s.at ? <span className="faint">next <Time at={s.at} /></span> : null}</span>)}</span> : <span key="s" className="faint">no schedule or rule</span>],
              ['By date', <Link key="d" to={to.dates(machine.arn)}>Dates and backfill</Link>],
            ]}
          />
        </section>
      </div>
    </div>
  );
}

function LiveGraph({ graph, arn }: { graph: NonNullable<ReturnType<typeof graphOf>>; arn: string }): React.ReactElement {
  const history = useHistory(arn);
  const model = useMemo(() => build(history.events), [history.events]);
  const tallies = useMemo(() => (history.events.length ? tally(model) : undefined), [model, history.events.length]);
  return (
    <Flow
      graph={graph}
      tallies={tallies}
      onSelect={(s) => {
        const visits = model.byName.get(s);
        const step = visits?.[visits.length - 1];
        navigate(to.execution(arn, step !== undefined ? String(model.steps[step]!.id) : undefined));
      }}
      label="Graph of the machine with its latest run"
    />
  );
}

