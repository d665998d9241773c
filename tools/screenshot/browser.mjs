// What taking a picture takes: a browser, a page that may still be starting, and the picture as a small file.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { encodePng } from './png.mjs';

export function launch(playwright, executablePath) {
  const { chromium } = createRequire(import.meta.url)(playwright);
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  });
}

/** Open a page of a bot that may still be starting; gives up after so many seconds. */
export async function open(browser, url, patience) {
  const deadline = Date.now() + patience * 1000;
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  page.setDefaultTimeout(patience * 1000);
  for (;;) {
    try {
      await page.goto(url);
      return page;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((go) => setTimeout(go, 500));
    }
  }
}

/** The page as it is now, as a PNG with at most 256 colours. */
export async function save(page, out) {
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
}
