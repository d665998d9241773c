// Opens the dashboard in a real browser and tells what is there, as one JSON document on stdout.
// Arguments: playwright-core's directory, the browser, the address, the file of the picture, width, height, scheme, suggestion.

import { createRequire } from 'node:module';

const [playwright, browserPath, url, picture, width, height, scheme, suggestion] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);

const browser = await chromium.launch({
  executablePath: browserPath,
  headless: true,
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
const problems = [];
const seen = { problems };
try {
  const page = await browser.newPage({ viewport: { width: Number(width), height: Number(height) }, colorScheme: scheme });
  page.setDefaultTimeout(90_000);
  page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) problems.push(`${m.type()}: ${m.text()}`); });
  page.on('pageerror', (e) => problems.push(`uncaught: ${e.message}`));
  page.on('requestfailed', (r) => problems.push(`request failed: ${r.url()}`));
  page.on('response', (r) => { if (r.status() >= 400) problems.push(`${r.status()}: ${r.url()}`); });
  await page.goto(url);
  await page.waitForFunction(() => window.consciousBot?.view.whole && document.querySelector('[data-link=live]') && document.querySelector('.goal h2'));
  // Two pictures more, so that what the worker meshed is on the screen.
  await page.evaluate(() => new Promise((done) => { const from = window.consciousBot.view.frames; const wait = () => (window.consciousBot.view.frames > from + 2 ? done() : setTimeout(wait, 50)); wait(); }));
  seen.goal = await page.locator('.goal').innerText();
  seen.steps = await page.locator('.step').evaluateAll((rows) => rows.map((r) => [r.classList[1], r.querySelector('.title').textContent]));
  seen.items = await page.locator('.slot[data-item]').evaluateAll((slots) => slots.map((s) => [s.dataset.item, Number(s.querySelector('span')?.textContent ?? 1), s.querySelector('svg').innerHTML.length > 0]));
  seen.needs = await page.locator('.need .name').allInnerTexts();
  seen.log = await page.locator('.log li span').allInnerTexts();
  seen.name = await page.locator('.label.bot').innerText();
  seen.creatures = await page.evaluate(() => window.consciousBot.view.entities.size);
  seen.wounds = await page.locator('.wound i').evaluateAll((bars) => bars.map((b) => b.style.width));
  seen.overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  // The canvas' own pixels: how many different colours, and how bright.
  seen.canvas = await page.evaluate(() => {
    const { view } = window.consciousBot;
    view.frame(true);
    const small = document.createElement('canvas');
    small.width = 160; small.height = 120;
    const g = small.getContext('2d');
    g.drawImage(view.canvas, 0, 0, 160, 120);
    const data = g.getImageData(0, 0, 160, 120).data;
    const colours = new Set();
    let light = 0, green = 0, red = 0, blue = 0, warm = 0;
    for (let i = 0; i < data.length; i += 4) {
      colours.add((data[i] >> 4) * 256 + (data[i + 1] >> 4) * 16 + (data[i + 2] >> 4));
      light += data[i] + data[i + 1] + data[i + 2];
      red += data[i];
      blue += data[i + 2];
      if (data[i] > 60 && data[i] > data[i + 2] * 1.4) warm++;
      if (data[i + 1] > data[i] * 1.12 && data[i + 1] > data[i + 2] * 1.2) green++;
    }
    return { colours: colours.size, light: light / (160 * 120 * 3), green: green / (160 * 120), red: red / (160 * 120), blue: blue / (160 * 120), warm: warm / (160 * 120), triangles: view.renderer.info.render.triangles };
  });
  if (suggestion) {
    await page.fill('input[name=suggestion]', suggestion);
    await page.click('.suggest button');
    await page.waitForSelector('.reply');
    seen.reply = await page.locator('.reply').innerText();
  }
  if (picture) await page.screenshot({ path: picture, timeout: 120_000 });
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(seen));
