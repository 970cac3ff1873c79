import { useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from '../api/cache';
import { get } from '../api/client';
import type { ExecutionRow, MachineRow } from '../api/types';
import { Icon } from '../ui/icon';
import { toneOf } from '../ui/bits';
import { useStore } from '../lib/store';
import { pageCommands, paletteOpen, score, type Command } from './commands';
import { pages } from './pages';
import { navigate, to } from './router';
import { setTheme, theme } from './theme';

/** Palette finds pages, machines, runs and acts by typing. */
export function Palette(): React.ReactElement | null {
  return useStore(paletteOpen) ? <Open /> : null;
}

function Open(): React.ReactElement {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const ref = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const own = useStore(pageCommands);
  const machines = useQuery('machines', (s) => get<{ machines: MachineRow[] }>('/api/machines', s));
  const runs = useQuery('palette-runs', (s) => get<{ executions: ExecutionRow[] }>('/api/executions?limit=30', s));

  useEffect(() => {
    ref.current?.showModal();
  }, []);
  const close = (): void => paletteOpen.set(false);

  const all = useMemo<Command[]>(() => {
    const go: Command[] = pages.map((p) => ({ id: p.path, name: p.name, group: 'Go to', icon: p.icon, keys: `g ${p.key}`, run: () => navigate(p.path) }));
    const found: Command[] = (machines.data?.machines ?? []).map((m) => ({ id: m.arn, name: m.name, group: 'State machines', icon: 'machines', words: m.arn, run: () => navigate(to.machine(m.arn)) }));
    const latest: Command[] = (runs.data?.executions ?? []).map((r) => ({
      id: r.arn, name: `${r.machineName} · ${r.name}`, group: 'Latest runs', icon: toneOf(r.status), words: `${r.arn} ${r.status}`, run: () => navigate(to.execution(r.arn)),
    }));
    const settings: Command[] = [
      { id: 'theme', name: theme.get() === 'dark' ? 'Use the light theme' : 'Use the dark theme', group: 'Console', icon: theme.get() === 'dark' ? 'sun' : 'moon', words: 'dark light theme', run: () => setTheme(theme.get() === 'dark' ? 'light' : 'dark') },
    ];
    return [...own, ...go, ...found, ...latest, ...settings];
  }, [own, machines.data, runs.data]);

  const hits = useMemo(() => {
    if (!typed.trim()) return all.slice(0, 40);
    return all
      .map((c) => ({ c, s: Math.max(score(c.name, typed) * 2, c.words ? score(c.words, typed) : 0, score(`${c.group} ${c.name}`, typed)) }))
      .filter((h) => h.s > 0)
      .sort((a, b) => b.s - a.s)
      .slice(0, 40)
      .map((h) => h.c);
  }, [all, typed]);
  useEffect(() => setAt(0), [typed]);
  useEffect(() => {
    list.current?.querySelector(`[data-i="${at}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const run = (c: Command | undefined): void => {
    if (!c) return;
    close();
    c.run();
  };

  return (
    <dialog
      ref={ref}
      className="palette"
      aria-label="Command palette"
      onCancel={(e) => {
        e.preventDefault();
        close();
      }}
      onMouseDown={(e) => {
        if (e.target === ref.current) close();
      }}
    >
      <div className="palette-box">
        <div className="palette-input">
          <Icon name="search" />
          <input
            autoFocus
            value={typed}
            placeholder="Pages, machines, runs, acts…"
            aria-label="Search"
            role="combobox"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant={hits[at] ? `palette-${at}` : undefined}
            onChange={(e) => setTyped(e.target.value)}
            onKeyDown={(e) => {
              if (e.key === 'ArrowDown') setAt((i) => Math.min(hits.length - 1, i + 1));
              else if (e.key === 'ArrowUp') setAt((i) => Math.max(0, i - 1));
              else if (e.key === 'Enter') run(hits[at]);
              else return;
              e.preventDefault();
            }}
          />
          <kbd>esc</kbd>
        </div>
        <div className="palette-list" id="palette-list" role="listbox" aria-label="Found" ref={list}>
          {hits.length === 0 ? <div className="palette-none faint">Nothing found</div> : null}
          {hits.map((c, i) => (
            <div key={`${c.group}${c.id}`}>
              {(i === 0 || hits[i - 1]!.group !== c.group) && !typed ? <div className="palette-group" role="presentation">{c.group}</div> : null}
              <div
                id={`palette-${i}`}
                data-i={i}
                role="option"
                aria-selected={i === at}
                className={`palette-item ${c.group === 'Latest runs' ? `tone-${c.icon}` : ''}`}
                onMouseMove={() => setAt(i)}
                onClick={() => run(c)}
              >
                <Icon name={c.icon} />
                <bdi className="palette-name">{c.name}</bdi>
                {typed ? <span className="faint small">{c.group}</span> : null}
                {c.keys ? <kbd>{c.keys}</kbd> : null}
              </div>
            </div>
          ))}
        </div>
      </div>
    </dialog>
  );
}
