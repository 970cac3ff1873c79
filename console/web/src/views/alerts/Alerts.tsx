import { useMemo } from 'react';
import { useQuery } from '../../api/cache';
import { get } from '../../api/client';
import { duration } from '../../lib/format';
import { Await, Empty, Status, Text, Time } from '../../ui/bits';
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
  to: string;
  subject?: string;
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

/** Alerts: who is told of what, and messages that have not arrived. */
export default function Alerts(): React.ReactElement {
  const alerts = useQuery('alerts', (s) => get<{ rules: Rule[]; sent: Sent[] }>('/api/alerts', s), { every: 5000, on: (c) => c.topic === 'alert' || c.topic === 'execution' && c.status !== undefined });
  const columns = useMemo<Column<Sent>[]>(() => [
    { id: 'status', name: 'Status', width: '120px', sort: (m) => m.status, cell: (m) => <Status value={m.status === 'retrying' ? 'RETRIED' : 'WAITING'} label={m.status === 'retrying' ? 'Retrying' : 'Waiting'} /> },
    { id: 'to', name: 'To', width: 'minmax(160px, 1fr)', cell: (m) => <Text>{m.to}</Text> },
    { id: 'subject', name: 'Subject', width: 'minmax(160px, 2fr)', minor: true, cell: (m) => <Text>{m.subject}</Text> },
    { id: 'attempts', name: 'Attempts', width: '84px', align: 'right', sort: (m) => m.attempts, cell: (m) => m.attempts ?? 0 },
    { id: 'error', name: 'What went wrong', width: 'minmax(160px, 2fr)', cell: (m) => <span className="clip toned tone-failed" dir="auto" title={m.error}>{m.error ?? ''}</span> },
    { id: 'at', name: 'Since', width: '150px', sort: (m) => m.at, cell: (m) => <Time at={m.at} /> },
  ], []);
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
                        Of {r.machines.length === 0 ? 'all state machines' : r.machines.join(', ')}: {conditionOf(r)}
                      </span>
                      <span className="muted clip" title={r.to.map(place).join(', ')}>{r.to.map(place).join(', ')}</span>
                    </li>
                  ))}
                </ul>
              )}
            </section>
            <section className="stack" aria-label="Messages on their way">
              <h2>Messages on their way</h2>
              {d.sent.length === 0 ? <p className="muted">All messages have arrived, or none was sent.</p> : <Table fit rows={d.sent} columns={columns} rowKey={(m, i) => m.id ?? `${i}`} label="Messages on their way" />}
            </section>
          </>
        )}
      </Await>
    </>
  );
}
