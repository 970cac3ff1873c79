import { useEffect, useState, type FormEvent } from 'react';
import { get, loadSession, request } from '../api/client';
import { Problem } from '../ui/bits';
import { navigate } from './router';
import { Mark } from './Mark';

/** Login exchanges the one-time token of the address, or a password, for a session. */
export function Login(): React.ReactElement {
  const [token] = useState(() => (window.location.pathname === '/login' ? window.location.hash.slice(1) : ''));
  const [password, setPassword] = useState('');
  const [byPassword, setByPassword] = useState<boolean>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(token !== '');

  const login = async (body: { token: string } | { password: string }): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await request('POST', '/api/login', JSON.stringify(body));
      await loadSession();
      if (window.location.pathname === '/login') navigate('/', { replace: true });
    } catch (e) {
      setError(e as Error);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    if (token) {
      // The token is used up; it must not stay in the history.
      history.replaceState(null, '', '/login');
      void login({ token });
    }
    get<{ password: boolean }>('/api/login').then((l) => setByPassword(l.password), () => setByPassword(false));
    // eslint-disable-next-line
  }, []);

  const submit = (e: FormEvent): void => {
    e.preventDefault();
    void login({ password });
  };
  return (
    <main className="login">
      <div className="login-box">
        <Mark size={44} />
        <h1>Salamander</h1>
        {busy ? <p className="muted">Signing in…</p> : null}
        {error ? <Problem error={error} title="Not signed in" /> : null}
        {!busy && byPassword ? (
          <form onSubmit={submit}>
            <label className="field">
              <span>Password</span>
              <input type="password" value={password} autoFocus autoComplete="current-password" onChange={(e) => setPassword(e.target.value)} />
            </label>
            <button className="button button-primary" disabled={password === ''}>Sign in</button>
          </form>
        ) : null}
        {!busy && byPassword === false ? (
          <p className="muted">
            The console is opened by a link that works once. <code>salamander up</code> has printed one; <code>salamander console</code> prints a new one.
          </p>
        ) : null}
      </div>
    </main>
  );
}
