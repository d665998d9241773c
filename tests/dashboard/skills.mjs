// Uses the skills' page in a real browser and tells what it shows, a JSON document a line on stdout.
// A line on stdin says that what the page waits for has been done to the registry.
// Arguments: playwright-core's directory, the browser, the address, the picture's file, a signer's and a viewer's token.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [playwright, browserPath, url, picture, signer, viewer] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (document) => process.stdout.write(`${JSON.stringify(document)}\n`);

const browser = await chromium.launch({
  executablePath: browserPath,
  headless: true,
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const problems = [];
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  page.setDefaultTimeout(90_000);
  page.on('console', (m) => { if (['error', 'warning'].includes(m.type()) && !m.text().includes('409')) problems.push(`${m.type()}: ${m.text()}`); });
  page.on('pageerror', (e) => problems.push(`uncaught: ${e.message}`));
  page.on('requestfailed', (r) => problems.push(`request failed: ${r.url()}`));
  const rows = () => page.locator('.skillsTable tbody tr').evaluateAll((all) => all.map((r) => [r.querySelector('a').textContent, r.querySelector('.sub').textContent.split(' ')[0], r.querySelector('.status').textContent, r.querySelector('.num').firstChild.textContent]));
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const chosen = (id) => page.waitForFunction((want) => window.consciousBot.registry.detail?.id === want && document.querySelector('.detail h1'), id);

  await page.goto(`${url}/skills.html`);
  await page.waitForSelector('.skillsTable');
  // What failed, and why: chosen by the keyboard alone.
  await page.focus('a[href="#opt.torch_corridor%401.0.2"]');
  await page.keyboard.press('Enter');
  await chosen('opt.torch_corridor@1.0.2');
  const failed = {
    rows: await rows(),
    title: await page.locator('.detail h1').innerText(),
    description: await page.locator('.title p').first().innerText(),
    conditions: await page.locator('.outcome .conditions tbody tr').evaluateAll((all) => all.map((r) => [...r.querySelectorAll('td')].slice(1).map((d) => d.textContent))),
    history: await page.locator('.history li').evaluateAll((all) => all.map((r) => r.innerText.replace(/\s+/g, ' '))),
    dots: await page.locator('.runs i').count(),
    error: await page.locator('.failures').innerText(),
  };
  // The run over its tree, tick by tick.
  await page.click('a[href="#opt.torch_corridor%401.0.0"]');
  await chosen('opt.torch_corridor@1.0.0');
  const statuses = () => page.locator('.tree .node').evaluateAll((all) => all.map((n) => n.dataset.status));
  await page.focus('.player .frame');
  await page.keyboard.press('Home');
  const atFirst = await statuses();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const underWay = await statuses();
  await page.keyboard.press(' ');
  await page.waitForSelector('.keys [aria-label=Pause]');
  await page.waitForFunction(() => document.querySelector('.keys [aria-label=Play]') && document.querySelector('.scrub input').value > document.querySelector('.scrub input').max - 1e-6);
  const player = { labels: await page.locator('.tree .name').allTextContents(), atFirst, underWay, atEnd: await statuses(), bars: await page.locator('.lane rect').count(), sandbox: await page.locator('.tests .verdict').innerText() };
  await page.screenshot({ path: picture, timeout: 120_000 });

  // A promotion elsewhere is seen at once.
  tell({ failed, player });
  await lines.next();
  await page.waitForSelector('.title .status.active');
  await page.waitForSelector('.skillsTable tr.chosen .status.active');
  const news = await page.locator('.news').innerText();

  // Somebody without the right has no buttons; an operator is asked first, and a refusal is shown.
  const buttons = () => page.locator('.actions button').allInnerTexts();
  const asOperator = await buttons();
  const token = async (text) => {
    await page.click('.me');
    await page.fill('dialog input', text);
    await page.click('dialog button.primary');
    await page.waitForSelector('dialog', { state: 'detached' });
  };
  await token(viewer);
  const asViewer = { buttons: await buttons(), note: await page.locator('.actions .note').innerText() };
  await page.click('.queue a');
  const review = {
    marked: await page.locator('.code .marked').evaluateAll((all) => all.map((r) => r.textContent)),
    answer: await page.locator('.detail').innerText().then((text) => text.includes('Only a signer may answer')),
  };
  await token(signer);
  await page.fill('.answer form:nth-of-type(2) textarea', 'it starts programs');
  await page.click('.answer button.danger');
  await page.waitForSelector('.title .status.rejected');
  await token('');
  await page.click('a[href="#opt.torch_corridor%401.0.2"]');
  await chosen('opt.torch_corridor@1.0.2');
  await page.click('.actions .danger');
  await page.fill('dialog textarea', 'not safe');
  await page.click('dialog button.danger');
  await page.waitForSelector('.title .status.revoked');
  const revoked = await page.locator('.history li').first().innerText().then((text) => text.replace(/\s+/g, ' '));
  await page.click('a[href="#opt.breathe%401.0.0"]');
  await chosen('opt.breathe@1.0.0');
  await page.click('.actions .primary');
  await page.click('dialog button.primary');
  await page.waitForSelector('dialog .refusal');
  const refusal = await page.locator('dialog .refusal').innerText();
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  const wide = await overflow();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.click('a[href="#opt.torch_corridor%401.0.0"]');
  await chosen('opt.torch_corridor@1.0.0');
  await page.waitForSelector('.tree.outline');
  tell({ news, asOperator, asViewer, review, revoked, refusal, overflow: [wide, await overflow()], problems });
} finally {
  await browser.close();
  process.stdin.destroy();
}
