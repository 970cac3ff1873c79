import { useState } from 'react';
import { useQuery } from '../../api/cache';
import { aws, get, query } from '../../api/client';
import type { JobPage } from '../../api/types';
import { Link, to, usePathParam } from '../../app/router';
import { duration, millis, tail } from '../../lib/format';
import { Await, Copy, Facts, Status, Tabs, Text, Time, useNow } from '../../ui/bits';
import { confirm } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { Json } from '../../ui/json';
import { Log } from '../../ui/log';
import { toast, toastError } from '../../ui/toast';
import '../execution/execution.css';
import './jobs.css';

/** Job: why it waits or failed, its attempts, resources and live log. */
export default function Job(): React.ReactElement {
  const id = usePathParam('id');
  const page = useQuery(`job ${id}`, (s) => get<JobPage>(query('/api/job', { id }), s), { on: (c) => c.topic === 'job' && (c.key ?? '').includes(id) });
  return <Await of={page} place={{ list: 'Jobs', href: '/jobs', kind: 'job', name: id }}>{(p) => <Loaded page={p} />}</Await>;
}

interface Container {
  image?: string;
  command?: string[];
  vcpus?: number;
  memory?: number;
  exitCode?: number;
  reason?: string;
  environment?: { name: string; value: string }[];
  resourceRequirements?: { type: string; value: string }[];
}

/** Value shows a variable; one that is named like a secret only on request. */
function Value({ name, value }: { name: string; value: string }): React.ReactElement {
  const [shown, show] = useState(!/PASSWORD|SECRET|TOKEN/i.test(name));
  return shown ? <code className="wrap">{value}</code> : <span className="line"><span className="faint" aria-hidden="true">••••••••</span><button className="button button-small" aria-label={`Reveal ${name}`} onClick={() => show(true)}>Reveal</button></span>;
}

function Loaded({ page }: { page: JobPage }): React.ReactElement {
  const j = page.job;
  const c = (j.container ?? {}) as Container;
  const over = j.status === 'SUCCEEDED' || j.status === 'FAILED';
  const now = useNow(over ? 0 : 1000);
  const started = millis(j.startedAt);
  const stopped = millis(j.stoppedAt);
  const [pick, setPick] = useState<number>();
  const log = page.logs.find((l) => l.attempt === pick) ?? page.logs[page.logs.length - 1];
  const end = async (): Promise<void> => {
    const yes = await confirm({ title: 'Terminate this job?', body: 'It ends as FAILED. What runs gets SIGTERM, and SIGKILL half a minute later. A step that waits for it fails.', action: 'Terminate', danger: true });
    if (!yes) return;
    await aws('batch', 'TerminateJob', { jobId: j.jobId, reason: 'terminated in the console' }).then(() => toast({ kind: 'ok', text: 'The job is told to end' }), (e: unknown) => toastError('The job was not terminated', e));
  };
  const resources = c.resourceRequirements?.map((r) => `${r.value} ${r.type === 'MEMORY' ? 'MiB' : r.type}`) ?? [c.vcpus ? `${c.vcpus} VCPU` : '', c.memory ? `${c.memory} MiB` : ''].filter(Boolean);
  return (
    <div className="full">
      <div className="full-head exec-head">
        <div className="crumbs">
          <Link to="/jobs">Jobs</Link>
          <Icon name="right" size={12} />
          <Link to={`/jobs?queue=${encodeURIComponent(tail(j.jobQueue).replace(/^.*\//, ''))}`}><Text>{tail(j.jobQueue).replace(/^.*\//, '')}</Text></Link>
        </div>
        <div className="page-head">
          <h1 className="clip"><Text>{j.jobName}</Text></h1>
          <Copy text={j.jobId} label="Copy the job id" />
          <Status value={j.status} />
          {started !== undefined ? <span className="muted num">{duration((stopped ?? now) - started)}</span> : null}
          <span className="faint"><Time at={millis(j.createdAt)} /></span>
          <div className="grow" />
          {over ? null : <button className="button" onClick={() => void end()}><Icon name="stop" />Terminate</button>}
        </div>
        {page.why ? <p className="why"><Icon name="waiting" /><span dir="auto">{page.why}</span></p> : null}
        {j.status === 'FAILED' ? <div className="exec-error tone-failed" role="alert"><div className="grow wrap" dir="auto"><strong className="toned">{j.statusReason ?? 'Failed'}</strong>{c.reason ? <div>{c.reason}</div> : null}</div></div> : null}
      </div>
      <div className="job-body">
        <div className="job-log">
          {page.logs.length > 1 ? <Tabs label="Attempts" value={String(log?.attempt ?? '')} onChange={(v) => setPick(Number(v))} tabs={page.logs.map((l) => ({ id: String(l.attempt), name: `Attempt ${l.attempt}` }))} /> : null}
          {log ? <Log key={log.stream} group={log.group} stream={log.stream} ended={over && log === page.logs[page.logs.length - 1] ? true : undefined} /> : <p className="muted">It has not begun to write a log.</p>}
        </div>
        <div className="job-facts">
          <Facts
            rows={[
              ['Job', <code key="i" className="wrap">{j.jobId}</code>],
              ...(page.execution ? [['Run', <span key="x"><Link to={to.execution(page.execution.arn)}><Text>{tail(page.execution.arn)}</Text></Link>{page.execution.state ? <span className="muted"> in <Text>{page.execution.state}</Text></span> : null}</span>] as [string, React.ReactNode]] : []),
              ['Definition', <code key="d" className="wrap">{tail(String(j.jobDefinition ?? '')) ? String(j.jobDefinition).replace(/^.*job-definition\//, '') : ''}</code>],
              ['Image', <code key="m" className="wrap">{c.image ?? ''}</code>],
              ['Command', <code key="c" className="wrap">{(c.command ?? []).join(' ')}</code>],
              ['Resources', resources.join(', ') || '–'],
              ['Created', <Time key="t" at={millis(j.createdAt)} />],
              ['Started', <Time key="s" at={started} />],
              ['Stopped', <Time key="e" at={stopped} />],
              ...(c.exitCode !== undefined ? [['Exit code', <span key="e" className={c.exitCode === 0 ? '' : 'toned tone-failed'}>{c.exitCode}</span>] as [string, React.ReactNode]] : []),
            ]}
          />
          {j.attempts && j.attempts.length > 0 ? (
            <section>
              <h2>Attempts</h2>
              <ol className="attempts">
                {j.attempts.map((a, i) => (
                  <li key={i} className="attempt">
                    <div className="line"><strong className="num">{i + 1}</strong><Status value={a.container?.exitCode === 0 ? 'SUCCEEDED' : 'FAILED'} label={a.container?.exitCode !== undefined ? `exit ${a.container.exitCode}` : 'no exit code'} /><span className="num muted">{duration((millis(a.stoppedAt) ?? 0) - (millis(a.startedAt) ?? 0))}</span></div>
                    {a.statusReason ? <div className="muted wrap" dir="auto">{a.statusReason}</div> : null}
                    {a.container?.reason ? <div className="wrap toned tone-failed" dir="auto">{a.container.reason}</div> : null}
                  </li>
                ))}
              </ol>
            </section>
          ) : null}
          {c.environment?.length ? <section><h2>Environment</h2><Facts long rows={c.environment.map((e): [string, React.ReactNode] => [e.name, <Value key={e.name} name={e.name} value={e.value} />])} /></section> : null}
          <details><summary className="muted">As DescribeJobs answers</summary><Json value={j} title="Job" /></details>
        </div>
      </div>
    </div>
  );
}
