import { useState } from 'react';
import { useQuery } from '../../api/cache';
import { aws } from '../../api/client';
import type { Machine } from '../../api/types';
import { Await, Empty, Text, Time } from '../../ui/bits';
import { confirm } from '../../ui/dialog';
import { Difference } from '../../ui/difference';
import { Icon } from '../../ui/icon';
import { pretty } from '../../ui/json';
import { toast, toastError } from '../../ui/toast';

/** Versions lists a machine's versions and aliases, and compares any two. */
export function Versions({ machine, refetch }: { machine: Machine; refetch: () => void }): React.ReactElement {
  const sorted = [...machine.versions].sort((a, b) => b.number - a.number);
  const [left, setLeft] = useState(sorted[0]?.arn ?? '');
  const [right, setRight] = useState('');
  const publish = async (): Promise<void> => {
    if (!(await confirm({ title: 'Publish a version?', body: 'The definition as it is now gets a number and never changes again. Aliases and callers can name it.', action: 'Publish' }))) return;
    try {
      const out = await aws<{ stateMachineVersionArn: string }>('states', 'PublishStateMachineVersion', { stateMachineArn: machine.arn });
      toast({ kind: 'ok', text: `Published ${out.stateMachineVersionArn.slice(machine.arn.length + 1)}` });
      refetch();
    } catch (e) {
      toastError('No version was published', e);
    }
  };
  return (
    <>
      <div className="line"><h2>Versions</h2><span className="grow" /><button className="button" onClick={() => void publish()}><Icon name="plus" />Publish a version</button></div>
      {sorted.length === 0 ? (
        <div className="card"><Empty title="No version yet">A version is a definition that never changes. An alias points to one or two of them, so that a change can be tried on a part of the runs.</Empty></div>
      ) : (
        <div className="card">
          <ul className="list">
            {sorted.map((v) => (
              <li key={v.arn} className="list-row">
                <strong className="num">{v.number}</strong>
                <span className="grow muted clip"><Text>{v.description ?? ''}</Text></span>
                {machine.aliases.filter((a) => a.routes.some((r) => String(r.version).split(':').pop() === String(v.number))).map((a) => <span key={a.arn} className="badge"><Text>{a.name}</Text> {a.routes.find((r) => String(r.version).split(':').pop() === String(v.number))?.weight} %</span>)}
                <Time at={v.created} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {sorted.length ? (
        <section className="stack">
          <div className="lines">
            <h2>Difference</h2>
            <Pick label="Of" value={left} onChange={setLeft} machine={machine} versions={sorted} />
            <Icon name="right" />
            <Pick label="to" value={right} onChange={setRight} machine={machine} versions={sorted} />
          </div>
          <Compare before={left || machine.arn} after={right || machine.arn} revision={machine.revision} />
        </section>
      ) : null}
    </>
  );
}

function Pick({ label, value, onChange, versions }: { label: string; value: string; onChange: (v: string) => void; machine: Machine; versions: Machine['versions'] }): React.ReactElement {
  return (
    <select aria-label={label} value={value} onChange={(e) => onChange(e.target.value)}>
      <option value="">as it is now</option>
      {versions.map((v) => <option key={v.arn} value={v.arn}>version {v.number}</option>)}
    </select>
  );
}

function Compare({ before, after, revision }: { before: string; after: string; revision: string }): React.ReactElement {
  const load = (arn: string) => async (s: AbortSignal): Promise<string> => pretty((await aws<{ definition: string }>('states', 'DescribeStateMachine', { stateMachineArn: arn }, s)).definition);
  const a = useQuery(`definition ${before} ${revision}`, load(before));
  const b = useQuery(`definition ${after} ${revision}`, load(after));
  return <Await of={a}>{(x) => <Await of={b}>{(y) => <Difference before={x} after={y} />}</Await>}</Await>;
}
