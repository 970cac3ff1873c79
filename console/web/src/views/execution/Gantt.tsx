import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, useState, type PointerEvent } from 'react';
import { duration } from '../../lib/format';
import { spent, type Model } from '../../run/model';
import { marks, placed, squeezed, type Scale } from '../../run/timescale';
import { Text, words } from '../../ui/bits';
import { Icon, type IconName } from '../../ui/icon';
import { useSize } from '../../ui/measure';
import { bars, pathTo, rows, type Row } from './rows';

const rowHeight = 26;
const kinds: Record<string, IconName> = { Task: 'task', Pass: 'pass', Choice: 'choice', Wait: 'waiting', Parallel: 'parallel', Map: 'map', Succeed: 'succeed', Fail: 'fail', Iteration: 'idle' };

/** Gantt draws who worked when: a row for each state, idle time squeezed, retries within their step. */
export function Gantt({ model, now, running, selected, onSelect, brush, onBrush }: {
  model: Model; now: number; running: boolean; selected: number; onSelect: (step: number) => void;
  brush: [number, number] | undefined; onBrush: (b: [number, number] | undefined) => void;
}): React.ReactElement {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const label = size.width < 520 ? 120 : 190;
  const width = Math.max(60, size.width - label - 76);

  // A selected step is opened once; after that its rows may be closed again.
  const [must, setMust] = useState<ReadonlySet<string>>(new Set());
  const opened = useRef(-1);
  useEffect(() => {
    const id = selected >= 0 ? model.steps[selected]!.id : -1;
    if (id === opened.current) return;
    opened.current = id;
    setMust(selected >= 0 ? pathTo(model, selected) : new Set());
  }, [selected, model]);

  const list = useMemo(() => rows(model, toggled, must), [model, toggled, must]);
  const whole = useMemo(() => squeezed(model, now), [model, now]);
  const scale = useMemo(() => (brush ? squeezed(model, now, brush) : whole), [model, now, brush, whole]);
  const virtual = useVirtualizer({ count: list.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 8 });
  const selectedRow = useMemo(() => (selected < 0 ? -1 : list.findLastIndex((r) => r.steps.includes(selected))), [list, selected]);
  useEffect(() => {
    if (selectedRow >= 0) virtual.scrollToIndex(selectedRow, { align: 'auto' });
    // Follows the selection only.
    // eslint-disable-next-line
  }, [selectedRow]);

  const toggle = (r: Row): void => {
    setMust((s) => {
      const n = new Set(s);
      n.delete(r.key);
      return n;
    });
    setToggled((s) => {
      const n = new Set(s);
      const open = rowsDefaultOpen(r, model);
      // toggled holds what differs from the first state; the wanted state is the opposite of the present one.
      if (!r.expanded === open) n.delete(r.key);
      else n.add(r.key);
      return n;
    });
  };

  return (
    <div className="gantt">
      <Overview model={model} now={now} scale={whole} label={label} width={width} brush={brush} onBrush={onBrush} running={running} />
      <div className="gantt-rows" ref={box} role="list" aria-label="Timeline of the steps">
        <div className="gantt-body" style={{ height: virtual.getTotalSize() }}>
          {size.width > 0 ? <Background scale={scale} start={model.start} label={label} width={width} /> : null}
          {virtual.getVirtualItems().map((v) => {
            const r = list[v.index]!;
            return (
              <div key={r.key} role="listitem" className={`gantt-row ${r.first ? 'gantt-first' : ''} ${v.index === selectedRow ? 'gantt-selected' : ''}`} style={{ height: rowHeight, transform: `translateY(${v.start}px)` }}>
                <RowLabel row={r} model={model} width={label} onToggle={() => toggle(r)} onSelect={onSelect} />
                <RowBars row={r} model={model} scale={scale} width={width} now={now} brush={brush} selected={selected} onSelect={onSelect} />
                <div className="gantt-time num">{rowTime(r, model, now)}</div>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function rowsDefaultOpen(r: Row, m: Model): boolean {
  if (r.kind === 'iteration') return false;
  return r.type === 'Parallel' || r.steps.reduce((n, i) => n + m.steps[i]!.scopes.length, 0) < 9;
}

function rowTime(r: Row, m: Model, now: number): string {
  let sum = 0;
  for (const i of r.steps) {
    const s = m.steps[i]!;
    sum += spent(s, now);
  }
  return duration(sum);
}

function RowLabel({ row, model, width, onToggle, onSelect }: { row: Row; model: Model; width: number; onToggle: () => void; onSelect: (i: number) => void }): React.ReactElement {
  const pick = row.steps.findLast((i) => model.steps[i]!.status === 'failed') ?? row.steps[row.steps.length - 1];
  return (
    <div className="gantt-label" style={{ width, paddingInlineStart: 8 + row.depth * 13 }}>
      {row.expandable ? (
        <button className="gantt-toggle" aria-label={`${row.expanded ? 'Close' : 'Open'} ${row.name}`} aria-expanded={row.expanded} onClick={onToggle}>
          <Icon name={row.expanded ? 'down' : 'right'} size={12} />
        </button>
      ) : (
        <span className="gantt-toggle" />
      )}
      <button className={`gantt-name tone-${row.status}`} onClick={() => pick !== undefined && onSelect(pick)} title={row.name}>
        <Icon name={row.status === 'succeeded' ? (kinds[row.type] ?? 'task') : row.status} size={13} className={row.status === 'succeeded' ? 'faint' : 'toned'} />
        <span className="clip">{row.kind === 'iteration' ? <span className="muted">item {row.name}</span> : <Text>{row.name}</Text>}</span>
        {row.kind === 'state' && row.steps.length > 1 ? <span className="faint tiny num">×{row.steps.length}</span> : null}
      </button>
    </div>
  );
}

const RowBars = memo(function RowBars({ row, model, scale, width, now, brush, selected, onSelect }: { row: Row; model: Model; scale: Scale; width: number; now: number; brush: [number, number] | undefined; selected: number; onSelect: (i: number) => void }): React.ReactElement {
  const list = useMemo(() => bars(model, row.steps, scale.x, width, now, brush), [model, row.steps, scale, width, now, brush]);
  return (
    <svg className="gantt-bars" width={width} height={rowHeight} aria-hidden="true">
      {list.map((b) => {
        const s = model.steps[b.step]!;
        const container = s.scopes.length > 0;
        const tries = container || b.count > 1 ? [] : s.attempts.filter((a) => a.start >= b.from && a.start <= b.to && (!s.again || (a.start < s.again) === (b.from < s.again)));
        const inner = tries.length > 1;
        const quiet = s.type === 'Wait';
        const w = b.x1 - b.x0;
        const y = container ? 9 : 5;
        const h = container ? 8 : 16;
        return (
          <g key={`${s.id} ${b.from}`} className={`gbar tone-${b.status} ${b.step === selected ? 'gbar-selected' : ''}`} onClick={() => onSelect(b.step)}>
            <title>{title(model, b.step, b.count, now)}</title>
            <rect x={b.x0} y={0} width={Math.max(w, 5)} height={rowHeight} className="gbar-hit" />
            <rect x={b.x0} y={y} width={w} height={h} rx={Math.min(3, w / 2)} className={quiet ? 'gbar-quiet' : inner || container ? 'gbar-frame' : 'gbar-fill'} />
            {inner
              ? tries.map((a) => {
                  const x0 = scale.x(a.start) * width;
                  const x1 = Math.max(x0 + 3, scale.x(a.stop ?? now) * width);
                  return <rect key={a.event} x={x0} y={y + 3} width={x1 - x0} height={h - 6} rx={1.5} className={`gbar-fill tone-${a.status}`} />;
                })
              : null}
            {b.status === 'running' ? <rect x={Math.max(b.x0, b.x1 - 3)} y={y} width={3} height={h} className="gbar-tip" /> : null}
          </g>
        );
      })}
    </svg>
  );
});

function title(m: Model, step: number, n: number, now: number): string {
  const s = m.steps[step]!;
  const lines = [n > 1 ? `${n} steps, ${s.name} and others` : s.name, `${words(s.status)} · ${duration(spent(s, now))} · at +${duration(s.start - m.start)}`];
  if (s.attempts.length > 1) lines.push(`${s.attempts.length} attempts`);
  if (s.earlier) lines.push(`redriven: ${[...s.earlier.map((g) => words(g.status)), words(s.status)].join(', then ')}`);
  if (s.error) lines.push(s.error);
  return lines.join('\n');
}

/** Background draws the marks of time and where time is squeezed. */
function Background({ scale, start, label, width }: { scale: Scale; start: number; label: number; width: number }): React.ReactElement {
  return (
    <div className="gantt-back" style={{ insetInlineStart: label, width }} aria-hidden="true">
      {marks(scale, start, Math.max(2, Math.floor(width / 90))).map((k) => <i key={k.at} className="gantt-mark" style={{ left: k.x * width }} />)}
      {scale.pieces.filter((p) => p.squeezed).map((p) => <i key={p.from} className="gantt-gap" style={{ left: p.x0 * width, width: Math.max(2, (p.x1 - p.x0) * width) }} />)}
    </div>
  );
}

/** Overview is the axis with the whole run above the rows: drag on it to choose a time. */
function Overview({ model, now, scale, label, width, brush, onBrush, running }: { model: Model; now: number; scale: Scale; label: number; width: number; brush: [number, number] | undefined; onBrush: (b: [number, number] | undefined) => void; running: boolean }): React.ReactElement {
  const [drag, setDrag] = useState<[number, number]>();
  const ref = useRef<SVGSVGElement>(null);
  const all = useMemo(() => {
    const leaf: number[] = [];
    model.steps.forEach((s, i) => { if (!s.scopes.length && s.type !== 'Wait') leaf.push(i); });
    leaf.sort((a, b) => model.steps[a]!.start - model.steps[b]!.start);
    return leaf;
  }, [model]);
  const density = useMemo(() => bars(model, all, scale.x, width, now), [model, all, scale, width, now]);
  const at = (e: PointerEvent): number => {
    const r = ref.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (e.clientX - r.left) / Math.max(1, r.width)));
  };
  const shown = drag ? ([Math.min(...drag), Math.max(...drag)] as const) : brush ? ([scale.x(brush[0]), scale.x(brush[1])] as const) : undefined;
  const axis = placed(marks(scale, model.start, Math.max(2, Math.floor(width / 90))).map((k) => ({ text: k.at === 0 ? '0' : `+${short(k.at)}`, x: k.x * width, of: k.at })), width);
  return (
    <div className="gantt-top">
      <div className="gantt-corner" style={{ width: label }}>
        {brush ? (
          <button className="button button-small" onClick={() => onBrush(undefined)}><Icon name="close" size={12} />Whole run</button>
        ) : (
          <span className="faint small">{running ? 'Running' : 'Whole run'} <span className="num">{duration((model.stop ?? now) - model.start)}</span></span>
        )}
      </div>
      <svg
        ref={ref}
        className="gantt-overview"
        width={width}
        height={36}
        aria-label="Drag to choose a time"
        role="img"
        onPointerDown={(e) => {
          if (e.button !== 0) return;
          e.currentTarget.setPointerCapture(e.pointerId);
          setDrag([at(e), at(e)]);
        }}
        onPointerMove={(e) => drag && setDrag([drag[0], at(e)])}
        onPointerUp={(e) => {
          if (!drag) return;
          const a = Math.min(drag[0], at(e));
          const b = Math.max(drag[0], at(e));
          setDrag(undefined);
          onBrush((b - a) * width < 4 ? undefined : [scale.t(a), scale.t(b)]);
        }}
        onPointerCancel={() => setDrag(undefined)}
      >
        {scale.pieces.filter((p) => p.squeezed).map((p) => (
          <g key={p.from}>
            <title>{`${duration(p.to - p.from)} in which only waits were open`}</title>
            <rect x={p.x0 * width} y={18} width={Math.max(2, (p.x1 - p.x0) * width)} height={18} className="gantt-squeeze" />
            {(p.x1 - p.x0) * width > 34 ? <text x={((p.x0 + p.x1) / 2) * width} y={31} className="axis gantt-gap-text" textAnchor="middle">{duration(p.to - p.from)}</text> : null}
          </g>
        ))}
        {density.map((b) => <rect key={`${b.step} ${b.from}`} x={b.x0} y={22} width={b.x1 - b.x0} height={10} rx={1} className={`gbar-fill tone-${b.status}`} />)}
        {axis.map((k) => (
          <text key={k.of} x={k.x} y={12} className="axis" textAnchor="middle">{k.text}</text>
        ))}
        {shown ? (
          <>
            <rect x={0} y={17} width={shown[0] * width} height={19} className="gantt-shade" />
            <rect x={shown[1] * width} y={17} width={Math.max(0, width - shown[1] * width)} height={19} className="gantt-shade" />
            <rect x={shown[0] * width} y={17.5} width={Math.max(1, (shown[1] - shown[0]) * width)} height={18} className="gantt-window" />
          </>
        ) : null}
      </svg>
    </div>
  );
}

function short(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${ms / 1000} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)}m${ms % 60_000 ? ` ${Math.round((ms % 60_000) / 1000)}s` : ''}`;
  return `${Math.floor(ms / 3_600_000)}h${ms % 3_600_000 ? ` ${Math.round((ms % 3_600_000) / 60_000)}m` : ''}`;
}
