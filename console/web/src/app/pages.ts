import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import { historyPath, itemsPath, query } from '../api/client';
import type { IconName } from '../ui/icon';

/** A Page is an entry of the navigation. */
export interface Page {
  path: string;
  name: string;
  icon: IconName;
  /** The letter after "g" that goes there. */
  key: string;
}

const all: Page[] = [
  { path: '/', name: 'Home', icon: 'home', key: 'h' },
  { path: '/machines', name: 'State machines', icon: 'machines', key: 'm' },
  { path: '/jobs', name: 'Jobs', icon: 'jobs', key: 'j' },
  { path: '/functions', name: 'Functions', icon: 'functions', key: 'f' },
  { path: '/warehouse', name: 'Warehouse', icon: 'warehouse', key: 'w' },
  { path: '/objects', name: 'Objects', icon: 'objects', key: 'o' },
  { path: '/schedules', name: 'Schedules & triggers', icon: 'schedules', key: 's' },
  { path: '/stacks', name: 'Stacks', icon: 'stacks', key: 'k' },
  { path: '/alerts', name: 'Alerts', icon: 'alerts', key: 'a' },
  { path: '/parity', name: 'Parity & limits', icon: 'parity', key: 'p' },
];

/** A Route shows a view for a path. nav is the page it belongs to; full views fill the window. */
export interface Route {
  pattern: string;
  nav: string;
  title: string;
  full?: boolean;
  view: LazyExoticComponent<ComponentType>;
  /** Begins to load the view. */
  load: () => Promise<unknown>;
  /** The view itself, once it is loaded: it is drawn without waiting. */
  ready: () => ComponentType | undefined;
  /** What it asks the server first, of the address's part that is named arn. */
  asks?: (arn: string) => string[];
}

function view(get: () => Promise<{ default: ComponentType }>): Pick<Route, 'view' | 'load' | 'ready'> {
  let loaded: ComponentType | undefined;
  const load = async (): Promise<{ default: ComponentType }> => {
    const module = await get();
    loaded = module.default;
    return module;
  };
  return { view: lazy(load), load, ready: () => loaded };
}

/** routes: each view is a file of its own, loaded when it is opened. */
export const routes: Route[] = [
  { pattern: '/', nav: '/', title: 'Home', ...view(() => import('../views/home/Home')), asks: () => ['/api/home?hours=24'] },
  { pattern: '/machines', nav: '/machines', title: 'State machines', ...view(() => import('../views/machines/Machines')) },
  { pattern: '/machines/new', nav: '/machines', title: 'New state machine', full: true, ...view(() => import('../views/machine/Define')) },
  { pattern: '/machines/:arn', nav: '/machines', title: 'State machine', full: true, ...view(() => import('../views/machine/Machine')) },
  { pattern: '/executions/*arn', nav: '/machines', title: 'Execution', full: true, ...view(() => import('../views/execution/Execution')), asks: (arn) => [query('/api/execution', { arn }), historyPath(arn, 0)] },
  { pattern: '/mapruns/*arn', nav: '/machines', title: 'Map run', full: true, ...view(() => import('../views/maprun/MapRun')), asks: (arn) => [query('/api/maprun', { arn }), itemsPath(arn)] },
  { pattern: '/jobs', nav: '/jobs', title: 'Jobs', ...view(() => import('../views/jobs/Jobs')) },
  { pattern: '/jobs/:id', nav: '/jobs', title: 'Job', full: true, ...view(() => import('../views/jobs/Job')) },
  { pattern: '/functions', nav: '/functions', title: 'Functions', ...view(() => import('../views/functions/Functions')) },
  { pattern: '/functions/:name', nav: '/functions', title: 'Function', full: true, ...view(() => import('../views/functions/Function')) },
  { pattern: '/objects', nav: '/objects', title: 'Objects', ...view(() => import('../views/objects/Buckets')) },
  { pattern: '/objects/:bucket', nav: '/objects', title: 'Objects', full: true, ...view(() => import('../views/objects/Objects')) },
  { pattern: '/objects/:bucket/*key', nav: '/objects', title: 'Objects', full: true, ...view(() => import('../views/objects/Objects')) },
  { pattern: '/stacks', nav: '/stacks', title: 'Stacks', ...view(() => import('../views/stacks/Stacks')) },
  { pattern: '/stacks/:name', nav: '/stacks', title: 'Stack', full: true, ...view(() => import('../views/stacks/Stack')) },
  { pattern: '/warehouse', nav: '/warehouse', title: 'Warehouse', full: true, ...view(() => import('../views/warehouse/Warehouse')) },
  { pattern: '/schedules', nav: '/schedules', title: 'Schedules and triggers', ...view(() => import('../views/schedules/Schedules')) },
  { pattern: '/dates/:arn', nav: '/machines', title: 'Dates', ...view(() => import('../views/dates/Dates')) },
  { pattern: '/alerts', nav: '/alerts', title: 'Alerts', ...view(() => import('../views/alerts/Alerts')) },
  { pattern: '/parity', nav: '/parity', title: 'Parity and limits', ...view(() => import('../views/parity/Parity')) },
];

/** pages is the navigation: the pages that have a view. */
export const pages: Page[] = all.filter((p) => routes.some((r) => r.pattern === p.path));
