// A PNG with a palette: the 256 colours are found by median cut over a histogram of 5 bits a channel.

import { crc32, deflateSync } from 'node:zlib';

/** RGBA bytes as a PNG file with at most 256 colours; transparency is left out. */
export function encodePng(width, height, rgba) {
  const { palette, nearest } = reduce(rgba);
  const rows = Buffer.alloc(height * (width + 1)); // a leading 0 in each row: no filter, as is best for palettes
  for (let y = 0, p = 0, o = 0; y < height; y++) {
    o++;
    for (let x = 0; x < width; x++, p += 4) rows[o++] = nearest[bin(rgba, p)];
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8); // 8 bits, by palette
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head), chunk('PLTE', Buffer.from(palette.flat())), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0)),
  ]);
}

const bin = (data, p) => ((data[p] >> 3) << 10) | ((data[p + 1] >> 3) << 5) | (data[p + 2] >> 3);

function reduce(rgba) {
  const count = new Float64Array(32768), sums = [0, 1, 2].map(() => new Float64Array(32768));
  for (let p = 0; p < rgba.length; p += 4) {
    const b = bin(rgba, p);
    count[b]++;
    for (let c = 0; c < 3; c++) sums[c][b] += rgba[p + c];
  }
  const mean = (b, c) => sums[c][b] / count[b];
  const measured = (bins) => {
    let best = { bins, axis: 0, error: 0 };
    const n = bins.reduce((s, b) => s + count[b], 0);
    for (let c = 0; c < 3; c++) {
      const middle = bins.reduce((s, b) => s + sums[c][b], 0) / n;
      const error = bins.reduce((s, b) => s + count[b] * (mean(b, c) - middle) ** 2, 0);
      if (error > best.error) best = { bins, axis: c, error };
    }
    return best;
  };
  const boxes = [measured([...count.keys()].filter((b) => count[b] > 0))];
  while (boxes.length < 256) {
    // The box with most error is cut at its mean along its worst channel.
    const at = boxes.reduce((worst, box, i) => (box.error ** 0.5 > boxes[worst].error ** 0.5 ? i : worst), 0);
    const { bins, axis, error } = boxes[at];
    if (error === 0 || bins.length < 2) break;
    const n = bins.reduce((s, b) => s + count[b], 0);
    const middle = bins.reduce((s, b) => s + sums[axis][b], 0) / n;
    const low = bins.filter((b) => mean(b, axis) <= middle), high = bins.filter((b) => mean(b, axis) > middle);
    if (low.length === 0 || high.length === 0) break;
    boxes.splice(at, 1, measured(low), measured(high));
  }
  const nearest = new Uint8Array(32768);
  const palette = boxes.map(({ bins }, i) => {
    const n = bins.reduce((s, b) => s + count[b], 0);
    for (const b of bins) nearest[b] = i;
    return [0, 1, 2].map((c) => Math.round(bins.reduce((s, b) => s + sums[c][b], 0) / n));
  });
  return { palette, nearest };
}

function chunk(kind, data) {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(kind, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}
