// Opens the page in a browser without WebGL and tells what its plain map shows.
// Arguments: playwright-core's directory, the browser, the address.

import { createRequire } from 'node:module';

const [playwright, browserPath, url] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);

const browser = await chromium.launch({
  executablePath: browserPath,
  headless: true,
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-3d-apis'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  page.setDefaultTimeout(60_000);
  await page.goto(url);
  const sentence = await page.locator('.nogl').innerText();
  await page.waitForFunction(() => window.consciousBot?.view.ready);
  const colours = await page.evaluate(() => {
    const { canvas } = window.consciousBot.view;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const found = new Set();
    for (let i = 0; i < data.length; i += 4) found.add((data[i] >> 3) * 1024 + (data[i + 1] >> 3) * 32 + (data[i + 2] >> 3));
    return found.size;
  });
  process.stdout.write(JSON.stringify({ sentence, colours }));
} finally {
  await browser.close();
}
