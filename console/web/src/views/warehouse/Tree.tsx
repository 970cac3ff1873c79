import { useMemo, useState } from 'react';
import { bytes, count } from '../../lib/format';
import { Text, Time } from '../../ui/bits';
import { Icon } from '../../ui/icon';
import { identifier, tableName, type Catalog, type CatalogTable } from './types';

/** Tree lists schemas, tables and columns; a click puts a name into the editor. */
export function Tree({ catalog, onInsert, onLook }: { catalog: Catalog; onInsert: (text: string) => void; onLook: (schema: string, table: CatalogTable) => void }): React.ReactElement {
  const [filter, setFilter] = useState('');
  const [openTables, setOpen] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => {
    const f = filter.toLowerCase();
    return catalog.schemas
      .map((s) => ({ ...s, tables: s.tables.filter((t) => !f || t.name.toLowerCase().includes(f) || t.columns.some((c) => c.name.toLowerCase().includes(f))) }))
      .filter((s) => !f || s.tables.length > 0);
  }, [catalog, filter]);
  const toggle = (key: string): void => setOpen((now) => {
    const next = new Set(now);
    if (!next.delete(key)) next.add(key);
    return next;
  });
  return (
    <div className="tree">
      <input type="search" placeholder="Table or column" aria-label="Filter tables" value={filter} onChange={(e) => setFilter(e.target.value)} />
      <div className="tree-body">
        {shown.map((s) => (
          <section key={s.name} aria-label={`Schema ${s.name}`}>
            <h3 className="tree-schema"><Text>{s.name}</Text><span className="faint tiny">{s.tables.length === 0 ? 'empty' : ''}</span></h3>
            {s.tables.map((t) => {
              const key = `${s.name}.${t.name}`;
              const open = openTables.has(key);
              return (
                <div key={key}>
                  <div className="tree-row">
                    <button className="icon-button tree-toggle" aria-expanded={open} aria-label={`Columns of ${t.name}`} onClick={() => toggle(key)}><Icon name={open ? 'down' : 'right'} size={11} /></button>
                    <button className="tree-name" title={`Insert ${t.name}`} onClick={() => onInsert(tableName(s.name, t.name))}><Text>{t.name}</Text></button>
                    <span className="faint tiny num nowrap">{t.type === 'view' ? 'view' : t.rows !== undefined ? count(t.rows) : ''}</span>
                    <button className="icon-button tree-look" aria-label={`About ${t.name}`} title="Columns and attributes" onClick={() => onLook(s.name, t)}><Icon name="info" size={13} /></button>
                  </div>
                  {open
                    ? t.columns.map((c) => (
                        <button key={c.name} className="tree-column" title={`${c.name} ${c.type}`} onClick={() => onInsert(identifier(c.name))}>
                          <Text className="clip">{c.name}</Text><span className="faint tiny clip">{short(c.type)}</span>
                        </button>
                      ))
                    : null}
                </div>
              );
            })}
          </section>
        ))}
        {shown.length === 0 ? <p className="faint small">Nothing is named so.</p> : null}
      </div>
    </div>
  );
}

const short = (type: string): string => type.replace('character varying', 'varchar').replace('timestamp without time zone', 'timestamp').replace('double precision', 'double');

/** About tells columns and attributes of a table. */
export function About({ schema, table, onSelect }: { schema: string; table: CatalogTable; onSelect: (sql: string) => void }): React.ReactElement {
  return (
    <div className="stack dialog-body">
      <div className="lines small muted">
        <span>{table.type === 'view' ? 'View' : 'Table'} in <Text>{schema}</Text></span>
        {table.rows !== undefined ? <span className="num">{count(table.rows)} rows</span> : null}
        {table.bytes !== undefined ? <span className="num">{bytes(table.bytes)}</span> : null}
        {table.dist ? <span>distribution {table.dist}</span> : null}
        {table.sortkeys?.length ? <span>sorted by {table.sortkeys.join(', ')}</span> : null}
        {table.lastLoad ? <span>last loaded <Time at={table.lastLoad} /></span> : null}
        <span className="grow" />
        <button className="button button-small" onClick={() => onSelect(`SELECT * FROM ${tableName(schema, table.name)} LIMIT 100;`)}>Put a SELECT into the editor</button>
      </div>
      {table.comment ? <p dir="auto">{table.comment}</p> : null}
      <div className="about">
        <table>
          <thead><tr><th>Column</th><th>Type</th><th>Null</th><th>Default</th><th>Attributes</th></tr></thead>
          <tbody>
            {table.columns.map((c) => (
              <tr key={c.name}>
                <td><Text mono>{c.name}</Text>{c.comment ? <div className="faint tiny" dir="auto">{c.comment}</div> : null}</td>
                <td className="mono">{c.type}</td>
                <td>{c.notNull ? 'not null' : ''}</td>
                <td className="mono wrap">{c.default ?? ''}</td>
                <td>{[c.distkey ? 'DISTKEY' : '', c.sortkey ? `SORTKEY ${c.sortkey}` : '', c.encode && c.encode !== 'none' ? `ENCODE ${c.encode}` : ''].filter(Boolean).join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
