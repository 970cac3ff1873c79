import { useMemo, useState } from 'react';
import type { HistoryEvent } from '../../api/types';
import { setParams, useUrl } from '../../app/router';
import { duration, exact } from '../../lib/format';
import type { Model } from '../../run/model';
import { Problem, Text } from '../../ui/bits';
import { Icon } from '../../ui/icon';
import { Json } from '../../ui/json';
import { Table, type Column } from '../../ui/table';
import { summary } from './summary';

/** toneOfEvent colours what went wrong and what went well. */
function toneOfEvent(type: string): string {
  if (/Failed$/.test(type)) return 'failed';
  if (/TimedOut$/.test(type)) return 'timedout';
  if (/Aborted$/.test(type)) return 'aborted';
  if (/Succeeded$|Exited$/.test(type)) return 'succeeded';
  if (/Redriven$/.test(type)) return 'redriven';
  if (/Scheduled$|Submitted$/.test(type)) return 'waiting';
  if (/Started$/.test(type)) return 'running';
  return 'idle';
}

/** Events is the table of a run's history, filtered by the brush, by a step and by text. */
export function Events({ events, model, selected, brush, onSelect, error }: { events: HistoryEvent[]; model: Model; selected: number; brush: [number, number] | undefined; onSelect: (step: number) => void; error: Error | undefined }): React.ReactElement {
  const { query: q } = useUrl();
  const [typed, setTyped] = useState('');
  const [only, setOnly] = useState(false);
  const [kind, setKind] = useState('');
  const open = Number(q.get('event') ?? '0');

  const shown = useMemo(() => {
    const words = typed.toLowerCase();
    if (!words && !brush && !kind && !(only && selected >= 0)) return events;
    return events.filter((e) => {
      const t = e.timestamp * 1000;
      if (brush && (t < brush[0] || t > brush[1])) return false;
      if (only && selected >= 0 && model.stepOf[e.id] !== selected) return false;
      if (kind === 'bad' && !/Failed$|TimedOut$|Aborted$/.test(e.type)) return false;
      if (kind === 'states' && !/StateEntered$|StateExited$/.test(e.type)) return false;
      if (kind === 'tasks' && !/^(Task|LambdaFunction|Activity)(?!State)/.test(e.type)) return false;
      if (!words) return true;
      const at = model.stepOf[e.id] ?? -1;
      return e.type.toLowerCase().includes(words) || (at >= 0 && model.steps[at]!.name.toLowerCase().includes(words)) || summary(e, model).toLowerCase().includes(words);
    });
  }, [events, typed, brush, only, kind, selected, model]);

  const columns = useMemo<Column<HistoryEvent>[]>(() => [
    { id: 'id', name: '#', width: '58px', align: 'right', cell: (e) => <span className="faint">{e.id}</span> },
    { id: 'at', name: 'After', width: '78px', align: 'right', cell: (e) => <span title={exact(e.timestamp * 1000)}>{duration(e.timestamp * 1000 - model.start)}</span> },
    { id: 'type', name: 'Event', width: '196px', cell: (e) => <span className={`event-type tone-${toneOfEvent(e.type)}`}>{e.type}</span> },
    { id: 'state', name: 'State', width: 'minmax(90px, 1fr)', cell: (e) => { const at = model.stepOf[e.id] ?? -1; return at >= 0 ? <Text>{model.steps[at]!.name}</Text> : null; } },
    { id: 'detail', name: 'Detail', width: 'minmax(110px, 1.3fr)', cell: (e) => <span className="muted clip" dir="auto">{summary(e, model)}</span> },
  ], [model]);

  const chosen = open ? events.find((e) => e.id === open) : undefined;
  return (
    <div className="events">
      <div className="events-bar">
        <div className="log-search"><Icon name="search" /><input type="search" data-search value={typed} onChange={(e) => setTyped(e.target.value)} placeholder="Filter events" aria-label="Filter events" /></div>
        <select value={kind} onChange={(e) => setKind(e.target.value)} aria-label="Kind of events">
          <option value="">All events</option>
          <option value="bad">Failures</option>
          <option value="states">States entered and left</option>
          <option value="tasks">Tasks</option>
        </select>
        <label className="check"><input type="checkbox" checked={only} disabled={selected < 0} onChange={(e) => setOnly(e.target.checked)} /> Selected step only</label>
        {brush ? <span className="badge">{duration(brush[1] - brush[0])} chosen</span> : null}
        <span className="grow" />
        <span className="faint small num">{shown.length === events.length ? `${events.length}` : `${shown.length} of ${events.length}`} events</span>
      </div>
      {error ? <Problem error={error} /> : null}
      <Table
        label="Events"
        rows={shown}
        columns={columns}
        rowKey={(e) => String(e.id)}
        rowHeight={27}
        selected={open ? String(open) : undefined}
        follow
        onOpen={(e) => {
          const at = model.stepOf[e.id] ?? -1;
          if (at >= 0 && at !== selected) onSelect(at);
          setParams({ event: String(e.id), tab: 'events' });
        }}
        empty="No event is like this."
      />
      {chosen ? (
        <div className="events-detail">
          <Json title={<>{chosen.id} {chosen.type}</>} value={chosen} max={220} note={<button className="icon-button" aria-label="Close the event" onClick={() => setParams({ event: undefined })}><Icon name="close" /></button>} />
        </div>
      ) : null}
    </div>
  );
}
