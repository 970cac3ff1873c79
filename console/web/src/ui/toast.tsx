import { store, useStore } from '../lib/store';
import { Icon } from './icon';

/** A Notice is a short message at the edge of the page. */
export interface Notice {
  kind: 'info' | 'ok' | 'error';
  text: string;
  detail?: string;
}

interface Shown extends Notice {
  id: number;
}

const shown = store<Shown[]>([]);
let last = 0;

/** toast shows a notice: errors until dismissed, others for six seconds. */
export function toast(n: Notice): void {
  const id = ++last;
  shown.set((now) => [...now.slice(-3), { ...n, id }]);
  if (n.kind !== 'error') setTimeout(() => dismiss(id), 6000);
}

/** toastError shows what went wrong with what was tried. */
export function toastError(what: string, e: unknown): void {
  const err = e instanceof Error ? e : new Error(String(e));
  toast({ kind: 'error', text: what, detail: err.name && err.name !== 'Error' ? `${err.name}: ${err.message}` : err.message });
}

function dismiss(id: number): void {
  shown.set((now) => now.filter((n) => n.id !== id));
}

/** Toasts is where notices appear. */
export function Toasts(): React.ReactElement {
  const notices = useStore(shown);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {notices.map((n) => (
        <div key={n.id} className={`toast toast-${n.kind}`}>
          <Icon name={n.kind === 'error' ? 'failed' : n.kind === 'ok' ? 'succeeded' : 'info'} />
          <div className="toast-text" dir="auto">
            <div>{n.text}</div>
            {n.detail ? <div className="muted small wrap">{n.detail}</div> : null}
          </div>
          <button className="icon-button" aria-label="Dismiss" onClick={() => dismiss(n.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
