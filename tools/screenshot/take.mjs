// Waits for a good moment of a running bot and takes the picture, with at most 256 colours.
// Arguments: playwright-core's directory, the browser, the address, the file, seconds of the run, seconds of patience,
// a pattern for the name of the block in work.

import { launch, open, save } from './browser.mjs';

const [playwright, browserPath, url, out, after, patience, block] = process.argv.slice(2);
const browser = await launch(playwright, browserPath);
try {
  const page = await open(browser, url, Number(patience));
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
  await save(page, out);
} catch (error) {
  console.error(`no picture: ${error.message.split('\n')[0]}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
