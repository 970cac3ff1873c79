import { useEffect, useRef, useState, type ReactNode } from 'react';
import { store, useStore } from '../lib/store';
import { Icon } from './icon';

/** Dialog is a modal window: Escape closes it, focus stays inside. */
export function Dialog({ title, onClose, children, wide }: { title: string; onClose: () => void; children: ReactNode; wide?: boolean }): React.ReactElement {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const d = ref.current;
    if (d && !d.open) d.showModal();
    return () => d?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? 'dialog dialog-wide' : 'dialog'}
      aria-label={title}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onMouseDown={(e) => {
        if (e.target === ref.current) onClose();
      }}
    >
      <div className="dialog-box">
        <header className="dialog-head">
          <h2>{title}</h2>
          <button className="icon-button" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  /** What the act does, in a sentence. */
  body: ReactNode;
  /** The name of the act, on its button. */
  action: string;
  danger?: boolean;
  resolve: (yes: boolean) => void;
}

const question = store<Question | null>(null);

/** confirm asks once before an act that destroys or stops something. */
export function confirm(q: Omit<Question, 'resolve'>): Promise<boolean> {
  return new Promise((resolve) => {
    question.get()?.resolve(false);
    question.set({ ...q, resolve });
  });
}

/** Confirmations is where questions appear. */
export function Confirmations(): React.ReactElement | null {
  const q = useStore(question);
  const [busy, setBusy] = useState(false);
  useEffect(() => setBusy(false), [q]);
  if (!q) return null;
  const answer = (yes: boolean): void => {
    setBusy(true);
    question.set(null);
    q.resolve(yes);
  };
  return (
    <Dialog title={q.title} onClose={() => answer(false)}>
      <div className="dialog-body" dir="auto">{q.body}</div>
      <footer className="dialog-foot">
        <button className="button" onClick={() => answer(false)}>Cancel</button>
        <button className={q.danger ? 'button button-danger' : 'button button-primary'} autoFocus disabled={busy} onClick={() => answer(true)}>
          {q.action}
        </button>
      </footer>
    </Dialog>
  );
}
