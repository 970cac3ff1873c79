import { store } from '../lib/store';

export type Theme = 'dark' | 'light';

/** theme is the theme in use: the chosen one, otherwise the system's. */
export const theme = store<Theme>('dark');

// The choice is a cookie: the server writes it into the page (console/firstpage.go),
// so that the first frame has it without a question to the browser's storage.
const cookie = 'salamander_theme';

/** initTheme applies the chosen theme and follows the system where none is. */
export function initTheme(): void {
  const root = document.documentElement;
  const told = document.getElementById('first') !== null; // by the server
  let chosen = isTheme(root.dataset.theme) ? root.dataset.theme : told ? undefined : remembered();
  const system = window.matchMedia('(prefers-color-scheme: light)');
  const apply = (): void => {
    const t: Theme = chosen ?? (system.matches ? 'light' : 'dark');
    root.dataset.theme = t;
    theme.set(t);
  };
  system.addEventListener('change', () => {
    chosen = remembered();
    apply();
  });
  apply();
}

/** setTheme chooses a theme, for a year. */
export function setTheme(t: Theme): void {
  document.cookie = `${cookie}=${t}; path=/; max-age=31536000; samesite=strict`;
  document.documentElement.dataset.theme = t;
  theme.set(t);
}

function remembered(): Theme | undefined {
  const t = document.cookie.split('; ').find((c) => c.startsWith(`${cookie}=`))?.slice(cookie.length + 1);
  return isTheme(t) ? t : undefined;
}

const isTheme = (t: string | undefined): t is Theme => t === 'dark' || t === 'light';
