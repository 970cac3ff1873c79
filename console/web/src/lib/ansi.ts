// ANSI escapes in logs: colours and weight become classes, everything else is dropped.

/** A Run is a part of a line with one look. cls is a list of class names, "" for none. */
export interface Run {
  text: string;
  cls: string;
}

// CSI … final byte; OSC … BEL or ST; other two-byte escapes; and controls but tab.
// eslint-disable-next-line no-control-regex
const escapes = /\u001b\[([0-?]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-_]|\u009b[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** ansi splits a line into runs. A carriage return starts the line anew, as a terminal would show it. */
export function ansi(line: string): Run[] {
  const whole = line.replace(/\r+$/, '');
  const text = whole.slice(whole.lastIndexOf('\r') + 1);
  if (!/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text)) return text ? [{ text, cls: '' }] : [];
  const runs: Run[] = [];
  let fg = '';
  let bold = false;
  let faint = false;
  let from = 0;
  const push = (to: number): void => {
    if (to <= from) return;
    const cls = [fg, bold ? 'a-bold' : '', faint ? 'a-faint' : ''].filter(Boolean).join(' ');
    const t = text.slice(from, to);
    const last = runs.at(-1);
    if (last && last.cls === cls) last.text += t;
    else runs.push({ text: t, cls });
  };
  escapes.lastIndex = 0;
  for (let m = escapes.exec(text); m; m = escapes.exec(text)) {
    push(m.index);
    from = m.index + m[0].length;
    if (m[2] !== 'm') continue;
    const codes = (m[1] || '0').split(';').map(Number);
    for (let i = 0; i < codes.length; i++) {
      const c = codes[i]!;
      if (c === 0) { fg = ''; bold = faint = false; }
      else if (c === 1) bold = true;
      else if (c === 2) faint = true;
      else if (c === 22) bold = faint = false;
      else if (c >= 30 && c <= 37) fg = `a-${c - 30}`;
      else if (c >= 90 && c <= 97) fg = `a-${c - 90}`;
      else if (c === 39) fg = '';
      else if (c === 38 || c === 48) {
        const n = codes[i + 2];
        if (codes[i + 1] === 5) {
          if (c === 38 && n !== undefined) fg = n < 16 ? `a-${n % 8}` : '';
          i += 2;
        } else if (codes[i + 1] === 2) i += 4;
      }
    }
  }
  push(text.length);
  return runs;
}

/** plain is a line without its escapes. */
export function plain(line: string): string {
  return ansi(line).map((r) => r.text).join('');
}

/** plainText is a text of any number of lines without escapes. */
export function plainText(text: string): string {
  return text.split('\n').map(plain).join('\n');
}

/** looksBinary tells that a text is no text: it has replacement characters or controls in numbers. */
export function looksBinary(s: string): boolean {
  const head = s.slice(0, 4096);
  if (!head) return false;
  let odd = 0;
  for (let i = 0; i < head.length; i++) {
    const c = head.charCodeAt(i);
    if (c === 0xfffd || c < 9 || (c > 13 && c < 27)) odd++;
  }
  return odd / head.length > 0.1;
}
