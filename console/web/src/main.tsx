import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { initTheme } from './app/theme';
import './css/theme.css';
import './css/base.css';
import './css/shell.css';
import './css/table.css';
import './css/text.css';

initTheme();
createRoot(document.getElementById('root')!).render(<App />);
