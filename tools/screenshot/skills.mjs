// Takes the picture of the skills' page of a running bot: an option in the middle of its last run.
// Arguments: playwright-core's directory, the browser, the address, the file, the option's id, seconds of patience.

import { launch, open, save } from './browser.mjs';

const [playwright, browserPath, url, out, option, patience] = process.argv.slice(2);
const browser = await launch(playwright, browserPath);
try {
  const page = await open(browser, `${url}/skills.html#${encodeURIComponent(option)}`, Number(patience));
  await page.waitForFunction((id) => window.consciousBot?.registry.detail?.id === id && document.querySelector('.tree .node'), option);
  // The middle of the run, where a leaf is at work.
  await page.evaluate(() => {
    const bar = document.querySelector('.scrub input');
    bar.value = Number(bar.max) * 0.55;
    bar.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await page.waitForSelector('.node.running');
  await page.waitForTimeout(500);
  await save(page, out);
} catch (error) {
  console.error(`no picture: ${error.message.split('\n')[0]}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
