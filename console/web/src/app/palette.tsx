import { useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from '../api/cache';
import { get, query, session, usualCluster } from '../api/client';
import type { ExecutionRow, MachineRow } from '../api/types';
import { Icon } from '../ui/icon';
import { toneOf } from '../ui/bits';
import { useStore } from '../lib/store';
import { pageCommands, paletteOpen, score, type Command } from './commands';
import { pages } from './pages';
import { navigate, to } from './router';
import { setTheme, theme } from './theme';

/** Palette finds pages, machines, runs, jobs, tables and acts by typing. */
export function Palette(): React.ReactElement | null {
  return useStore(paletteOpen) ? <Open /> : null;
}

/** useLate is a value once it has not changed for so many milliseconds. */
function useLate<T>(value: T, ms: number): T {
  const [late, set] = useState(value);
  useEffect(() => {
    const t = setTimeout(() => set(() => value), ms);
    return () => clearTimeout(t);
  }, [value, ms]);
  return late;
}

function Open(): React.ReactElement {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const ref = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const own = useStore(pageCommands);
  const machines = useQuery('machines', (s) => get<{ machines: MachineRow[] }>('/api/machines', s));
  const runs = useQuery('palette-runs', (s) => get<{ executions: ExecutionRow[] }>('/api/executions?limit=30', s));

  const sought = useLate(typed.trim().length > 2 ? typed.trim() : null, 200);
  const part = (path: string): string | null => sought && `palette ${path} ${sought}`;
  const named = useQuery(part('runs'), (s) => get<{ executions: ExecutionRow[] }>(query('/api/executions', { q: sought, limit: 12 }), s));
  const jobs = useQuery(part('jobs'), (s) => get<{ jobs: { id: string; name: string; queue: string; status: string }[] }>(query('/api/jobs', { q: sought, limit: 12 }), s));
  const cluster = usualCluster(session.get()?.clusters ?? []);
  const catalog = useQuery(sought ? `catalog ${cluster}` : null, (s) => get<{ schemas: { name: string; tables: { name: string; type: string }[] }[] }>(query('/api/catalog', { cluster }), s));

  useEffect(() => {
    ref.current?.showModal();
  }, []);
  const close = (): void => paletteOpen.set(false);

  const all = useMemo<Command[]>(() => {
    const go: Command[] = pages.map((p) => ({ id: p.path, name: p.name, group: 'Go to', icon: p.icon, keys: `g ${p.key}`, run: () => navigate(p.path) }));
    const found: Command[] = (machines.data?.machines ?? []).map((m) => ({ id: m.arn, name: m.name, group: 'State machines', icon: 'machines', words: m.arn, run: () => navigate(to.machine(m.arn)) }));
    const known = new Set<string>();
    const latest: Command[] = [...(runs.data?.executions ?? []), ...(named.data?.executions ?? [])].filter((r) => !known.has(r.arn) && known.add(r.arn)).map((r) => ({
      id: r.arn, name: `${r.machineName} · ${r.name}`, group: 'Latest runs', icon: toneOf(r.status), words: `${r.arn} ${r.status}`, run: () => navigate(to.execution(r.arn)),
    }));
    const settings: Command[] = [
      { id: 'theme', name: theme.get() === 'dark' ? 'Use the light theme' : 'Use the dark theme', group: 'Console', icon: theme.get() === 'dark' ? 'sun' : 'moon', words: 'dark light theme', run: () => setTheme(theme.get() === 'dark' ? 'light' : 'dark') },
    ];
    const work: Command[] = (jobs.data?.jobs ?? []).map((j) => ({ id: j.id, name: `${j.name} · ${j.id.slice(0, 8)}`, group: 'Jobs', icon: toneOf(j.status), words: `${j.id} ${j.queue} ${j.status}`, run: () => navigate(to.job(j.id)) }));
    const tables: Command[] = (catalog.data?.schemas ?? []).flatMap((s) => s.tables.map((t) => ({
      id: `${s.name}.${t.name}`, name: `${s.name}.${t.name}`, group: t.type === 'view' ? 'Views' : 'Tables', icon: 'warehouse' as const,
      run: () => navigate(`/warehouse?table=${encodeURIComponent(`${s.name}.${t.name}`)}`),
    })));
    return [...own, ...go, ...found, ...latest, ...work, ...tables, ...settings];
  }, [own, machines.data, runs.data, named.data, jobs.data, catalog.data]);

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
            placeholder="Pages, machines, runs, jobs by name or id, tables, acts…"
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
          {hits.length === 0 ? <div className="palette-none faint">{sought && [named, jobs, catalog].some((x) => x.data === undefined && !x.error) ? 'Searching' : 'Nothing found'}</div> : null}
          {hits.map((c, i) => (
            <div key={`${c.group}${c.id}`}>
              {(i === 0 || hits[i - 1]!.group !== c.group) && !typed ? <div className="palette-group" role="presentation">{c.group}</div> : null}
              <div
                id={`palette-${i}`}
                data-i={i}
                role="option"
                aria-selected={i === at}
                className={`palette-item ${c.group === 'Latest runs' || c.group === 'Jobs' ? `tone-${c.icon}` : ''}`}
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
