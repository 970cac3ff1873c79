import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { looksBinary } from '../lib/ansi';
import { byteLength, bytes, count } from '../lib/format';
import { Copy } from './bits';

const firstChars = 20_000;
const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** pretty indents a JSON text; other texts stay as they are. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2) ?? text;
  } catch {
    return text;
  }
}

function colour(line: string): React.ReactNode[] {
  const out: React.ReactNode[] = [];
  let from = 0;
  let k = 0;
  for (const m of line.matchAll(token)) {
    if (m.index > from) out.push(line.slice(from, m.index));
    const cls = m[1] !== undefined ? (m[2] !== undefined ? 'j-key' : 'j-string') : m[3] !== undefined ? 'j-number' : 'j-word';
    out.push(<span key={k++} className={cls}>{m[1] ?? m[3] ?? m[4]}</span>);
    if (m[2] !== undefined) out.push(m[2]);
    from = m.index + m[0].length;
  }
  if (from < line.length) out.push(line.slice(from));
  return out;
}

/**
 * Json shows a value, or a text that holds one: indented, coloured, with its size.
 * Long ones are cut until "show all"; only lines on screen are in the page.
 */
export function Json({ value, text, title, note, max = 420 }: { value?: unknown; text?: string | undefined; title?: React.ReactNode; note?: React.ReactNode; max?: number }): React.ReactElement {
  const source = useMemo(() => text ?? (value === undefined ? '' : JSON.stringify(value)), [text, value]);
  const [all, setAll] = useState(false);
  const size = useMemo(() => byteLength(source), [source]);
  const binary = useMemo(() => looksBinary(source), [source]);
  const shown = useMemo(() => (all || source.length <= firstChars * 4 ? pretty(source) : source.slice(0, firstChars)), [source, all]);
  const cut = !all && (source.length > firstChars * 4 || shown.length > firstChars);
  const lines = useMemo(() => (cut ? shown.slice(0, firstChars) : shown).split('\n').flatMap(fold), [shown, cut]);
  return (
    <figure className="json">
      {title !== undefined ? (
        <figcaption className="json-head">
          <span className="json-title">{title}</span>
          {note}
          <span className="grow" />
          <span className="faint small num">{bytes(size)}</span>
          <Copy text={source} />
        </figcaption>
      ) : null}
      {binary && !all ? (
        <div className="json-cut">Binary data, {bytes(size)}. <button className="link-button" onClick={() => setAll(true)}>Show it as text</button></div>
      ) : (
        <Lines lines={lines} max={max} />
      )}
      {cut && !binary ? (
        <div className="json-cut">
          The first {count(firstChars)} characters of {bytes(size)}. <button className="link-button" onClick={() => setAll(true)}>Show all</button>
        </div>
      ) : null}
    </figure>
  );
}

/** A Line is one, or a piece of one that is long. Pieces are not coloured: they begin within texts. */
interface Line {
  text: string;
  whole: boolean;
}

// A line of a megabyte would be laid out as one; pieces of it are not.
function fold(text: string): Line[] {
  if (text.length <= 2000) return [{ text, whole: true }];
  const out: Line[] = [];
  for (let i = 0; i < text.length; i += 2000) out.push({ text: text.slice(i, i + 2000), whole: false });
  return out;
}

function Lines({ lines, max }: { lines: Line[]; max: number }): React.ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const large = lines.length > 300;
  const v = useVirtualizer({ count: large ? lines.length : 0, getScrollElement: () => ref.current, estimateSize: () => 18, overscan: 20 });
  if (!large) {
    return (
      <pre className="json-text" style={{ maxHeight: max }} tabIndex={0}>
        {lines.map((l, i) => (
          <div key={i} dir="ltr">{l.whole ? colour(l.text) : l.text}{l.text === '' ? '\u200b' : null}</div>
        ))}
      </pre>
    );
  }
  return (
    <div className="json-text json-virtual" ref={ref} style={{ maxHeight: max, height: max }} tabIndex={0}>
      <div className="json-body" style={{ height: v.getTotalSize() }}>
        {v.getVirtualItems().map((i) => (
          <div key={i.key} data-index={i.index} ref={v.measureElement} className="json-line" style={{ transform: `translateY(${i.start}px)` }} dir="ltr">
            {lines[i.index]!.whole ? colour(lines[i.index]!.text) : lines[i.index]!.text}
          </div>
        ))}
      </div>
    </div>
  );
}
