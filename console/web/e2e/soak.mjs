// Leaves the console open while a run starts every second, and measures whether the
// browser's memory stays flat. A Go test (cmd/salamander/console_soak_test.go) makes
// the world and runs this with
//
//   CONSOLE_LINK   a link that logs in once
//   WORLD          JSON: {quick, counting, job}: a machine whose runs end at once, a
//                  run that goes on, a job that prints a line every second
//   CHROMIUM       the browser's executable
//   MINUTES        how long; 10 unless told
//
// Five tabs are open: the first page, the machine, the run that goes on, the job's
// log, and one that walks through all views. At minute 1, 5, 10, 20 … it collects
// garbage and counts the JavaScript heap and the nodes of each. It fails where a
// tab's heap has grown since the first minute by more than 3 MB and what it shows
// may take: a run that goes on has more events to show.

import { chromium } from 'playwright-core';

const world = JSON.parse(process.env.WORLD);
const base = new URL(process.env.CONSOLE_LINK).origin;
const minutes = Number(process.env.MINUTES ?? 10);
const slack = 3; // MB

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const viewport = { width: 1280, height: 800 };
const faults = [];
let storageState;
// Each tab is in a profile of its own: a browser has six connections to a host, of
// which a tab that is seen keeps one or two, and these are all seen.
const open = async (path) => {
  const context = await browser.newContext({ viewport, ...(storageState ? { storageState } : {}) });
  const page = await context.newPage();
  page.on('pageerror', (e) => faults.push(`${path}: ${e.message}`));
  await page.goto(path.startsWith('http') ? path : base + path);
  await page.waitForSelector('nav');
  storageState ??= await context.storageState();
  return { page, cdp: await context.newCDPSession(page) };
};
await (await open(process.env.CONSOLE_LINK)).page.context().close();

const tabs = {
  home: await open('/'),
  machine: await open(`/machines/${world.quick}?tab=runs`),
  run: await open(`/executions/${world.counting}?tab=events`),
  log: await open(`/jobs/${world.job}`),
  walk: await open('/'),
};
// What a tab shows may grow: events of the run that goes on, lines of the log, runs of the day.
const grows = { home: 2, machine: 1, run: 1 + 0.35 * minutes, log: 0.2 * minutes, walk: 2 };

const call = (page, service, name, input) => page.evaluate(async ([service, name, input]) => {
  const me = await (await fetch('/api/session')).json();
  const r = await fetch(`/api/aws/${service}/${name}`, { method: 'POST', headers: { 'X-Salamander-CSRF': me.csrf }, body: JSON.stringify(input) });
  if (!r.ok) throw new Error(await r.text());
  return r.json();
}, [service, name, input]);

async function weigh({ page, cdp }) {
  for (let i = 0; i < 2; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
  return { heap: usedSize / 1e6, nodes, listeners: jsEventListeners, shown: await page.evaluate(() => document.querySelectorAll('*').length) };
}

const views = ['/machines', '/jobs', '/functions', '/warehouse', '/objects', '/schedules', '/stacks', '/alerts', '/parity', '/'];
async function walk(step) {
  const { page } = tabs.walk;
  const path = views[step % views.length];
  await page.locator(`nav a[href="${path}"]`).first().click();
  await page.locator('main h1, main h2, main .tabs, main .empty').first().waitFor();
  if (path !== '/machines') return;
  await page.locator('.table .row a').first().click();
  await page.locator('.react-flow__node').first().waitFor();
  if (step % 2) await page.locator('[data-tab="runs"]').click();
}

const at = [1, 5, ...Array.from({ length: 12 }, (_, i) => 10 * (i + 1))].filter((m) => m < minutes).concat(minutes);
const rows = [];
const began = Date.now();
for (let second = 0, next = 0; next < at.length; second++) {
  await call(tabs.home.page, 'states', 'StartExecution', { stateMachineArn: world.quick, input: '{}' });
  if (second % 3 === 0) await walk(second / 3);
  if (Date.now() - began >= at[next] * 60_000) {
    for (const [name, tab] of Object.entries(tabs)) rows.push({ minute: at[next], tab: name, ...(await weigh(tab)) });
    for (const r of rows.slice(-Object.keys(tabs).length)) console.log(`minute ${r.minute}: ${r.tab.padEnd(8)} heap ${r.heap.toFixed(1)} MB, ${r.nodes} nodes (${r.shown} elements shown), ${r.listeners} listeners`);
    next++;
  }
  const wait = began + (second + 1) * 1000 - Date.now();
  if (wait > 0) await new Promise((done) => setTimeout(done, wait));
}

let bad = faults.length > 0;
for (const f of faults) console.log(`fault: ${f}`);
for (const name of Object.keys(tabs)) {
  const of = rows.filter((r) => r.tab === name);
  const grown = of.at(-1).heap - of[0].heap;
  const allowed = slack + grows[name];
  if (grown > allowed) bad = true;
  console.log(`${name}: ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MB since the first minute; at most ${allowed.toFixed(1)}`);
}
await browser.close();
process.exit(bad ? 1 : 0);
