import { store } from '../lib/store';
import { invalidate } from './cache';
import { loadSession, session } from './client';
import { whileSeen } from '../lib/visible';
import { toast } from '../ui/toast';

/** A Change says that something of a topic changed on the server. */
export interface Change {
  topic: string;
  key?: string;
  status?: string;
  seq?: number;
}

export type LiveState = 'connecting' | 'live' | 'lost';

/** live is how the connection for changes stands. */
export const live = store<LiveState>('connecting');

/**
 * connectLive follows the server's changes until the page goes. It reconnects by
 * itself, says when the server has restarted, and lets go of the connection while
 * the tab is hidden (browsers allow six to one host).
 */
export function connectLive(): () => void {
  let source: EventSource | undefined;
  let boot = session.get()?.boot;
  let wait = 500;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let seen = false;
  let wasLost = document.visibilityState === 'hidden'; // opened in the background: older than it looks

  const open = (): void => {
    if (!seen || source) return;
    source = new EventSource('/api/live');
    source.addEventListener('hello', (ev) => {
      wait = 500;
      const hello = JSON.parse((ev as MessageEvent<string>).data) as { boot: string };
      live.set('live');
      if (boot && hello.boot !== boot) {
        toast({ kind: 'info', text: 'The server has restarted. This page is up to date again.' });
        void loadSession();
      }
      if (wasLost || (boot && hello.boot !== boot)) readAnew();
      boot = hello.boot;
      wasLost = false;
    });
    source.addEventListener('change', (ev) => {
      const { changes } = JSON.parse((ev as MessageEvent<string>).data) as { changes: Change[] };
      for (const change of changes) for (const f of [...followers]) f(change);
    });
    // The server dropped changes because this page was too slow.
    source.addEventListener('reset', readAnew);
    source.onerror = () => {
      close();
      wasLost = true;
      live.set('lost');
      if (!seen) return;
      timer = setTimeout(() => {
        // A refused stream may mean that the session is gone with the old server.
        loadSession().then((s) => (s ? open() : undefined), () => { wait = Math.min(wait * 1.6, 5000); retry(); });
      }, wait);
    };
  };
  const retry = (): void => {
    if (seen) timer = setTimeout(() => loadSession().then((s) => (s ? open() : undefined), () => { wait = Math.min(wait * 1.6, 5000); retry(); }), wait);
  };
  const close = (): void => {
    source?.close();
    source = undefined;
  };
  return whileSeen(
    () => {
      seen = true;
      open();
    },
    () => {
      seen = false;
      clearTimeout(timer);
      close();
      wasLost = true;
    },
  );
}

const followers = new Set<(c: Change) => void>();

/** onChange calls f with each change until the returned function is called. */
export function onChange(f: (c: Change) => void): () => void {
  followers.add(f);
  return () => followers.delete(f);
}

/** anew is the topic of the change that may be any: changes were missed. */
export const anew = 'anew';

function readAnew(): void {
  invalidate(() => true);
  for (const f of [...followers]) f({ topic: anew });
}
