// Takes the pictures of the README; cmd/salamander/console_pictures_test.go makes
// the world and runs this with CONSOLE_LINK, WORLD {execution}, CHROMIUM and
// PICTURES, the directory to write to.

import { chromium } from 'playwright-core';

const world = JSON.parse(process.env.WORLD);
const base = new URL(process.env.CONSOLE_LINK).origin;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', timezoneId: 'UTC' });
await context.addCookies([{ name: 'salamander_theme', value: 'light', url: process.env.CONSOLE_LINK }]);
const page = await context.newPage();
page.setDefaultTimeout(30_000);
await page.goto(process.env.CONSOLE_LINK);
await page.waitForSelector('nav');

await page.goto(`${base}/executions/${world.execution}`);
await page.getByText('out of range').first().waitFor();
await page.locator('.react-flow__node').first().waitFor();
await page.waitForTimeout(1200);
await page.screenshot({ path: `${process.env.PICTURES}/console-execution.png` });

await page.goto(`${base}/warehouse`);
const editor = page.getByLabel('SQL', { exact: true }).last();
const run = async (sql, done) => {
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(sql);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText(done).first().waitFor();
};
await run(`CREATE TABLE sales (id INT IDENTITY(1, 1), day DATE SORTKEY, store VARCHAR(20), amount DECIMAL(12, 2));
CREATE TABLE stores (store VARCHAR(20), city VARCHAR(40)) DISTSTYLE ALL;
INSERT INTO sales (day, store, amount)
  SELECT DATE '2026-10-01' + i % 60, 'store ' || i % 7, 20 + (i % 60) * 1.5 + 25 * sin(i % 60 / 4.5) + i % 11 FROM generate_series(1, 6000) AS g(i);`, 'INSERT 0 6000');
await run(`-- takings by day
SELECT day, sum(amount) AS takings
FROM sales
WHERE day >= '2026-10-01'
GROUP BY day
ORDER BY day;`, 'SELECT 60');
await page.getByRole('button', { name: 'Chart', exact: true }).click();
await page.locator('.chart canvas').waitFor();
await page.waitForTimeout(1000);
await page.screenshot({ path: `${process.env.PICTURES}/console-warehouse.png` });
await browser.close();
