import { useMemo } from 'react';
import { useQuery } from '../../api/cache';
import { aws, get, query } from '../../api/client';
import { Link, navigate, setParams, to, useParam, usePathParam, useUrl } from '../../app/router';
import { Flow } from '../../graph/Flow';
import type { Graph } from '../../run/definition';
import type { Tally } from '../../run/model';
import { Await, Copy, Empty, Facts, Status, Tabs, Text, Time, toneOf } from '../../ui/bits';
import { confirm } from '../../ui/dialog';
import { Editor } from '../../ui/editor';
import { Icon } from '../../ui/icon';
import { Splitter } from '../../ui/splitter';
import { Table, type Column } from '../../ui/table';
import { toast, toastError } from '../../ui/toast';
import '../execution/execution.css';
import './stacks.css';

interface Resource {
  logical: string;
  physical?: string;
  type: string;
  status: string;
  reason?: string;
  updated: number;
  recordedOnly: boolean;
}

interface Event {
  id: string;
  at: number;
  logical: string;
  physical?: string;
  type: string;
  status: string;
  reason?: string;
}

interface Page {
  stack: { StackName: string; StackId: string; StackStatus: string; StackStatusReason?: string; Description?: string };
  resources: Resource[];
  events: Event[];
  outputs: { key: string; value: string; description?: string; export?: string }[];
  parameters: { key: string; value: string }[];
  template: string;
  edges: [string, string][];
  note?: string;
}

/** Stack: its resources as a graph, events, outputs, template, and what is recorded but not enforced. */
export default function Stack(): React.ReactElement {
  const name = usePathParam('name');
  const page = useQuery(`stack ${name}`, (s) => get<Page>(query('/api/stack', { name }), s), { on: (c) => c.topic === 'stack' });
  return <Await of={page} place={{ list: 'Stacks', href: '/stacks', kind: 'stack', name }}>{(p) => <Loaded name={name} page={p} />}</Await>;
}

function Loaded({ name, page }: { name: string; page: Page }): React.ReactElement {
  const [tab, setTab] = useParam('tab', 'resources');
  const { query: q } = useUrl();
  const chosen = q.get('resource') ?? '';
  const recorded = page.resources.filter((r) => r.recordedOnly);
  const failed = page.events.find((e) => e.status.endsWith('FAILED') && e.reason && !/cancelled/i.test(e.reason));
  const bad = /ROLLBACK|FAILED/.test(page.stack.StackStatus);
  const graph = useMemo<Graph>(() => graphOfStack(page), [page]);
  const tallies = useMemo(() => new Map(page.resources.map((r): [string, Tally] => {
    const tone = toneOf(r.status);
    const status = tone === 'failed' ? 'failed' : tone === 'running' ? 'running' : tone === 'aborted' || tone === 'idle' ? 'aborted' : 'succeeded';
    return [r.logical, { visits: 1, running: 0, failed: 0, caught: 0, aborted: 0, retries: 0, longest: 0, status }];
  })), [page.resources]);
  const remove = async (): Promise<void> => {
    const yes = await confirm({ title: `Delete ${name}?`, body: `Everything it made is deleted: ${page.resources.length} resources, with their data, unless the template keeps them (DeletionPolicy).`, action: 'Delete the stack', danger: true });
    if (!yes) return;
    await aws('cloudformation', 'DeleteStack', { StackName: name }).then(() => toast({ kind: 'info', text: 'The stack is being deleted' }), (e: unknown) => toastError('The stack was not deleted', e));
  };
  const resource = page.resources.find((r) => r.logical === chosen);
  return (
    <div className="full">
      <div className="full-head">
        <div className="crumbs"><Link to="/stacks">Stacks</Link></div>
        <div className="page-head">
          <h1 className="clip"><Text>{name}</Text></h1>
          <Copy text={page.stack.StackId} label="Copy the stack's id" />
          <Status value={page.stack.StackStatus} />
          <div className="grow" />
          <button className="button" onClick={() => void remove()}><Icon name="trash" />Delete</button>
        </div>
        {page.stack.Description ? <p className="muted clip small" title={page.stack.Description} dir="auto">{page.stack.Description}</p> : null}
        {bad && (page.stack.StackStatusReason || failed) ? (
          <div className="exec-error tone-failed" role="alert"><div className="grow wrap" dir="auto">{failed ? <><strong className="toned"><Text>{failed.logical}</Text></strong> {failed.reason}</> : page.stack.StackStatusReason}</div></div>
        ) : null}
        <Tabs label="Parts of the stack" value={tab} onChange={setTab} tabs={[{ id: 'resources', name: 'Resources', count: page.resources.length }, { id: 'events', name: 'Events', count: page.events.length }, { id: 'outputs', name: 'Outputs and parameters' }, { id: 'template', name: 'Template' }, { id: 'recorded', name: 'Recorded only', count: recorded.length }]} />
      </div>
      {tab === 'events' ? <div className="full-body"><Events list={page.events} /></div>
        : tab === 'outputs' ? (
          <div className="full-body">
            <h2>Outputs</h2>
            {page.outputs.length ? <Facts long rows={page.outputs.map((o): [string, React.ReactNode] => [o.key, <span key={o.key}><code className="wrap">{o.value}</code> <Copy text={o.value} />{o.description ? <span className="faint"> {o.description}</span> : null}</span>])} /> : <p className="muted">The template names none.</p>}
            <h2>Parameters</h2>
            {page.parameters.length ? <Facts long rows={page.parameters.map((p): [string, React.ReactNode] => [p.key, <code key={p.key} className="wrap">{p.value}</code>])} /> : <p className="muted">The template has none.</p>}
          </div>
        ) : tab === 'template' ? <div className="full-body stack-template"><Editor value={page.template} language={page.template.trimStart().startsWith('{') ? 'json' : 'text'} label="Template" readOnly height="100%" /></div>
        : tab === 'recorded' ? (
          <div className="full-body">
            {recorded.length === 0 ? <Empty title="Everything is enforced">No resource of this stack is only recorded.</Empty> : (
              <>
                <p className="muted">These exist so that the template deploys and can be described, but nothing acts by them here; on AWS they would. </p>
                <Table label="Recorded only" rows={recorded} columns={resourceColumns} rowKey={(r) => r.logical} fit />
              </>
            )}
          </div>
        ) : (
          <div className="exec-body">
            <div className="exec-graph"><Flow graph={graph} tallies={tallies} selected={chosen || undefined} onSelect={(r) => setParams({ resource: r })} label="Graph of the resources: each below what it needs" /></div>
            <Splitter />
            <div className="exec-side">
              {resource ? <Detail r={resource} page={page} /> : null}
              <Table label="Resources" rows={page.resources} columns={resourceColumns} rowKey={(r) => r.logical} selected={chosen || undefined} onOpen={(r) => setParams({ resource: r.logical })} follow />
            </div>
          </div>
        )}
      {page.note ? <p className="faint small">{page.note}</p> : null}
    </div>
  );
}

const resourceColumns: Column<Resource>[] = [
  { id: 'status', name: '', width: '40px', cell: (r) => <Status value={r.status} compact /> },
  { id: 'logical', name: 'Resource', width: 'minmax(140px, 1fr)', sort: (r) => r.logical, cell: (r) => <><Text>{r.logical}</Text>{r.recordedOnly ? <span className="badge" title="It is recorded, and not enforced">recorded</span> : null}</> },
  { id: 'type', name: 'Type', width: 'minmax(130px, 1fr)', sort: (r) => r.type, cell: (r) => <span className="muted clip">{r.type.replace(/^AWS::/, '')}</span> },
  { id: 'physical', name: 'Identifier', width: 'minmax(120px, 1.2fr)', minor: true, cell: (r) => <code className="faint clip"><bdi>{r.physical ?? ''}</bdi></code> },
];

function Detail({ r, page }: { r: Resource; page: Page }): React.ReactElement {
  const link = linkTo(r);
  const needs = page.edges.filter(([f]) => f === r.logical).map(([, t]) => t);
  const needed = page.edges.filter(([, t]) => t === r.logical).map(([f]) => f);
  const names = (list: string[]): React.ReactNode => list.length ? list.map((n, i) => <span key={n}>{i ? ', ' : ''}<button className="link-button" onClick={() => setParams({ resource: n })}><Text>{n}</Text></button></span>) : <span className="faint">nothing</span>;
  return (
    <div className="stack-detail">
      <div className="lines"><h2><Text>{r.logical}</Text></h2><Status value={r.status} />{link ? <button className="button button-small" onClick={() => navigate(link)}>Open<Icon name="right" size={12} /></button> : null}</div>
      {r.reason ? <p className="wrap toned tone-failed" dir="auto">{r.reason}</p> : null}
      <Facts rows={[['Type', r.type], ['Identifier', <code key="p" className="wrap">{r.physical ?? ''}</code>], ['Needs', names(needs)], ['Needed by', names(needed)], ['Changed', <Time key="t" at={r.updated} />]]} />
    </div>
  );
}

function linkTo(r: Resource): string | undefined {
  if (!r.physical) return undefined;
  switch (r.type) {
    case 'AWS::StepFunctions::StateMachine': return to.machine(r.physical);
    case 'AWS::Lambda::Function': return to.fn(r.physical);
    case 'AWS::S3::Bucket': return to.object(r.physical);
    case 'AWS::Batch::JobQueue': return `/jobs?queue=${encodeURIComponent(r.physical.replace(/^.*job-queue\//, ''))}`;
    case 'AWS::Redshift::Cluster': return '/warehouse';
    case 'AWS::Events::Rule':
    case 'AWS::Scheduler::Schedule': return '/schedules';
    case 'AWS::CloudFormation::Stack': return to.stack(r.physical.split('/')[1] ?? r.physical);
  }
  return undefined;
}

function graphOfStack(p: Page): Graph {
  const known = new Set(p.resources.map((r) => r.logical));
  return {
    nodes: p.resources.map((r) => ({ id: r.logical, type: 'Task', detail: r.type.replace(/^AWS::/, '').replace('::', ' ') + (r.recordedOnly ? ', recorded' : '') })),
    // An edge says "needs": what is needed comes first.
    edges: p.edges.filter(([f, t]) => known.has(f) && known.has(t)).map(([f, t]) => ({ from: t, to: f, kind: 'next' as const })),
    states: new Map(),
    unordered: true,
    language: 'JSONPath',
  };
}

function Events({ list }: { list: Event[] }): React.ReactElement {
  const columns = useMemo<Column<Event>[]>(() => [
    { id: 'at', name: 'Time', width: '146px', cell: (e) => <Time at={e.at} /> },
    { id: 'status', name: 'Status', width: '210px', cell: (e) => <Status value={e.status} /> },
    { id: 'logical', name: 'Resource', width: 'minmax(140px, 1fr)', cell: (e) => <Text>{e.logical}</Text> },
    { id: 'type', name: 'Type', width: 'minmax(120px, 1fr)', minor: true, cell: (e) => <span className="muted clip">{e.type.replace(/^AWS::/, '')}</span> },
    { id: 'reason', name: 'Reason', width: 'minmax(140px, 2fr)', cell: (e) => <span className="clip" dir="auto" title={e.reason}>{e.reason ?? ''}</span> },
  ], []);
  return <Table label="Events" rows={list} columns={columns} rowKey={(e) => e.id} />;
}
