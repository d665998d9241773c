// Waits for a good moment of a running bot and takes the picture, with at most 256 colours.
// Arguments: playwright-core's directory, the browser, the address, the file, seconds of the run, seconds of patience,
// a pattern for the name of the block in work.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { encodePng } from './png.mjs';

const [playwright, browserPath, url, out, after, patience, block] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);
const deadline = Date.now() + Number(patience) * 1000;

const browser = await chromium.launch({
  executablePath: browserPath,
  headless: true,
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  page.setDefaultTimeout(Number(patience) * 1000);
  for (;;) {
    try {
      await page.goto(url);
      break;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((go) => setTimeout(go, 500)); // the bot is still starting
    }
  }
  await page.waitForFunction(({ least, block }) => {
    const { store, view } = window.consciousBot ?? {};
    const { body, inventory, plan, target, clock } = store?.status ?? {};
    if (!view?.whole || !body || !target || clock < least || view.cut !== null) return false;
    // By day, at work on such a block that is not under its feet, with little in the way of the eye.
    const good = body.timeOfDay % 24000 < 12000 && target[1] >= Math.floor(body.position[1]) && new RegExp(block).test(view.volume.at(...target)?.name ?? '')
      && view.follow.chosen?.cost < 30 && inventory.slots.length > 1 && plan.steps.length > 0;
    // The page keeps this moment: a picture may take seconds, and the bot goes on.
    if (good) store.receive = () => {};
    return good;
  }, { least: Number(after), block }, { polling: 100 });
  await new Promise((go) => setTimeout(go, 1500)); // figures glide to where they belong
  const png = await page.screenshot({ timeout: 120_000 });
  // The browser reads its own picture back as pixels.
  const { width, height, pixels } = await page.evaluate(async (encoded) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${encoded}`)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = '';
    for (let i = 0; i < data.length; i += 0x8000) text += String.fromCharCode(...data.subarray(i, i + 0x8000));
    return { width: bitmap.width, height: bitmap.height, pixels: btoa(text) };
  }, png.toString('base64'));
  writeFileSync(out, encodePng(width, height, Buffer.from(pixels, 'base64')));
} catch (error) {
  console.error(`no picture: ${error.message.split('\n')[0]}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
