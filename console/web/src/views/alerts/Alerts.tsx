import { useQuery } from '../../api/cache';
import { get } from '../../api/client';
import { Link, to, useParam } from '../../app/router';
import { duration, tail } from '../../lib/format';
import { Await, Empty, Facts, Status, Text, Time } from '../../ui/bits';
import { Dialog } from '../../ui/dialog';
import { Json } from '../../ui/json';
import { Table, type Column } from '../../ui/table';

interface Rule {
  name: string;
  machines: string[];
  on: string[];
  longerThan?: number;
  by?: string;
  zone?: string;
  to: string[];
}

interface Sent {
  id?: string;
  at: number;
  ended?: number;
  rule?: string;
  about?: string;
  to: string;
  subject?: string;
  body?: string;
  status: string;
  attempts?: number;
  error?: string;
}

/** conditionOf says in words when a rule tells somebody. */
export function conditionOf(r: Rule): string {
  const parts: string[] = [];
  const on = r.on.length > 0 ? r.on : r.longerThan || r.by ? [] : ['FAILED', 'TIMED_OUT'];
  if (on.length > 0) parts.push(`one ends ${on.map((s) => s.toLowerCase().replace('_', ' ')).join(' or ')}`);
  if (r.longerThan) parts.push(`one runs for longer than ${duration(r.longerThan)}`);
  if (r.by) parts.push(`none has succeeded by ${r.by}${r.zone ? ` (${r.zone})` : ' UTC'}`);
  return parts.join(', or ');
}

const place = (to: string): string => (to.startsWith('slack:') ? `Slack, ${host(to.slice(6))}` : to.startsWith('mailto:') ? to.slice(7) : to.startsWith('http') ? `web hook, ${host(to)}` : to);
const host = (url: string): string => {
  try {
    return new URL(url).host;
  } catch {
    return 'an address';
  }
};

const statuses: Record<string, [string, string]> = { waiting: ['WAITING', 'Waiting'], retrying: ['RETRIED', 'Retrying'], arrived: ['SUCCEEDED', 'Arrived'], 'given up': ['FAILED', 'Given up'] };
const kinds: Record<string, string> = { email: 'mail', webhook: 'web hook', slack: 'Slack' };
const whom = (to: string): string => {
  const at = to.indexOf(':');
  const kind = kinds[to.slice(0, at)];
  return kind ? `${kind}, ${to.slice(at + 1).replace(/^https?:\/\//, '')}` : to;
};

const columns: Column<Sent>[] = [
  { id: 'status', name: 'Status', width: '112px', sort: (m) => m.status, cell: (m) => <Status value={statuses[m.status]?.[0]} label={statuses[m.status]?.[1] ?? m.status} /> },
  { id: 'at', name: 'Sent', width: '150px', sort: (m) => m.at, cell: (m) => <Time at={m.at} /> },
  { id: 'subject', name: 'Subject', width: 'minmax(160px, 2fr)', cell: (m) => <Text>{m.subject}</Text> },
  { id: 'to', name: 'To', width: 'minmax(150px, 1.3fr)', sort: (m) => m.to, cell: (m) => <Text>{whom(m.to)}</Text> },
  { id: 'rule', name: 'Rule', width: 'minmax(80px, 0.7fr)', minor: true, sort: (m) => m.rule, cell: (m) => <Text className="muted">{m.rule}</Text> },
  { id: 'attempts', name: 'Attempts', width: '80px', align: 'right', minor: true, sort: (m) => m.attempts, cell: (m) => m.attempts ?? 0 },
  { id: 'error', name: 'What went wrong', width: 'minmax(120px, 1.5fr)', minor: true, cell: (m) => <span className={`clip ${m.status === 'arrived' ? 'faint' : 'toned tone-failed'}`} dir="auto" title={m.error}>{m.error ?? ''}</span> },
];

/** Alerts: who is told of what, what was told and when it arrived. */
export default function Alerts(): React.ReactElement {
  const alerts = useQuery('alerts', (s) => get<{ rules: Rule[]; sent: Sent[] }>('/api/alerts', s), { every: 5000, on: (c) => c.topic === 'alert' || c.topic === 'execution' && c.status !== undefined });
  const [chosen, choose] = useParam('sent');
  const one = alerts.data?.sent.find((m) => m.id === chosen);
  return (
    <>
      <div className="page-head"><h1>Alerts</h1></div>
      <Await of={alerts}>
        {(d) => (
          <>
            <section className="card" aria-label="Rules">
              <div className="card-head"><h2>Rules</h2><span className="faint small">from salamander.yaml</span></div>
              {d.rules.length === 0 ? (
                <Empty icon="alerts" title="Nobody is told of anything yet">
                  A rule in salamander.yaml says who is told when executions fail, run long or are late.
                  <pre>{'alerts:\n  - name: failures\n    machines: ["refresh*"]\n    to: [mailto:team@example.com]'}</pre>
                </Empty>
              ) : (
                <ul className="list">
                  {d.rules.map((r) => (
                    <li key={r.name} className="list-row">
                      <strong className="nowrap"><Text>{r.name}</Text></strong>
                      <span className="grow" dir="auto">
                        Of {r.machines.length === 0 || r.machines.includes('*') ? 'all state machines' : r.machines.join(', ')}: {conditionOf(r)}
                      </span>
                      <span className="muted clip" title={r.to.map(place).join(', ')}>{r.to.map(place).join(', ')}</span>
                    </li>
                  ))}
                </ul>
              )}
            </section>
            <section className="stack" aria-label="What was sent">
              <h2>What was sent</h2>
              {d.sent.length === 0 ? (
                <p className="muted">Nothing was sent yet. Each alert is listed here with when it arrived or why it did not; messages of topics as long as they are on their way.</p>
              ) : (
                <Table fit rows={d.sent} columns={columns} rowKey={(m, i) => m.id ?? `${i}`} label="What was sent" onOpen={(m) => choose(m.id ?? '')} selected={chosen || undefined} />
              )}
            </section>
          </>
        )}
      </Await>
      {one ? (
        <Dialog title={one.subject ?? 'A message'} wide onClose={() => choose('')}>
          <div className="dialog-body stack">
            <Facts
              rows={[
                ['Status', <Status key="s" value={statuses[one.status]?.[0]} label={statuses[one.status]?.[1] ?? one.status} />],
                ['To', <Text key="t">{whom(one.to)}</Text>],
                ['Sent', <Time key="a" at={one.at} />],
                ...(one.ended ? [[one.status === 'arrived' ? 'Arrived' : 'Given up', <Time key="e" at={one.ended} />] as [string, React.ReactNode]] : []),
                ['Attempts', one.attempts ?? 0],
                ...(one.rule ? [['Rule', <Text key="r">{one.rule}</Text>] as [string, React.ReactNode]] : []),
                ...(one.about ? [['About', <Link key="l" to={one.about.includes(':execution:') ? to.execution(one.about) : to.machine(one.about)}><Text>{tail(one.about)}</Text></Link>] as [string, React.ReactNode]] : []),
              ]}
            />
            {one.error ? <p className="wrap toned tone-failed" dir="auto">{one.error}</p> : null}
            {one.body?.startsWith('{') ? <Json title="What was sent" text={one.body} /> : one.body ? <pre className="wrap card card-body" dir="auto">{one.body}</pre> : null}
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
