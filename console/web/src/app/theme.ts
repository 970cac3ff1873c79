import { store } from '../lib/store';

export type Theme = 'dark' | 'light';

/** theme is the theme in use: the chosen one, otherwise the system's. */
export const theme = store<Theme>('dark');

/** initTheme applies the remembered theme and follows the system where none is. */
export function initTheme(): void {
  const system = window.matchMedia('(prefers-color-scheme: light)');
  const apply = (): void => {
    const chosen = remembered();
    const t: Theme = chosen ?? (system.matches ? 'light' : 'dark');
    document.documentElement.dataset.theme = t;
    theme.set(t);
  };
  system.addEventListener('change', apply);
  apply();
}

/** setTheme chooses a theme. */
export function setTheme(t: Theme): void {
  try {
    localStorage.setItem('theme', t);
  } catch {
    // private windows may refuse; the choice then lasts as long as the page
  }
  document.documentElement.dataset.theme = t;
  theme.set(t);
}

function remembered(): Theme | null {
  try {
    const t = localStorage.getItem('theme');
    return t === 'dark' || t === 'light' ? t : null;
  } catch {
    return null;
  }
}
