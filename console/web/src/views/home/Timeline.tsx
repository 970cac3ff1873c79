import { useMemo, useRef, useState } from 'react';
import type { Home, Ran, Will } from '../../api/types';
import { Link, navigate, to } from '../../app/router';
import { clock, count, day, duration, tail, when } from '../../lib/format';
import { toneOf, Text, words } from '../../ui/bits';
import { placed } from '../../run/timescale';
import { useWidth } from '../../ui/measure';
import { lanes, ticks, type Lane } from './lanes';

const rowHeight = 26;
const labelWidth = 190;

/** Timeline draws each machine's and queue's runs, past and to come, on one axis. */
export function Timeline({ home }: { home: Home }): React.ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const phone = width < 560;
  const label = phone ? 110 : labelWidth;
  const span = Math.max(1, home.to - home.from);
  const plot = Math.max(50, width - label - 12);
  const x = (t: number): number => label + (Math.min(Math.max(t, home.from), home.to) - home.from) * (plot / span);
  const rows = useMemo(() => lanes(home), [home]);
  const marks = useMemo(() => ticks(home.from, home.to, phone ? 4 : 10), [home.from, home.to, phone]);
  const [over, setOver] = useState<{ ran?: Ran; will?: Will; x: number; y: number }>();
  const texts = placed(marks.map((m) => ({ text: clock(m).slice(0, 5), x: x(m), of: m })), width);
  const height = 26 + rows.reduce((n, r) => n + Math.max(1, r.depth) * rowHeight, 0) + 8;

  let y = 26;
  return (
    <div ref={box} className="timeline" onMouseLeave={() => setOver(undefined)}>
      <svg width={width || undefined} height={height} role="group" aria-label={`${home.ran.length} runs and ${home.will.length} to come`}>
        {marks.map((m) => (
          <g key={m}>
            <line x1={x(m)} x2={x(m)} y1={20} y2={height} className="grid-line" />
          </g>
        ))}
        {texts.filter((l) => Math.abs(l.x - x(home.now)) > 34).map((l) => <text key={l.of} x={l.x} y={14} className="axis" textAnchor="middle">{l.text}</text>)}
        {rows.map((lane, i) => {
          const top = y;
          y += Math.max(1, lane.depth) * rowHeight;
          return (
            <g key={lane.key}>
              {i > 0 ? <line x1={0} x2={width} y1={top} y2={top} className="lane-line" /> : null}
              <LaneName lane={lane} y={top} width={label - 14} />
              {lane.ran.map(({ ran, depth }) => {
                const left = x(ran.start);
                const right = x(ran.stop ?? home.now);
                const running = ran.stop === undefined;
                return (
                  <rect
                    key={ran.arn}
                    x={left}
                    y={top + depth * rowHeight + 6}
                    width={Math.max(4, right - left)}
                    height={rowHeight - 12}
                    rx={3}
                    className={`bar tone-${toneOf(ran.status)} ${running ? 'bar-running' : ''}`}
                    onMouseEnter={() => setOver({ ran, x: left, y: top + depth * rowHeight })}
                    onClick={() => navigate(ran.kind === 'job' ? to.job(tail(ran.arn.replaceAll('/', ':'))) : to.execution(ran.arn))}
                  />
                );
              })}
              {lane.will.map((w) => (
                <path
                  key={`${w.name}${w.at}`}
                  d={w.last ? `M${x(w.at)} ${top + 9}H${x(w.last)}v8H${x(w.at)}Z` : `M${x(w.at)} ${top + 6}l6 7-6 7-6-7Z`}
                  className={w.last ? 'will will-often' : 'will'}
                  onMouseEnter={() => setOver({ will: w, x: x(w.at), y: top })}
                />
              ))}
            </g>
          );
        })}
        <line x1={x(home.now)} x2={x(home.now)} y1={18} y2={height} className="now-line" />
        <text x={x(home.now)} y={14} className="axis axis-now" textAnchor="middle">now</text>
      </svg>
      {over ? (
        <div className="tip" style={{ left: Math.min(over.x, Math.max(0, width - 250)), top: over.y + rowHeight }}>
          {over.ran ? (
            <>
              <strong><Text>{over.ran.machine ?? over.ran.name}</Text></strong>
              <div className={`toned tone-${toneOf(over.ran.status)}`}>{words(over.ran.status)} · {duration((over.ran.stop ?? home.now) - over.ran.start)}</div>
              <div className="muted num">{when(over.ran.start, home.now)}{over.ran.stop ? ` – ${clock(over.ran.stop)}` : ''}</div>
              {over.ran.error ? <code className="small">{over.ran.error}</code> : null}
            </>
          ) : over.will ? (
            <>
              <strong><Text>{over.will.name}</Text></strong>
              <div className="muted num">{day(over.will.at)} {clock(over.will.at)} · in {duration(over.will.at - home.now)}</div>
              {over.will.more ? <div className="muted num">and {count(over.will.more)} more until {clock(over.will.last)}</div> : null}
            </>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function LaneName({ lane, y, width }: { lane: Lane; y: number; width: number }): React.ReactElement {
  return (
    <foreignObject x={14} y={y + 3} width={width} height={20}>
      <div className="lane-name" title={lane.name}>
        {lane.to ? <Link to={lane.to}><Text>{lane.name}</Text></Link> : <Text>{lane.name}</Text>}
      </div>
    </foreignObject>
  );
}
