import { useState } from 'react';
import { useQuery } from '../../api/cache';
import { get, query } from '../../api/client';
import type { JobPage, Task } from '../../api/types';
import { Link, to } from '../../app/router';
import { duration, millis, tail } from '../../lib/format';
import type { Step } from '../../run/model';
import { Await, Empty, Facts, Status, Tabs, Text } from '../../ui/bits';
import { Icon } from '../../ui/icon';
import { Log } from '../../ui/log';

/** Tasks shows what a step ran: its job with attempts and live log, its function with the log of that time. */
export function Tasks({ tasks, step, now }: { tasks: Task[]; step: Step; now: number }): React.ReactElement {
  const sorted = [...tasks].sort((a, b) => rank(a) - rank(b) || b.event - a.event);
  const [at, setAt] = useState(0);
  const t = sorted[Math.min(at, sorted.length - 1)];
  if (!t) return <Empty title="Nothing ran">This step called nothing that has a log.</Empty>;
  return (
    <div className="tasks">
      {sorted.length > 1 ? <Tabs label="What it ran" value={String(Math.min(at, sorted.length - 1))} onChange={(v) => setAt(Number(v))} tabs={sorted.map((x, i) => ({ id: String(i), name: step.attempts.length > 1 ? `${x.kind} of attempt ${Math.max(1, step.attempts.filter((a) => a.event <= x.event).length)}` : `${x.kind} ${tail(x.id).slice(-22)}` }))} /> : null}
      {t.kind === 'job' ? <Job key={t.id} id={t.id} /> : t.kind === 'function' ? <Fn task={t} step={step} now={now} /> : <Other task={t} />}
    </div>
  );
}

const rank = (t: Task): number => ({ job: 0, execution: 1, statement: 2, function: 3, service: 4 })[t.kind];

function Job({ id }: { id: string }): React.ReactElement {
  const page = useQuery(`job ${id}`, (s) => get<JobPage>(query('/api/job', { id }), s), { on: (c) => c.topic === 'job' && (c.key?.includes(id) ?? false) });
  const [pick, setPick] = useState<number>();
  return (
    <Await of={page}>
      {(p) => {
        const j = p.job;
        const logs = p.logs;
        const log = logs.find((l) => l.attempt === pick) ?? logs[logs.length - 1];
        const ended = j.status === 'SUCCEEDED' || j.status === 'FAILED';
        const attempt = j.attempts?.[j.attempts.length - 1];
        const started = millis(j.startedAt);
        return (
          <>
            <div className="lines">
              <Link to={to.job(id)}><strong><Text>{j.jobName}</Text></strong></Link>
              <Status value={j.status} />
              {started !== undefined && millis(j.stoppedAt) !== undefined ? <span className="num muted">{duration(millis(j.stoppedAt)! - started)}</span> : null}
              <span className="faint"><Text>{tail(j.jobQueue).replace(/^.*\//, '')}</Text></span>
              {attempt?.container?.exitCode !== undefined ? <span className="badge num">exit {attempt.container.exitCode}</span> : null}
            </div>
            {p.why ? <p className="why"><Icon name="waiting" /> <span dir="auto">{p.why}</span></p> : null}
            {j.statusReason && j.status === 'FAILED' ? <p className="wrap toned tone-failed" dir="auto">{j.statusReason}</p> : null}
            {logs.length > 1 ? <Tabs label="Attempts" value={String(log?.attempt ?? '')} onChange={(v) => setPick(Number(v))} tabs={logs.map((l) => ({ id: String(l.attempt), name: `Attempt ${l.attempt}` }))} /> : null}
            {log ? <Log key={log.stream} group={log.group} stream={log.stream} ended={ended && log === logs[logs.length - 1] ? ended : undefined} /> : <p className="muted">The job has not begun to write a log.</p>}
          </>
        );
      }}
    </Await>
  );
}

function Fn({ task, step, now }: { task: Task; step: Step; now: number }): React.ReactElement {
  const name = tail(task.id);
  // Its log group is shared by all calls: the time of this step is shown, with a little around it.
  const from = step.start - 50;
  const to_ = (step.stop ?? now) + 400;
  return (
    <>
      <div className="lines">
        <Link to={to.fn(name)}><strong><Text>{name}</Text></strong></Link>
        {task.status ? <Status value={task.status} /> : null}
        <span className="faint small">the function's log while this step ran</span>
      </div>
      {task.logGroup ? <Log group={task.logGroup} stream={task.logStream} from={from} to={to_} ended={step.stop !== undefined && now - step.stop > 60_000} /> : <p className="muted">The function has no log yet.</p>}
    </>
  );
}

function Other({ task }: { task: Task }): React.ReactElement {
  return (
    <Facts
      rows={[
        ['Kind', task.kind],
        ...(task.resource ? [['Called', <code key="r">{task.resource}</code>] as [string, React.ReactNode]] : []),
        ['Identifier', task.kind === 'execution' ? <Link key="i" to={to.execution(task.id)}><Text>{task.id}</Text></Link> : <code key="i" className="wrap">{task.id}</code>],
        ...(task.status ? [['Status', <Status key="s" value={task.status} />] as [string, React.ReactNode]] : []),
        ...(task.why ? [['Why', task.why] as [string, React.ReactNode]] : []),
      ]}
    />
  );
}
