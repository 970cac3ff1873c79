import { useMemo } from 'react';
import { useQuery } from '../../api/cache';
import { atHand, get, query } from '../../api/client';
import type { Home as HomeData, Late, Part, Ran } from '../../api/types';
import { Link, to, useParam } from '../../app/router';
import { plainText } from '../../lib/ansi';
import { count, duration, exact, plural, tail } from '../../lib/format';
import { Await, Empty, Status, Text, Time } from '../../ui/bits';
import { Icon } from '../../ui/icon';
import { nextOf } from './lanes';
import { Timeline } from './Timeline';
import './home.css';

/** Home: what ran and what will run, what failed or is late first, and how the parts are. */
export default function Home(): React.ReactElement {
  const [hours, setHours] = useParam('hours', '24');
  const path = query('/api/home', { hours });
  const home = useQuery(`home ${hours}`, (s) => get<HomeData>(path, s), {
    first: () => atHand(path),
    on: (c) => ['execution', 'job', 'schedule', 'trigger', 'alert', 'rule'].includes(c.topic) && (c.topic !== 'execution' || c.status !== undefined),
    every: 30_000,
  });
  return (
    <>
      <div className="page-head">
        <h1>Home</h1>
        {home.data ? <Counts counts={home.data.counts} /> : null}
        <div className="grow" />
        <div className="segments" role="group" aria-label="Time shown">
          {['1', '6', '24'].map((h) => (
            <button key={h} className="segment" aria-pressed={hours === h} onClick={() => setHours(h)}>{h} h</button>
          ))}
        </div>
      </div>
      <Await of={home}>{(h) => <Loaded home={h} />}</Await>
    </>
  );
}

function Loaded({ home }: { home: HomeData }): React.ReactElement {
  const nothing = home.ran.length === 0 && home.will.length === 0;
  return (
    <>
      {home.late.length > 0 ? <LateOnes late={home.late} /> : null}
      {home.failures.length > 0 ? <Failures failures={home.failures} /> : null}
      {nothing ? (
        <div className="card">
          <Empty icon="machines" title="Nothing has run yet">
            A run of a state machine and what schedules will start appear here on one line of time. Begin with the example:
            <pre>salamander demo</pre>
          </Empty>
        </div>
      ) : (
        <section className="card" aria-label="Timeline">
          <Timeline home={home} />
          {home.truncated ? <div className="card-note faint small">Only the newest runs are drawn.</div> : null}
        </section>
      )}
      <div className="home-columns">
        <Next home={home} />
        <Parts parts={home.parts} />
      </div>
    </>
  );
}

function Counts({ counts }: { counts: Record<string, number> }): React.ReactElement {
  const order = ['RUNNING', 'FAILED', 'TIMED_OUT', 'ABORTED', 'SUCCEEDED'];
  const shown = order.filter((s) => counts[s]);
  return (
    <div className="lines">
      {shown.map((s) => (
        <Link key={s} to={`/machines?status=${s}&tab=runs`} className="plain-link">
          <Status value={s} label={`${counts[s]} ${s.toLowerCase().replace('_', ' ')}`} />
        </Link>
      ))}
    </div>
  );
}

function LateOnes({ late }: { late: Late[] }): React.ReactElement {
  return (
    <section className="card attention tone-timedout" aria-label="Late">
      <div className="card-head"><Icon name="timedout" className="toned" /><h2>{plural(late.length, 'is late', 'are late')}</h2></div>
      <ul className="list">
        {late.map((l) => (
          <li key={l.kind + l.name + l.since} className="list-row">
            {l.arn ? <Link to={to.execution(l.arn)}><Text>{l.name}</Text></Link> : <strong><Text>{l.name}</Text></strong>}
            <span className="grow muted clip" dir="auto">{l.why}</span>
            <Time at={l.since} relative />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Failures({ failures }: { failures: Ran[] }): React.ReactElement {
  const groups = useMemo(() => {
    const by = new Map<string, Ran[]>();
    for (const f of failures) {
      const key = `${f.kind} ${f.machine ?? f.name} ${f.error ?? f.status}`;
      const g = by.get(key);
      if (g) g.push(f);
      else by.set(key, [f]);
    }
    return [...by.values()].slice(0, 8);
  }, [failures]);
  return (
    <section className="card attention tone-failed" aria-label="Failures">
      <div className="card-head"><Icon name="failed" className="toned" /><h2>{plural(failures.length, 'failure')}</h2></div>
      <ul className="list">
        {groups.map((g) => {
          const f = g[0]!;
          return (
            <li key={f.arn} className="list-row failure">
              <Status value={f.status} compact />
              <Link to={f.kind === 'job' ? to.job(tail(f.arn.replaceAll('/', ':'))) : to.execution(f.arn)} className="clip">
                <strong><Text>{f.machine ?? f.name}</Text></strong>
                {f.machine ? <span className="muted"> · <Text>{f.name}</Text></span> : null}
              </Link>
              {g.length > 1 ? <span className="badge">{g.length} times</span> : null}
              <span className="grow clip" dir="auto" title={f.cause}>
                {f.error ? <code className="toned">{f.error}</code> : null} <span className="muted">{plainText(f.cause ?? '')}</span>
              </span>
              <Time at={f.stop ?? f.start} relative />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Next({ home }: { home: HomeData }): React.ReactElement {
  const groups = useMemo(() => nextOf(home.will), [home.will]);
  return (
    <section className="card" aria-label="Next">
      <div className="card-head"><h2>Next</h2><div className="grow" /><Link to="/schedules" className="small">Schedules</Link></div>
      {groups.length === 0 ? (
        <Empty title="Nothing is scheduled">A schedule or a rule with a rate or cron expression puts its next runs here.</Empty>
      ) : (
        <ul className="list">
          {groups.slice(0, 12).map(({ first: w, more, last, dst }) => (
            <li key={w.kind + w.name} className="list-row">
              <Icon name="schedules" className="faint" />
              <Text className="clip">{w.name}</Text>
              <span className="grow faint clip"><Text>{w.target ? tail(w.target) : ''}</Text></span>
              {more > 0 ? <span className="badge num next-more" title={`the last of them ${exact(last)}`}>and {count(more)} more in {home.to - home.now > 5_400_000 ? `${Math.round((home.to - home.now) / 3_600_000)} h` : '1 h'}</span> : null}
              {dst ? <span className="badge" title="Daylight saving changes the clocks here">{dst}</span> : null}
              <Time at={w.at} />
              <span className="next-in faint num">{duration(w.at - home.now)}</span>
            </li>
          ))}
        </ul>
      )}
      {groups.length > 12 ? <div className="card-note small"><Link to="/schedules">{plural(groups.length - 12, 'more schedule')}</Link></div> : null}
    </section>
  );
}

const partStatus: Record<Part['state'], string> = { ok: 'OK', starting: 'STARTING', degraded: 'DEGRADED', down: 'DOWN' };

function Parts({ parts }: { parts: Part[] }): React.ReactElement {
  return (
    <section className="card" aria-label="Parts">
      <div className="card-head"><h2>Parts</h2></div>
      <ul className="list">
        {parts.map((p) => (
          <li key={p.name} className="list-row">
            <Status value={partStatus[p.state]} compact />
            <strong className="part-name">{p.name}</strong>
            <span className="grow muted clip" title={p.detail} dir="auto">{p.detail}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
