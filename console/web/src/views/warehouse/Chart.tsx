import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { likeYears, numeral } from '../../lib/format';
import { useWidth } from '../../ui/measure';
import { beside, type Series } from './run';

const tones = ['--s-running', '--accent', '--s-succeeded', '--s-aborted', '--s-failed', '--s-redriven'];

// Dates as ISO 8601 writes them, and hours of a day of 24, in UTC as the warehouse has them.
const each = (unit: number, form: string, year: string | null, day: string | null): (string | number | null)[] => [unit, form, year, null, day, null, null, null, 1];
const times = [
  each(31_536_000, '{YYYY}', null, null),
  each(2_419_200, '{YYYY}-{MM}', null, null),
  each(86_400, '{MM}-{DD}', '\n{YYYY}', null),
  each(60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', '\n{MM}-{DD}'),
  each(1, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', '\n{MM}-{DD}'),
  each(0.001, ':{ss}.{fff}', '\n{YYYY}-{MM}-{DD} {HH}:{mm}', '\n{MM}-{DD} {HH}:{mm}'),
];

const font = '12px system-ui, sans-serif';
const numbers = (_: uPlot, at: (number | null)[]): string[] => at.map((n) => (n === null ? '' : likeYears(at) ? String(n) : numeral(n)));
/** numberOf writes the numbers of a column, by what all of them are. */
const numberOf = (all: (number | null)[]) => (_: uPlot, n: number | null): string => (n === null ? '' : likeYears(all) ? String(n) : numeral(n));

const clock = uPlot.fmtDate('{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}');

const widestBar = 60;
const fromZero = { pad: 0.1, soft: 0, mode: 1 } as const;

/** barsOf draws the k-th of n series as bars beside the others' at each label. */
function barsOf(xs: number[], k: number, n: number): uPlot.Series.PathBuilder {
  const place = (u: uPlot): ReturnType<typeof beside> => beside(n, (widestBar / Math.abs(u.valToPos(1, 'x') - u.valToPos(0, 'x'))) || 1);
  return uPlot.paths.bars!({
    disp: {
      x0: { unit: 1, values: (u) => xs.map((x) => x + place(u).left[k]!) },
      size: { unit: 1, values: (u) => [place(u).size] },
    },
  });
}

/** Chart draws a result's numbers: lines against times and numbers, bars against texts. */
export default function Chart({ series, height = 300 }: { series: Series; height?: number }): React.ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  useEffect(() => {
    if (!box.current || width === 0) return;
    const css = getComputedStyle(document.documentElement);
    const colour = (name: string): string => css.getPropertyValue(name).trim();
    const axis = { font, stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line'), width: 1 } };
    const labels = series.labels;
    const pen = document.createElement('canvas').getContext('2d')!;
    pen.font = font;
    const plot = new uPlot(
      {
        width,
        height,
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
        scales: { x: { time: series.time, ...(labels ? { range: (): [number, number] => [-0.6, labels.length - 0.4] } : {}) }, ...(labels ? { y: { range: { min: fromZero, max: fromZero } } } : {}) },
        axes: [
          { ...axis, ...(labels ? { values: (_: uPlot, at: number[]) => at.map((v) => (Number.isInteger(v) ? (labels[v] ?? '').slice(0, 18) : '')) } : series.time ? { values: times } : { values: numbers }) },
          { ...axis, values: numbers, size: (_: uPlot, all: string[] | null) => Math.max(48, 18 + Math.ceil(Math.max(0, ...(all ?? []).map((s) => pen.measureText(s).width)))) },
        ],
        series: [
          { label: series.name, ...(labels ? { value: (_: uPlot, v: number | null) => (v === null ? '' : (labels[v] ?? '')) } : series.time ? { value: (_: uPlot, v: number | null) => (v === null ? '' : clock(uPlot.tzDate(new Date(v * 1000), 'Etc/UTC'))) } : { value: numberOf(series.x) }) },
          ...series.lines.map((l, i) => ({
            label: l.name,
            value: numberOf(l.y),
            stroke: colour(tones[i % tones.length]!),
            width: 1.75,
            points: { show: series.x.length < 80 },
            ...(labels && uPlot.paths.bars ? { paths: barsOf(series.x, i, series.lines.length), fill: `${colour(tones[i % tones.length]!)}55`, points: { show: false } } : {}),
          })),
        ],
      },
      [series.x, ...series.lines.map((l) => l.y)] as uPlot.AlignedData,
      box.current,
    );
    return () => plot.destroy();
  }, [series, width, height]);
  return <div ref={box} className="chart" role="img" aria-label={`Chart of ${series.lines.map((l) => l.name).join(', ')} by ${series.name}`} />;
}
