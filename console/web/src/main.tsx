import { createRoot } from 'react-dom/client';
import { App, begin } from './app/App';
import { initTheme } from './app/theme';
import './css/theme.css';
import './css/base.css';
import './css/shell.css';
import './css/table.css';
import './css/text.css';

initTheme();

// The first view is drawn at once with all around it, unless its code is long in coming.
let drawn = false;
const draw = (): void => {
  if (drawn) return;
  drawn = true;
  createRoot(document.getElementById('root')!).render(<App />);
};
void begin(new URL(window.location.href)).then(draw);
setTimeout(draw, 60);
