// Bad input in a real browser against a real server: nothing breaks, nothing is
// lost, nothing executes. cmd/salamander/console_hostile_test.go makes the world
// and runs this with CONSOLE_LINK, CHROMIUM and
//
//   WORLD   JSON: {machine, execution, large, job, bucket, markup, fn, stack}
//
// Where it prints RESTART, the server is stopped and started anew. It prints a
// line for each task and ends with 1 when one failed.

import { chromium } from 'playwright-core';

const world = JSON.parse(process.env.WORLD);
const base = new URL(process.env.CONSOLE_LINK).origin;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });

const faults = [];
const open = async () => {
  const page = await context.newPage();
  page.setDefaultTimeout(Number(process.env.TASK_TIMEOUT ?? 20_000));
  page.on('pageerror', (e) => faults.push(`page: ${e.message}`));
  page.on('console', (m) => {
    if (m.type() === 'error' && !/Failed to load resource|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/.test(m.text())) faults.push(`console: ${m.text()}`);
  });
  page.on('dialog', (d) => {
    faults.push(`a dialog opened: ${d.message()}`); // markup of users ran
    void d.dismiss();
  });
  return page;
};
const page = await open();

let failed = 0;
async function task(name, f) {
  const began = Date.now();
  faults.length = 0;
  try {
    await f();
    await page.waitForTimeout(150); // what would run does so at once
    if (faults.length > 0) throw new Error(faults.join('\n'));
    console.log(`ok ${name} ${Date.now() - began} ms`);
  } catch (e) {
    failed++;
    console.log(`FAIL ${name}: ${e.message.split('\n').slice(0, 12).join('\n')}`);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/hostile-${name.replace(/\W+/g, '-')}.png` }).catch(() => undefined);
  }
}
const must = (ok, text) => {
  if (!ok) throw new Error(text);
};
const go = (path, p = page) => p.goto(base + path);
const aws = (p, service, operation, input) => p.evaluate(async ([path, text]) => {
  const me = await (await fetch('/api/session')).json();
  const r = await fetch(path, { method: 'POST', headers: { 'X-Salamander-CSRF': me.csrf }, body: text });
  if (!r.ok) throw new Error(`${path}: ${r.status} ${await r.text()}`);
}, [`/api/aws/${service}/${operation}`, JSON.stringify(input)]);
const type = async (p, label, text) => {
  await p.getByLabel(label, { exact: true }).last().click();
  await p.keyboard.press('Control+Home');
  await p.keyboard.insertText(text);
};

await go(process.env.CONSOLE_LINK.slice(base.length));
await page.waitForSelector('nav');

await task('markup and right-to-left names', async () => {
  await go(`/executions/${world.execution}`);
  await page.locator('.react-flow__node').getByText(world.markup, { exact: true }).waitFor();
  await page.getByRole('alert').getByText('<script>alert(1)</script>').first().waitFor();
  must((await page.locator('main img, main script, main iframe').count()) === 0, 'markup of names became elements');
  await page.getByRole('tab', { name: /^Input and output/ }).click();
  await page.getByText('"<img src=x onerror=alert(1)>"').first().waitFor();
  await go('/');
  await page.getByText('<script>alert(1)</script>').first().waitFor();
  await go(`/machines/${world.machine}?tab=durations`);
  await page.getByText(world.markup).first().waitFor();
  // A title that turns the direction stays within its own element.
  must((await page.evaluate(() => [...document.querySelectorAll('bdi')].filter((b) => b.textContent.includes('\u202e')).every((b) => getComputedStyle(b).unicodeBidi === 'isolate'))), 'a text of users is not isolated');
});

await task('keys of objects with markup', async () => {
  await go(`/objects/${world.bucket}/odd/`);
  await page.getByText('"><script>alert(1)<').first().waitFor();
  await page.getByText('"><script>alert(1)<').first().click();
  await page.getByText('script>.json').first().click();
  await page.getByText('hello').first().waitFor();
});

await task('binary logs and escapes', async () => {
  await go(`/jobs/${world.job}`);
  await page.getByText('after the escapes').first().waitFor();
  const log = page.locator('.log').first();
  must((await page.locator('a[href^="javascript" i]').count()) === 0, 'an escape became a link');
  must((await log.locator('img').count()) === 0, 'markup of a log became an element');
  must(!/\u001b/.test(await log.innerText()), 'escapes are shown raw');
  must((await page.title()).includes('Salamander'), 'an escape changed the title of the page');
});

await task('a payload of megabytes', async () => {
  await go(`/executions/${world.large}?tab=io`);
  const all = page.getByRole('button', { name: 'Show all' });
  await all.nth(1).waitFor(); // of the input and of the output
  const began = Date.now();
  await all.first().click();
  await all.nth(1).waitFor({ state: 'detached' });
  must(Date.now() - began < 5000, `all of it takes ${Date.now() - began} ms`);
  must((await page.locator('*').count()) < 20_000, 'all of it is in the page');
  await go(`/objects/${world.bucket}/large.json`);
  await page.getByText(/first .* of/i).first().waitFor();
});

await task('a redrive of a Fail state with a name of markup', async () => {
  await go(`/executions/${world.execution}`);
  await page.getByRole('button', { name: 'Redrive', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('It will end at once').waitFor();
  await dialog.getByLabel('From').selectOption(world.markup);
  await dialog.getByLabel('With another input').check();
  const editor = dialog.getByLabel('Input of the state', { exact: true }).last();
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText('{"whole": true}');
  await dialog.getByText('succeeded').waitFor();
  await dialog.getByRole('button', { name: 'Redrive', exact: true }).click();
  await page.locator('.status').getByText('Succeeded').first().waitFor();
});

await task('two people edit one definition', async () => {
  const other = await open();
  for (const p of [page, other]) {
    await go(`/machines/${world.edited}?tab=definition`, p);
    await p.getByText('as saved', { exact: true }).waitFor();
  }
  await type(page, 'Definition', ' \n');
  await page.getByText('edited, not saved').waitFor();
  await type(other, 'Definition', '\n\n');
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await other.getByText('as saved', { exact: true }).waitFor();
  await page.getByText('Somebody has saved another definition').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The definition has changed meanwhile').waitFor();
  await dialog.getByRole('button', { name: 'Go on editing' }).click();
  await page.getByText('edited, not saved').waitFor(); // mine is still here
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.getByRole('button', { name: 'Save mine over it' }).click();
  await page.getByText('as saved', { exact: true }).waitFor();
  await other.close();
});

await task('two people edit one function', async () => {
  const other = await open();
  for (const p of [page, other]) {
    await go(`/functions/${world.fn}?tab=code`, p);
    await p.getByLabel('f.py', { exact: true }).last().waitFor();
  }
  await type(page, 'f.py', '# mine\n');
  await page.getByText('1 file edited, not saved').waitFor();
  await type(other, 'f.py', '# theirs\n');
  await other.getByRole('button', { name: 'Save code' }).click();
  await other.getByText('Saved. The next invocation').waitFor();
  await page.getByText('Somebody has changed the function meanwhile').waitFor();
  await page.getByRole('button', { name: 'Save code' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('# theirs').waitFor();
  await dialog.getByRole('button', { name: 'Take theirs' }).click();
  await page.getByText('# theirs').first().waitFor();
  must((await page.getByText('# mine').count()) === 0, 'what was given up is still there');
  await other.close();
});

await task('a server that restarts', async () => {
  const editing = await open();
  await go(`/machines/${world.edited}?tab=definition`, editing);
  await editing.getByText('as saved', { exact: true }).waitFor();
  await type(editing, 'Definition', '\n \n');
  await editing.getByText('edited, not saved').waitFor();
  await go('/machines');
  await page.getByText('edited').first().waitFor();
  console.log('RESTART');
  await page.getByText(/server has restarted/i).first().waitFor({ timeout: 60_000 });
  await editing.getByText(/server has restarted/i).first().waitFor({ timeout: 60_000 });
  await editing.getByText('edited, not saved').waitFor(); // nothing is lost
  await editing.getByRole('button', { name: 'Save', exact: true }).click(); // and the session goes on
  await editing.getByText('as saved', { exact: true }).waitFor();
  await editing.close();
});

await task('things that are deleted while they are open', async () => {
  const other = await open();
  await go('/', other);
  await go(`/functions/${world.fn}`);
  await page.getByRole('heading', { name: world.fn }).waitFor();
  await aws(other, 'lambda', 'DeleteFunction', { FunctionName: world.fn });
  await page.getByText('This function is deleted or unknown').waitFor();
  await go(`/machines/${world.edited}`);
  await page.getByRole('heading', { name: 'edited' }).waitFor();
  await aws(other, 'states', 'DeleteStateMachine', { stateMachineArn: world.edited });
  await page.getByText('This state machine is deleted or unknown').waitFor();
  await go(`/objects/${world.bucket}/large.json`);
  await page.getByText(/first .* of/i).first().waitFor();
  await aws(other, 's3', 'DeleteObject', { Bucket: world.bucket, Key: 'large.json' });
  await page.getByRole('row').getByText('large.json').waitFor({ state: 'detached' });
  await go('/stacks/none');
  await page.getByText('This stack is deleted or unknown').waitFor();
  await go('/jobs/00000000-0000-4000-8000-000000000000');
  await page.getByText('This job is deleted or unknown').waitFor();
  await other.close();
});

await browser.close();
process.exit(failed ? 1 : 0);
