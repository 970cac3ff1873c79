// The main tasks in a real browser against a real server, as a user would do
// them. A Go test (cmd/salamander/console_browser_test.go) makes the world and
// runs this with
//
//   CONSOLE_LINK   a link that logs in once
//   WORLD          JSON: {machine, daily, bucket, flag, job}
//   CHROMIUM       the browser's executable
//   SHOTS          a directory for screenshots; optional
//
// It prints a line for each task and ends with 1 when one failed.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const world = JSON.parse(process.env.WORLD);
const base = new URL(process.env.CONSOLE_LINK).origin;
const shots = process.env.SHOTS;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
const page = await context.newPage();
page.setDefaultTimeout(Number(process.env.TASK_TIMEOUT ?? 20_000));

const faults = [];
page.on('pageerror', (e) => faults.push(`page: ${e.message}`));
page.on('console', (m) => {
  if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) faults.push(`console: ${m.text()}`);
});
page.on('dialog', (d) => {
  faults.push(`a dialog opened: ${d.message()}`); // markup of users ran
  void d.dismiss();
});

let failed = 0;
async function task(name, f) {
  const began = Date.now();
  faults.length = 0;
  try {
    await f();
    if (faults.length > 0) throw new Error(faults.join('\n'));
    console.log(`ok ${name} ${Date.now() - began} ms`);
  } catch (e) {
    failed++;
    console.log(`FAIL ${name}: ${e.message.split('\n').slice(0, 12).join('\n')}`);
    if (shots) await page.screenshot({ path: `${shots}/failed-${name.replace(/\W+/g, '-')}.png` }).catch(() => undefined);
  }
}

const must = (ok, text) => {
  if (!ok) throw new Error(text);
};
const go = async (path) => {
  await page.goto(base + path);
  await page.waitForSelector('h1');
};
const settled = async () => {
  await page.waitForLoadState('domcontentloaded');
  await page.waitForFunction(() => !document.querySelector('.loading'));
};
const shot = async (name) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
};
const button = (name) => page.getByRole('button', { name, exact: true });

/** write replaces the text of the editor with a label. */
async function write(label, text) {
  const editor = page.getByLabel(label, { exact: true }).last();
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete'); // over a selection Chromium would write its style inline, which the policy blocks and reports
  await page.keyboard.insertText(text);
}

await task('logs in with a link, once', async () => {
  await page.goto(process.env.CONSOLE_LINK);
  await page.waitForSelector('nav');
  must(!page.url().includes('#'), 'the secret is still in the address');
  const other = await browser.newContext();
  const second = await other.newPage();
  await second.goto(process.env.CONSOLE_LINK);
  await second.getByText(/link|password/i).first().waitFor();
  must((await second.locator('nav').count()) === 0, 'the link worked twice');
  await other.close();
});

await task('refuses requests of other sites', async () => {
  const evil = await context.newPage();
  await evil.goto(base.replace('127.0.0.1', 'localhost') + '/favicon.svg'); // another origin, same machine
  const status = await evil.evaluate(async (to) => {
    try {
      const r = await fetch(`${to}/api/aws/states/ListStateMachines`, { method: 'POST', body: '{}', credentials: 'include', mode: 'cors' });
      return r.status;
    } catch {
      return 'refused';
    }
  }, base);
  must(status === 'refused' || status === 403, `got ${status}`);
  await evil.close();
});

await task('starts an execution, sees its failed step and the log of its job', async () => {
  await go(`/machines/${world.machine}`);
  await button('Start').click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await write('Input', '{"who": "<img src=x onerror=alert(1)>"}');
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/\/executions\//);
  await page.getByRole('alert').waitFor();
  must(/exit|Essential|failed/i.test(await page.getByRole('alert').first().innerText()), 'the error does not say what failed');
  await page.getByRole('list', { name: 'Timeline of the steps' }).getByText('Load', { exact: true }).click();
  await page.getByText('the flag is not there').first().waitFor();
  await shot('execution-failed');
});

await task('redrives it', async () => {
  writeFileSync(world.flag, '');
  await page.getByRole('alert').getByRole('link', { name: /load of Load/ }).waitFor(); // the failed job
  await button('Redrive').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('list', { name: 'What will happen' }).getByText(/batch:submitJob/).waitFor();
  await shot('redrive');
  await dialog.getByRole('button', { name: 'Redrive', exact: true }).click();
  await page.locator('.status').getByText('Succeeded').first().waitFor();
  await shot('execution-redriven');
});

await task('backfills a week', async () => {
  await go(`/dates/${world.daily}?from=2026-01-01&to=2026-01-31`);
  await page.getByRole('button', { name: '2026-01-05: no run' }).click();
  await page.getByRole('button', { name: '2026-01-11: no run' }).click();
  await page.getByRole('button', { name: /^Backfill 7 dates/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Backfill' }).click();
  await page.getByText('7 of 7 dates').waitFor();
  for (const d of ['05', '11']) await page.getByRole('button', { name: new RegExp(`2026-01-${d}: succeeded`) }).waitFor();
  await shot('dates');
});

await task('uploads a file, looks at it and copies it', async () => {
  await go(`/objects/${world.bucket}`);
  await page.locator('input[type=file]').setInputFiles({ name: 'sales.csv', mimeType: 'text/csv', buffer: Buffer.from('id,day,amount\n1,2026-01-01,10\n2,2026-01-02,30\n3,2026-01-03,20\n') });
  await page.getByRole('row').getByText('sales.csv').first().click(); // not the note that it is there
  await button('Make a COPY from this').click();
  await button('Open in the editor').click();
  await page.waitForURL(/\/warehouse/);
  await page.getByLabel('SQL', { exact: true }).waitFor();
});

await task('queries and charts', async () => {
  await write('SQL', `CREATE TABLE sales (id INT, day DATE, amount INT);\nCOPY sales FROM 's3://${world.bucket}/sales.csv' IAM_ROLE 'arn:aws:iam::000000000000:role/r' CSV IGNOREHEADER 1;\nSELECT day, amount, '<b>bold</b>' AS html FROM sales ORDER BY day;`);
  await button('Run').click();
  await page.getByText('SELECT 3').waitFor();
  must((await page.getByRole('table', { name: 'Rows of the result' }).getByText('<b>bold</b>').count()) === 3, 'the rows are not there as they are');
  await shot('warehouse');
  await button('Chart').click();
  await page.locator('.chart canvas').waitFor();
  await shot('warehouse-chart');
  await write('SQL', 'SELECT amount, missing FROM sales');
  await button('Run').click();
  await page.getByRole('alert').getByText(/missing/).waitFor();
  await page.getByRole('button', { name: 'Show the place' }).waitFor();
  await write('SQL', 'SELECT * FROM generate_series(1, 10000)');
  await button('Run').click();
  const began = Date.now();
  await page.getByText('SELECT 10000').waitFor();
  console.log(`   10,000 rows shown after ${Date.now() - began} ms`);
  must((await page.locator('.row').count()) < 200, 'all rows are in the page');
  await go('/warehouse?tab=loads');
  await page.getByText('sales.csv').first().waitFor();
});

await task('tries an event against a pattern', async () => {
  await go('/schedules?tab=pattern');
  await page.getByText('The event does not match').waitFor();
  await write('Event', '{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"landing"},"object":{"key":"sales/x"}}}');
  await page.getByText('The event matches').waitFor();
});

await task('finds a job by its id and a table by its name', async () => {
  await go('/');
  for (const [typed, found, url] of [[world.job.slice(0, 13), /^alone/, /\/jobs\//], ['sales', /^public\.sales/, /table=public\.sales/]]) {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).fill(typed);
    await page.getByRole('option', { name: found }).click();
    await page.waitForURL(url);
  }
  await page.getByRole('dialog', { name: 'sales' }).getByText('last loaded').waitFor();
});

await task('shows a change of a running execution at once', async () => {
  await go('/');
  await settled();
  const told = page.evaluate(() => new Promise((resolve) => {
    const s = new EventSource('/api/live');
    s.addEventListener('change', (e) => { if (e.data.includes('"execution"')) { s.close(); resolve(Date.now()); } });
  }));
  await page.waitForTimeout(300);
  const { began, csrf } = await page.evaluate(async (arn) => {
    const me = await (await fetch('/api/session')).json();
    const began = Date.now();
    await fetch('/api/aws/states/StartExecution', { method: 'POST', headers: { 'X-Salamander-CSRF': me.csrf }, body: JSON.stringify({ stateMachineArn: arn, input: '{"run_date":"2026-02-01"}' }) });
    return { began, csrf: me.csrf };
  }, world.daily);
  must(csrf.length > 20, 'no token');
  const ms = (await told) - began;
  console.log(`   told ${ms} ms after it was started`);
  must(ms < 2000, `it took ${ms} ms`);
});

const views = ['/', '/machines', `/machines/${world.machine}`, '/machines/new', '/jobs', `/jobs/${world.job}`, '/functions', '/warehouse', '/warehouse?tab=loads', '/warehouse?tab=statements',
  '/objects', `/objects/${world.bucket}`, '/schedules', '/schedules?tab=triggers', '/schedules?tab=pattern', '/schedules?tab=expression', `/dates/${world.daily}`, '/stacks', `/stacks/${world.stack}`, '/alerts', '/parity', '/parity?tab=operations'];
const timings = [];
for (const theme of ['dark', 'light']) {
  await page.evaluate((t) => { document.cookie = `salamander_theme=${t}; path=/`; }, theme);
  for (const path of views) {
    await task(`${theme} ${path}`, async () => {
      const began = Date.now();
      await go(path);
      await settled();
      timings.push([path, Date.now() - began]);
      await page.waitForTimeout(250);
      must(!(await page.getByText('Something went wrong').count()), 'the view broke');
      await shot(`${theme}${path.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`);
      // By the debugger's way in: the content security policy lets no script be added.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
      const bad = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
      must(bad.length === 0, bad.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 140)} (${n.any[0]?.message?.slice(0, 140) ?? ''})`).join(' | ')}`).join('\n'));
    });
  }
}
await task('can be read on a phone', async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of ['/', '/machines', '/jobs', '/schedules', `/dates/${world.daily}`, '/alerts', '/parity', '/warehouse']) {
    await go(path);
    await settled();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    must(wide <= 1, `${path} is ${wide} pixels too wide`);
    await shot(`phone${path.replace(/[^a-z0-9]+/gi, '-').slice(0, 40)}`);
  }
});
timings.sort((a, b) => b[1] - a[1]);
console.log(`   slowest views: ${timings.slice(0, 3).map(([p, ms]) => `${p} ${ms} ms`).join(', ')}`);
await browser.close();
process.exit(failed ? 1 : 0);
