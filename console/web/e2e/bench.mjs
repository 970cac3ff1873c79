// Measures the console's largest pages in a browser against a real server. A Go
// benchmark (cmd/salamander/console_bench_test.go) makes the world and runs this with
//
//   CONSOLE_LINK   a link that logs in once
//   WORLD          JSON: {long, large, largeMachine, mapRun, activity, waiting}
//   CHROMIUM       the browser's executable
//   PROFILE        a directory for CPU profiles; optional
//   SHOTS          a directory for screenshots; optional
//
// Each page is opened in a new tab of a browser that runs, as one does who
// follows a link for the first time: in a profile of its own that has the
// session's cookie and nothing else, no cached file, code or datum. The tab is
// there for a second before, since Chromium is busy with its own window until
// then. The median of five counts. "-ms" is from the beginning of the
// navigation to the frame in which the page shows what it is for, "-cpu-ms" the
// processor time of the page's main thread until then, "-again-ms" the same as
// "-ms" on a second visit, with the browser's caches. It prints one line of
// JSON: the measures by their unit in the benchmark.

import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const world = JSON.parse(process.env.WORLD);
const base = new URL(process.env.CONSOLE_LINK).origin;
const { PROFILE, SHOTS } = process.env;
const times = Number(process.env.TIMES ?? 5);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
const first = await context.newPage();
await first.goto(process.env.CONSOLE_LINK);
await first.waitForSelector('nav');
const session = await context.storageState();
await first.close();

const out = {};
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/** settled waits until Chromium has made a new tab, and all its own of it. */
const settled = () => new Promise((done) => setTimeout(done, 1000));

/** cpu is the processor time of a page's main thread so far, in milliseconds. */
async function cpu(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find((m) => m.name === 'TaskDuration').value * 1000;
}

/**
 * open measures how long a page takes until ready, a function of the page, is
 * true in a frame, at the first visit and at a second one. after measures what
 * follows in the last of the tabs.
 */
async function open(unit, path, ready, after) {
  const wall = [];
  const busy = [];
  const again = [];
  for (let i = 0; i < times; i++) {
    const fresh = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: { cookies: session.cookies, origins: [] } });
    for (const visit of [1, 2]) {
      const last = i === times - 1 && visit === 2;
      const page = await fresh.newPage();
      page.setDefaultTimeout(30_000);
      const cdp = await fresh.newCDPSession(page);
      await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
      await page.addInitScript(`(() => {
        const ready = ${ready};
        const look = () => {
          let ok = false;
          try { ok = ready(); } catch { /* not yet */ }
          if (ok) requestAnimationFrame(() => setTimeout(() => { window.readyAt = performance.now(); }));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      })()`);
      await settled();
      if (last && PROFILE) {
        await cdp.send('Profiler.enable');
        await cdp.send('Profiler.setSamplingInterval', { interval: 500 });
        await cdp.send('Profiler.start');
      }
      await page.goto(base + path, { waitUntil: 'commit' });
      await page.waitForFunction(() => window.readyAt > 0, undefined, { polling: 20 }).catch(async (e) => {
        if (SHOTS) await page.screenshot({ path: `${SHOTS}/failed-${unit}.png` });
        throw e;
      });
      const used = await cpu(cdp);
      if (last && PROFILE) {
        const { profile } = await cdp.send('Profiler.stop');
        writeFileSync(`${PROFILE}/${unit}.cpuprofile`, JSON.stringify(profile));
      }
      const took = await page.evaluate(() => window.readyAt);
      if (visit === 1) {
        wall.push(took);
        busy.push(used);
      } else again.push(took);
      if (last) {
        const marks = await page.evaluate(() => performance.getEntriesByType('measure').map((m) => `${m.name} ${Math.round(m.startTime)}+${Math.round(m.duration)}`));
        const loads = await page.evaluate(() => performance.getEntriesByType('resource').filter((r) => r.name.includes('/api/') || r.duration > 30).map((r) => `${r.name.replace(location.origin, '').slice(0, 40)} ${Math.round(r.startTime)}+${Math.round(r.duration)}`));
        console.error(`${unit}: ${marks.join(', ')}; ${loads.join(', ')}`);
        if (SHOTS) await page.screenshot({ path: `${SHOTS}/${unit}.png` });
        await after?.(page, cdp);
      }
      await page.close();
    }
    await fresh.close();
  }
  out[`${unit}-ms`] = median(wall);
  out[`${unit}-cpu-ms`] = median(busy);
  out[`${unit}-again-ms`] = median(again);
  console.error(`${unit}: ${wall.map(Math.round).join(' ')} ms, again ${again.map(Math.round).join(' ')} ms, cpu ${busy.map(Math.round).join(' ')} ms`);
}

/** scroll goes down a list for 90 frames, 400 pixels each, and measures what a frame costs the main thread. */
function scroll(unit, selector) {
  return async (page, cdp) => {
    const before = await cpu(cdp);
    if (PROFILE) {
      await cdp.send('Profiler.enable');
      await cdp.send('Profiler.start');
    }
    const frames = await page.evaluate((s) => new Promise((resolve) => {
      const box = document.querySelector(s);
      const step = Math.min(400, (box.scrollHeight - box.clientHeight) / 90);
      if (step < 1) throw new Error(`${s} has nothing to scroll`);
      const took = [];
      let last = performance.now();
      const go = (now) => {
        took.push(now - last);
        last = now;
        if (took.length > 90) return resolve(took.slice(1));
        box.scrollTop += step;
        requestAnimationFrame(go);
      };
      requestAnimationFrame(go);
    }), selector);
    const used = (await cpu(cdp)) - before;
    if (PROFILE) {
      const { profile } = await cdp.send('Profiler.stop');
      writeFileSync(`${PROFILE}/${unit}-scroll.cpuprofile`, JSON.stringify(profile));
    }
    frames.sort((a, b) => a - b);
    out[`${unit}-frame-ms`] = frames[Math.floor(frames.length * 0.95)];
    out[`${unit}-frame-cpu-ms`] = used / 90;
    console.error(`${unit} scroll: p95 frame ${frames[85].toFixed(1)} ms, longest ${frames[89].toFixed(1)} ms, cpu ${(used / 90).toFixed(1)} ms a frame`);
  };
}

await open('home', '/', "() => document.querySelector('h1') && document.querySelector('.home-columns')");
await open('events', `/executions/${world.long}?tab=events`, "() => document.querySelectorAll('.events .row').length > 5 && /2[0-9]{4} events/.test(document.querySelector('.events-bar').textContent) && document.querySelector('.gantt-row') && document.querySelector('.react-flow__node')",
  scroll('events', '.events .table-scroll'));
await open('graph', `/executions/${world.large}?tab=definition`, "() => document.querySelectorAll('.react-flow__node').length > 5 && getComputedStyle(document.querySelector('.react-flow__node')).visibility === 'visible'", async (page) => {
  out['layout-ms'] = await page.evaluate(() => Math.max(...performance.getEntriesByName('graph layout').map((m) => m.duration)));
});
await open('items', `/mapruns/${world.mapRun}`, "() => document.querySelectorAll('.heat').length > 100 && /10.?000/.test(document.querySelector('.cells-legend').textContent)",
  scroll('items', '.cells-box'));

// A warehouse result of 10,000 rows: from the click to the rows.
{
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(`${base}/warehouse`);
  const editor = page.getByLabel('SQL', { exact: true }).last();
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText("SELECT i, i * 2 AS twice, 'name ' || i AS name, current_date AS day FROM generate_series(1, 10000) AS g(i)");
  const took = [];
  for (let i = 0; i <= times; i++) {
    took.push(await page.evaluate(() => new Promise((resolve) => {
      const began = performance.now();
      const run = [...document.querySelectorAll('button')].find((b) => b.textContent.trim().startsWith('Run'));
      const before = document.querySelector('[aria-label="Rows of the result"]');
      before?.setAttribute('data-old', '');
      run.click();
      const look = () => {
        const t = document.querySelector('[aria-label="Rows of the result"]');
        if (t && t.getAttribute('aria-rowcount') === '10001' && document.body.textContent.includes('SELECT 10000') && !document.querySelector('[aria-busy="true"]')) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
        else requestAnimationFrame(look);
      };
      setTimeout(look, 30); // the old rows are gone by then
    })));
  }
  out['rows-ms'] = median(took.slice(1));
  console.error(`rows: ${took.map(Math.round).join(' ')} ms`);
  await scroll('rows', '[aria-label="Rows of the result"] .table-scroll')(page, cdp);
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/rows.png` });
  await page.close();
}

// A change: from the call that ends a task to the page that shows it.
{
  const page = await context.newPage();
  await page.goto(base);
  await page.waitForSelector('nav');
  const call = (service, name, input) => page.evaluate(async ([service, name, input]) => {
    window.me ??= await (await fetch('/api/session')).json();
    const r = await fetch(`/api/aws/${service}/${name}`, { method: 'POST', headers: { 'X-Salamander-CSRF': window.me.csrf }, body: JSON.stringify(input) });
    if (!r.ok) throw new Error(await r.text());
    return r.json();
  }, [service, name, input]);
  const took = [];
  for (let i = 0; i < times; i++) {
    const { executionArn } = await call('states', 'StartExecution', { stateMachineArn: world.waiting, input: '{}' });
    const { taskToken } = await call('states', 'GetActivityTask', { activityArn: world.activity });
    const view = await context.newPage();
    await view.goto(`${base}/executions/${executionArn}`);
    await view.locator('.exec-head .status').getByText('Running').waitFor();
    await view.locator('.gantt-row').first().waitFor();
    await view.waitForTimeout(700); // the connection for changes is there
    took.push(await view.evaluate(async (token) => {
      const me = await (await fetch('/api/session')).json();
      return new Promise((resolve, reject) => {
        const look = () => (/Succeeded/.test(document.querySelector('.exec-head .status').textContent) ? resolve(performance.now() - began) : requestAnimationFrame(look));
        const began = performance.now();
        fetch('/api/aws/states/SendTaskSuccess', { method: 'POST', headers: { 'X-Salamander-CSRF': me.csrf }, body: JSON.stringify({ taskToken: token, output: '{}' }) }).catch(reject);
        look();
      });
    }, taskToken));
    await view.close();
  }
  out['change-ms'] = median(took);
  console.error(`change: ${took.map(Math.round).join(' ')} ms`);
}
await browser.close();
console.log(JSON.stringify(out));
