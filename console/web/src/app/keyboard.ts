import { useEffect } from 'react';
import { paletteOpen } from './commands';
import { pages } from './pages';
import { navigate } from './router';

/** useKeyboard: Ctrl-K or Cmd-K opens the palette, "/" goes to the search field, "g" and a letter go to a page, "?" shows the keys. */
export function useKeyboard(help: () => void): void {
  useEffect(() => {
    let g = 0;
    const key = (e: KeyboardEvent): void => {
      if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === 'k') {
        e.preventDefault();
        paletteOpen.set((o) => !o);
        return;
      }
      if (e.metaKey || e.ctrlKey || e.altKey || e.defaultPrevented || typing(e)) return;
      if (document.querySelector('dialog[open]')) return;
      if (e.key === '?') {
        help();
      } else if (e.key === '/') {
        const field = document.querySelector<HTMLElement>('[data-search]');
        if (!field) paletteOpen.set(true);
        else field.focus();
      } else if (e.key === 'g') {
        g = Date.now();
        return;
      } else if (g && Date.now() - g < 1500) {
        const page = pages.find((p) => p.key === e.key);
        if (page) navigate(page.path);
        else return;
      } else {
        return;
      }
      g = 0;
      e.preventDefault();
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  }, [help]);
}

function typing(e: KeyboardEvent): boolean {
  const t = e.composedPath()[0];
  return t instanceof HTMLElement && (t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName));
}
