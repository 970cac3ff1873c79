import { useEffect, useRef } from 'react';
import type { IconName } from '../ui/icon';
import { store } from '../lib/store';

/** A Command is one entry of the palette. */
export interface Command {
  id: string;
  name: string;
  group: string;
  icon: IconName;
  /** More words to find it by. */
  words?: string;
  /** The keys that do the same, for show. */
  keys?: string;
  run: () => void;
}

/** Commands of the page that is open. */
export const pageCommands = store<Command[]>([]);

/** paletteOpen says whether the palette is open. */
export const paletteOpen = store(false);

/** useCommands adds commands to the palette while the component is shown. */
export function useCommands(commands: Command[]): void {
  const ids = useRef<string[]>([]);
  const key = commands.map((c) => c.id + c.name).join('\n');
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => {
    const mine = latest.current.map((c, i) => ({ ...c, run: () => latest.current[i]?.run() }));
    ids.current = mine.map((c) => c.id);
    pageCommands.set((now) => [...now, ...mine]);
    return () => pageCommands.set((now) => now.filter((c) => !mine.includes(c)));
  }, [key]);
}

/**
 * score tells how well text fits what was typed: 0 not at all. All words of what
 * was typed must occur; beginnings of words count more, letters in order count least.
 */
export function score(text: string, typed: string): number {
  const t = text.toLowerCase();
  let sum = 0;
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = t.indexOf(word);
    if (at >= 0) {
      sum += at === 0 || /[\s\-_:./]/.test(t[at - 1]!) ? 10 : 5;
      continue;
    }
    let from = 0;
    for (const c of word) {
      from = t.indexOf(c, from) + 1;
      if (from === 0) return 0;
    }
    sum += 1;
  }
  return sum === 0 ? 1 : sum;
}
