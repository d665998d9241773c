// Tells, a line each, when the page is live, when it has noticed that the bot is gone, and when it is live again.
// Arguments: playwright-core's directory, the browser, the address.

import { createRequire } from 'node:module';

const [playwright, browserPath, url] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);

const browser = await chromium.launch({
  executablePath: browserPath,
  headless: true,
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
try {
  const page = await browser.newPage({ viewport: { width: 500, height: 500 } });
  page.setDefaultTimeout(60_000);
  await page.goto(url);
  for (const state of ['live', 'lost', 'live']) {
    await page.waitForSelector(`[data-link=${state}]`);
    const trouble = state === 'lost' ? await page.locator('.trouble').innerText() : '';
    process.stdout.write(`${state} ${trouble}\n`);
  }
} finally {
  await browser.close();
}
