import { useState } from 'react';
import { clusterKey, session, usualCluster } from '../../api/client';
import { setParams, useUrl } from '../../app/router';
import { useStore } from '../../lib/store';
import { Tabs } from '../../ui/bits';
import { Loads, Statements } from './Loads';
import { Query } from './Query';
import './warehouse.css';


/** Warehouse: the query editor, loads with their rejected rows, and what runs. */
export default function Warehouse(): React.ReactElement {
  const { query } = useUrl();
  const me = useStore(session);
  const clusters = me?.clusters ?? [];
  const cluster = query.get('cluster') ?? usualCluster(clusters);
  const tab = query.get('tab') ?? 'query';
  const [open, setOpen] = useState<{ sql: string; n: number }>();
  const start = open?.sql ?? query.get('sql') ?? undefined;
  const w = me?.warehouse;
  return (
    <div className="full warehouse">
      <header className="full-head">
        <div className="page-head">
          <h1>Warehouse</h1>
          {clusters.length > 1 ? (
            <label className="line small muted">Cluster
              <select value={cluster} onChange={(e) => { localStorage.setItem(clusterKey, e.target.value); setParams({ cluster: e.target.value }); }}>
                {clusters.map((c) => <option key={c}>{c}</option>)}
              </select>
            </label>
          ) : null}
          <span className="grow" />
          {w && cluster === clusters[0] ? <code className="faint small">psql -h {w.host} -p {w.port} -U {w.user} {w.database}</code> : null}
        </div>
        <Tabs label="Warehouse" value={tab} onChange={(id) => setParams({ tab: id === 'query' ? undefined : id, load: undefined })} tabs={[{ id: 'query', name: 'Query' }, { id: 'loads', name: 'Loads' }, { id: 'statements', name: 'History' }]} />
      </header>
      {tab === 'loads' ? <Loads cluster={cluster} /> : tab === 'statements' ? <Statements cluster={cluster} onOpen={(sql) => { setOpen((o) => ({ sql, n: (o?.n ?? 0) + 1 })); setParams({ tab: undefined, sql: undefined }); }} /> : <Query key={`${cluster} ${open?.n ?? 0}`} cluster={cluster} start={start} />}
    </div>
  );
}
