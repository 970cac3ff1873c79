import { Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { ahead, loadSession, session, takeBorne } from '../api/client';
import { connectLive, live } from '../api/live';
import { useStore } from '../lib/store';
import { Boundary, Empty, Loading, Problem } from '../ui/bits';
import { Confirmations, Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Toasts } from '../ui/toast';
import { paletteOpen } from './commands';
import { useKeyboard } from './keyboard';
import { Login } from './Login';
import { Mark } from './Mark';
import { pages, routes } from './pages';
import { Palette } from './palette';
import { Link, match, ParamsProvider, useUrl } from './router';
import { setTheme, theme } from './theme';

/** App is the whole console. */
export function App(): React.ReactElement {
  const s = useStore(session);
  const [error, setError] = useState<Error>();
  const load = useCallback(() => {
    setError(undefined);
    loadSession().catch(setError);
  }, []);
  useEffect(() => {
    if (window.location.pathname === '/login' && window.location.hash.length > 1) session.set(null);
    else if (session.get() === undefined) load();
  }, [load]);
  if (error && !s) return <main className="login"><div className="login-box"><Problem error={error} retry={load} /></div></main>;
  if (s === undefined) return <Loading />;
  return (
    <>
      {s === null ? <Login /> : <Shell />}
      <Toasts />
    </>
  );
}

/** begin loads the view of an address, and what it asks first, ahead of its drawing. It ends when the view is there. */
export async function begin(url: URL): Promise<void> {
  if (url.pathname === '/login') return;
  takeBorne();
  if (!session.get()) void loadSession().catch(() => undefined); // App asks again and tells
  for (const r of routes) {
    const params = match(r.pattern, url.pathname);
    if (!params) continue;
    const loaded = r.load().catch(() => undefined); // drawing it tells what is wrong
    if (session.get()) for (const path of r.asks?.(params.arn ?? '') ?? []) ahead(path);
    await loaded;
    return;
  }
}

function Shell(): React.ReactElement {
  const { path } = useUrl();
  const [menu, setMenu] = useState(false);
  const [help, setHelp] = useState(false);
  useKeyboard(useCallback(() => setHelp(true), []));
  useEffect(() => connectLive(), []);
  useEffect(() => setMenu(false), [path]);

  const found = useMemo(() => {
    for (const route of routes) {
      const params = match(route.pattern, path);
      if (params) return { route, params, View: route.ready() ?? route.view };
    }
    return undefined;
  }, [path]);
  useEffect(() => {
    document.title = found ? `${found.route.title} · Salamander` : 'Salamander';
  }, [found]);
  const View = found?.View;

  return (
    <div className={`shell ${menu ? 'shell-menu' : ''}`}>
      <a className="skip" href="#main">Skip to the content</a>
      <nav className="nav" aria-label="Console">
        <Link to="/" className="brand"><Mark /><span>Salamander</span></Link>
        {pages.map((p) => (
          <Link key={p.path} to={p.path} className="nav-item" aria-current={found?.route.nav === p.path ? 'page' : undefined} title={p.name}>
            <Icon name={p.icon} />
            <span>{p.name}</span>
          </Link>
        ))}
        <div className="grow" />
        <Where />
      </nav>
      {menu ? <div className="scrim" onClick={() => setMenu(false)} /> : null}
      <div className="page">
        <Lost />
        <header className="phone-bar">
          <button className="icon-button" aria-label="Menu" aria-expanded={menu} onClick={() => setMenu(!menu)}><Icon name="menu" size={18} /></button>
          <Mark size={20} />
          <strong>{found?.route.title ?? 'Salamander'}</strong>
          <div className="grow" />
          <button className="icon-button" aria-label="Search" onClick={() => paletteOpen.set(true)}><Icon name="search" size={18} /></button>
        </header>
        <main id="main" className={found?.route.full ? 'main main-full' : 'main'} tabIndex={-1}>
          <Boundary resetKey={path}>
            <Suspense fallback={<Loading />}>
              {View ? (
                <ParamsProvider value={found.params}>
                  <View key={found.route.pattern + JSON.stringify(found.params)} />
                </ParamsProvider>
              ) : (
                <Empty icon="search" title="There is no such page">The address <code><bdi>{path}</bdi></code> names nothing in this console.</Empty>
              )}
            </Suspense>
          </Boundary>
        </main>
      </div>
      <Palette />
      <Confirmations />
      {help ? <Keys onClose={() => setHelp(false)} /> : null}
    </div>
  );
}

function Where(): React.ReactElement {
  const s = useStore(session);
  const l = useStore(live);
  const t = useStore(theme);
  return (
    <div className="where">
      <button className="nav-item" onClick={() => paletteOpen.set(true)} title="Search and commands (Ctrl K)">
        <Icon name="search" />
        <span>Search</span>
        <kbd>Ctrl K</kbd>
      </button>
      <button className="nav-item" onClick={() => setTheme(t === 'dark' ? 'light' : 'dark')} title={t === 'dark' ? 'Light theme' : 'Dark theme'}>
        <Icon name={t === 'dark' ? 'sun' : 'moon'} />
        <span>{t === 'dark' ? 'Light theme' : 'Dark theme'}</span>
      </button>
      <div className="where-text" title={`${s?.awsEndpoint ?? ''} · version ${s?.version ?? ''}`}>
        <span className={`dot dot-${l}`} role="img" aria-label={l === 'live' ? 'Live' : l === 'lost' ? 'Connection lost' : 'Connecting'} />
        <span className="num">{s?.account}</span>
        <span className="faint">{s?.region}</span>
      </div>
    </div>
  );
}

function Lost(): React.ReactElement | null {
  const l = useStore(live);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (l !== 'lost') {
      setShown(false);
      return;
    }
    const t = setTimeout(() => setShown(true), 1500);
    return () => clearTimeout(t);
  }, [l]);
  if (!shown) return null;
  return (
    <div className="lost" role="alert">
      <Icon name="caught" /> The connection to the server is lost. What you see may be old; it comes back by itself.
    </div>
  );
}

function Keys({ onClose }: { onClose: () => void }): React.ReactElement {
  const rows: [string, string][] = [
    ['Ctrl K', 'Search and commands'],
    ['/', 'Filter the list'],
    ['?', 'These keys'],
    ['↑ ↓ or j k', 'Move in a list'],
    ['Enter', 'Open'],
    ['Esc', 'Close'],
    ...pages.map((p): [string, string] => [`g ${p.key}`, p.name]),
  ];
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {rows.map(([k, v]) => (
          <div key={k}><dt><kbd>{k}</kbd></dt><dd>{v}</dd></div>
        ))}
      </dl>
    </Dialog>
  );
}
