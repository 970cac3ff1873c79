import { useCallback, useEffect, useState } from 'react';
import { useQuery } from '../../api/cache';
import { atHand, aws, get, itemsPath, query } from '../../api/client';
import { anew, onChange } from '../../api/live';
import type { ExecutionPage } from '../../api/types';
import { Link, setParams, to, usePathParam, useUrl } from '../../app/router';
import { bytes, count, duration, millis, plural, tail } from '../../lib/format';
import { pace } from '../../lib/pace';
import { Await, Copy, Empty, Facts, Loading, Problem, Status, Text, Time, useNow } from '../../ui/bits';
import { Cells } from '../../ui/cells';
import { Dialog } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { Json } from '../../ui/json';
import { Splitter } from '../../ui/splitter';
import { toast, toastError } from '../../ui/toast';
import { Cause } from '../execution/Execution';
import '../execution/execution.css';
import './maprun.css';

interface Counts {
  total: number;
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  resultsWritten?: number;
}

interface Described {
  mapRunArn: string;
  executionArn: string;
  status: string;
  startDate: number;
  stopDate?: number;
  maxConcurrency: number;
  toleratedFailurePercentage: number;
  toleratedFailureCount: number;
  itemCounts: Counts;
  executionCounts: Counts;
  redriveCount?: number;
}

interface Item {
  key: string;
  name: string;
  status: string;
  start: number;
}

/** A Columns is a page of children as the server tells them: start counts milliseconds before first. */
interface Columns {
  base: string;
  statuses: string[];
  names: string[];
  status: number[];
  start: number[];
  first: number;
  next?: string;
}

interface Items {
  list: Item[] | undefined;
  error: Error | undefined;
  more: boolean;
  readMore: () => void;
}

/** MapRun: the items of a distributed map as a grid, failed first, with the chosen child execution beside it. */
export default function MapRun(): React.ReactElement {
  const arn = usePathParam('arn');
  const items = useItems(arn);
  const run = useQuery(`map run ${arn}`, (s) => get<Described>(query('/api/maprun', { arn }), s), { on: (c) => c.topic === 'maprun' && c.key === arn, every: 5000, first: () => atHand(query('/api/maprun', { arn })) });
  return <Await of={run}>{(d) => <Loaded arn={arn} run={d} items={items} />}</Await>;
}

function Loaded({ arn, run, items }: { arn: string; run: Described; items: Items }): React.ReactElement {
  const { query: q } = useUrl();
  // Until one is chosen, a failed one is shown: the same while others fail.
  const failed = items.list?.find((i) => i.status === 'FAILED' || i.status === 'TIMED_OUT')?.key;
  const [first, setFirst] = useState(failed);
  if (!first && failed) setFirst(failed);
  const child = q.get('child') ?? first ?? '';
  const [limits, setLimits] = useState(false);
  const running = run.status === 'RUNNING';
  const now = useNow(running ? 1000 : 0);
  const start = millis(run.startDate)!;
  const c = run.itemCounts;
  const ended = c.succeeded + c.failed + c.timedOut + c.aborted;
  const each = running && ended > 0 ? (now - start) / ended : 0;
  return (
    <div className="full">
      <div className="full-head exec-head">
        <div className="crumbs">
          <Link to="/machines">State machines</Link><Icon name="right" size={12} />
          <Link to={to.execution(run.executionArn)}>run <Text>{tail(run.executionArn)}</Text></Link>
        </div>
        <div className="page-head">
          <h1 className="clip">Map run <Text>{tail(arn)}</Text></h1>
          <Copy text={arn} label="Copy the ARN" />
          <Status value={run.status} />
          <span className="muted num">{duration((millis(run.stopDate) ?? now) - start)}</span>
          <span className="faint"><Time at={start} /></span>
          <div className="grow" />
          {running ? <button className="button" onClick={() => setLimits(true)}><Icon name="edit" />Concurrency and tolerance</button> : null}
        </div>
        <Progress counts={c} />
        <div className="lines small muted">
          <span>{count(ended)} of {plural(c.total, 'item')} ended</span>
          {each > 0 && ended < c.total ? <span>about {duration(each * (c.total - ended))} to go</span> : null}
          <span>{run.maxConcurrency > 0 ? `${count(run.maxConcurrency)} at once` : 'as many at once as there are'}</span>
          <span>tolerates {run.toleratedFailurePercentage > 0 ? `${run.toleratedFailurePercentage} %` : plural(run.toleratedFailureCount, 'failure')}</span>
          {run.executionCounts.total !== c.total ? <span>{plural(run.executionCounts.total, 'child execution')}</span> : null}
        </div>
      </div>
      <div className="exec-body">
        <div className="map-items">
          {items.error ? <Problem error={items.error} /> : null}
          {items.list === undefined ? <Loading /> : items.list.length === 0 ? (
            <Empty title="No child yet">Each item, or batch of items, becomes a child execution that appears here.</Empty>
          ) : (
            <>
              <Cells label="Items" cells={items.list} selected={child} onOpen={(i) => setParams({ child: i.key })} max={Math.max(320, window.innerHeight - 250)} />
              {items.more ? <p className="faint small">The first {count(items.list.length)} are drawn; <button className="link-button" onClick={items.readMore}>read more</button></p> : null}
            </>
          )}
        </div>
        <Splitter />
        <div className="exec-side">
          {child ? <Child key={child} arn={child} /> : <Empty icon="map" title="No item is chosen">Choose one in the grid: its input, output and error appear here. Those that failed come first.</Empty>}
        </div>
      </div>
      {limits ? <Limits run={run} onClose={() => setLimits(false)} /> : null}
    </div>
  );
}

const shades: [keyof Counts, string][] = [['succeeded', 'succeeded'], ['failed', 'failed'], ['timedOut', 'timedout'], ['aborted', 'aborted'], ['running', 'running'], ['pending', 'idle']];

function Progress({ counts }: { counts: Counts }): React.ReactElement {
  return (
    <div className="map-progress" role="img" aria-label={shades.map(([k]) => `${counts[k] ?? 0} ${k}`).join(', ')}>
      {shades.map(([k, tone]) => (counts[k] ? <i key={k} className={`tone-${tone}`} style={{ flexGrow: counts[k] }} title={`${count(counts[k])} ${k}`} /> : null))}
    </div>
  );
}

/** useItems reads the children and follows them. */
function useItems(arn: string): Items {
  const [list, setList] = useState<Item[]>();
  const [error, setError] = useState<Error>();
  const [pages, setPages] = useState(1);
  const [more, setMore] = useState(false);
  const readMore = useCallback(() => setPages((n) => n + 1), []);
  useEffect(() => {
    const abort = new AbortController();
    let busy = false;
    let again = false;
    let base = ''; // of the ARNs of the children
    const read = async (): Promise<void> => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        do {
          again = false;
          const found: Item[] = [];
          let next: string | undefined;
          let left = pages;
          do {
            const p = await get<Columns>(itemsPath(arn, next), abort.signal);
            p.names.forEach((name, i) => found.push({ key: p.base + name, name, status: p.statuses[p.status[i]!]!, start: p.first - p.start[i]! }));
            next = p.next;
            base = p.base;
          } while (next !== undefined && --left > 0);
          setMore(next !== undefined);
          setList(found.sort((a, b) => a.start - b.start));
          setError(undefined);
        } while (again);
      } catch (e) {
        if (!abort.signal.aborted) setError(e as Error);
      } finally {
        busy = false;
      }
    };
    const update = pace(() => void read(), 400);
    update();
    const stop = onChange((c) => {
      if (c.topic === anew || (c.topic === 'maprun' && c.key === arn) || (c.topic === 'execution' && c.status !== undefined && c.key?.startsWith(base))) update();
    });
    return () => {
      abort.abort();
      update.cancel();
      stop();
    };
  }, [arn, pages]);
  return { list, error, more, readMore };
}

function Child({ arn }: { arn: string }): React.ReactElement {
  const page = useQuery(`execution ${arn}`, (s) => get<ExecutionPage>(query('/api/execution', { arn }), s), { on: (c) => c.topic === 'execution' && c.key === arn });
  return (
    <div className="panel-scroll stack">
      <Await of={page}>
        {(p) => {
          const d = p.describe;
          const start = millis(d.startDate)!;
          const stop = millis(d.stopDate);
          return (
            <>
              <div className="lines">
                <h2><Link to={to.execution(arn)}><Text>{d.name}</Text></Link></h2>
                <Status value={d.status} />
                {stop !== undefined ? <span className="num muted">{duration(stop - start)}</span> : null}
                <Link to={to.execution(arn)} className="button button-small">Open the run<Icon name="right" size={12} /></Link>
              </div>
              {d.error !== undefined || d.cause !== undefined ? (
                <div className="step-error tone-failed"><code className="toned strong">{d.error}</code>{d.cause ? <Cause text={d.cause} /> : null}</div>
              ) : null}
              <Json title="Input" text={d.input ?? ''} />
              {d.output !== undefined ? <Json title="Output" text={d.output} /> : null}
              <Facts rows={[['Started', <Time key="s" at={start} />], ['Events', count(p.lastEvent)], ['Input size', bytes((d.input ?? '').length)]]} />
            </>
          );
        }}
      </Await>
    </div>
  );
}

function Limits({ run, onClose }: { run: Described; onClose: () => void }): React.ReactElement {
  const [concurrency, setConcurrency] = useState(String(run.maxConcurrency));
  const [percentage, setPercentage] = useState(String(run.toleratedFailurePercentage));
  const [failures, setFailures] = useState(String(run.toleratedFailureCount));
  const save = async (): Promise<void> => {
    try {
      await aws('states', 'UpdateMapRun', { mapRunArn: run.mapRunArn, maxConcurrency: Number(concurrency), toleratedFailurePercentage: Number(percentage), toleratedFailureCount: Number(failures) });
      toast({ kind: 'ok', text: 'The map run goes on with these' });
      onClose();
    } catch (e) {
      toastError('The map run was not changed', e);
    }
  };
  return (
    <Dialog title="Concurrency and tolerance" onClose={onClose}>
      <div className="dialog-body stack">
        <label className="field"><span>Children at once (0: no limit)</span><input type="number" min={0} value={concurrency} onChange={(e) => setConcurrency(e.target.value)} /></label>
        <label className="field"><span>Tolerated failures, percent</span><input type="number" min={0} max={100} value={percentage} onChange={(e) => setPercentage(e.target.value)} /></label>
        <label className="field"><span>Tolerated failures, number</span><input type="number" min={0} value={failures} onChange={(e) => setFailures(e.target.value)} /></label>
      </div>
      <footer className="dialog-foot"><button className="button" onClick={onClose}>Cancel</button><button className="button button-primary" onClick={() => void save()}>Use them</button></footer>
    </Dialog>
  );
}
