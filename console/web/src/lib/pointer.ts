/** A Span is a part of a text, in UTF-16 offsets. */
export interface Span {
  from: number;
  to: number;
}

/**
 * spans reads where each value of a JSON text stands, by its JSON pointer
 * ("/States/Pay/Next"); the root is "". It stops where the text stops being JSON.
 */
export function spans(text: string): Map<string, Span> {
  const out = new Map<string, Span>();
  let i = 0;
  const blank = (): void => {
    while (i < text.length && ' \t\r\n'.includes(text[i]!)) i++;
  };
  const stop = new Error('not JSON');
  const str = (): string => {
    const from = i;
    if (text[i] !== '"') throw stop;
    for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    if (i >= text.length) throw stop;
    i++;
    try {
      return JSON.parse(text.slice(from, i)) as string;
    } catch {
      throw stop;
    }
  };
  const value = (at: string, depth: number): void => {
    blank();
    const from = i;
    const c = text[i];
    if (depth > 200) throw stop;
    if (c === '{' || c === '[') {
      i++;
      const end = c === '{' ? '}' : ']';
      blank();
      for (let n = 0; text[i] !== end; n++) {
        if (n > 0) {
          if (text[i] !== ',') throw stop;
          i++;
          blank();
        }
        let key = String(n);
        if (c === '{') {
          key = str();
          blank();
          if (text[i] !== ':') throw stop;
          i++;
        }
        value(`${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1);
        blank();
        if (i >= text.length) throw stop;
      }
      i++;
    } else if (c === '"') {
      str();
    } else {
      const m = /[-\w.+]+/y;
      m.lastIndex = i;
      const got = m.exec(text);
      if (!got) throw stop;
      i += got[0].length;
    }
    out.set(at, { from, to: i });
  };
  try {
    value('', 0);
  } catch (e) {
    if (e !== stop) throw e;
  }
  return out;
}

/** spanOf finds the place of a pointer, or of the nearest value around it. */
export function spanOf(all: Map<string, Span>, pointer: string): Span | undefined {
  for (let p = pointer; ; p = p.slice(0, p.lastIndexOf('/'))) {
    const s = all.get(p);
    if (s) return s;
    if (p === '' || !p.includes('/')) return undefined;
  }
}
