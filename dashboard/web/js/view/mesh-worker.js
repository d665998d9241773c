// Meshes columns off the page's thread, the nearest first, each sent as soon as it is done.
// Imports by path: import maps do not reach into workers.

import { COLUMN, meshColumn } from './mesher.js';
import { Volume } from './volume.js';

let volume = null;
let cut = null;
let job = 0;

onmessage = ({ data }) => {
  if (data.type === 'region') {
    volume = new Volume(data.header, data.cells, data.light);
    cut = data.cut;
    volume.spreadLight();
    all();
  } else if (volume !== null && data.type === 'changes') {
    const touched = volume.apply(data.changes);
    if (touched.length === 0) return;
    volume.spreadLight();
    // Light reaches further than the block, but by little: the columns within a few cells are drawn again.
    const keys = new Set();
    for (const [x, , z] of touched) {
      for (const dx of [-4, 0, 4]) for (const dz of [-4, 0, 4]) keys.add(`${Math.floor((x + dx) / COLUMN)},${Math.floor((z + dz) / COLUMN)}`);
    }
    for (const key of keys) send(key);
  } else if (volume !== null && data.type === 'cut' && data.cut !== cut) {
    cut = data.cut;
    all();
  }
};

/** Every column, from the middle outwards. A newer job ends an older one; changes slip in between. */
async function all() {
  const mine = ++job;
  const [ox, , oz] = volume.origin;
  const [mx, mz] = [ox + volume.sx / 2, oz + volume.sz / 2];
  const found = [];
  for (let cx = Math.floor(ox / COLUMN); cx <= Math.floor((ox + volume.sx - 1) / COLUMN); cx++) {
    for (let cz = Math.floor(oz / COLUMN); cz <= Math.floor((oz + volume.sz - 1) / COLUMN); cz++) {
      found.push({ key: `${cx},${cz}`, away: Math.hypot((cx + 0.5) * COLUMN - mx, (cz + 0.5) * COLUMN - mz) });
    }
  }
  found.sort((a, b) => a.away - b.away);
  for (const { key } of found) {
    if (mine !== job) return;
    send(key);
    await new Promise((go) => setTimeout(go));
  }
  if (mine === job) postMessage({ keep: found.map((c) => c.key) });
}

function send(key) {
  const [cx, cz] = key.split(',').map(Number);
  const column = { key, cx, cz, ...meshColumn(volume, cx, cz, cut) };
  const buffers = [column.solid, column.water].filter(Boolean).flatMap((m) => Object.values(m).map((a) => a.buffer));
  postMessage({ column }, buffers);
}
