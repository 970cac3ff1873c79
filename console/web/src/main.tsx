import { createRoot } from 'react-dom/client';
import { App, begin } from './app/App';
import { initTheme } from './app/theme';
import './css/theme.css';
import './css/base.css';
import './css/shell.css';
import './css/table.css';
import './css/text.css';

initTheme();
begin(new URL(window.location.href));
createRoot(document.getElementById('root')!).render(<App />);
