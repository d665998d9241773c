// Meshes columns off the page's thread. Imports by path: import maps do not reach into workers.

import { COLUMN, meshColumn } from './mesher.js';
import { Volume } from './volume.js';

let volume = null;
let cut = null;

onmessage = ({ data }) => {
  if (data.type === 'region') {
    volume = new Volume(data.header, data.cells);
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
    send([...keys], false);
  } else if (volume !== null && data.type === 'cut' && data.cut !== cut) {
    cut = data.cut;
    all();
  }
};

function all() {
  const keys = [];
  const [ox, , oz] = volume.origin;
  for (let cx = Math.floor(ox / COLUMN); cx <= Math.floor((ox + volume.sx - 1) / COLUMN); cx++) {
    for (let cz = Math.floor(oz / COLUMN); cz <= Math.floor((oz + volume.sz - 1) / COLUMN); cz++) keys.push(`${cx},${cz}`);
  }
  send(keys, true);
}

function send(keys, complete) {
  const columns = keys.map((key) => {
    const [cx, cz] = key.split(',').map(Number);
    return { key, cx, cz, ...meshColumn(volume, cx, cz, cut) };
  });
  const buffers = columns.flatMap((c) => [c.solid, c.water].filter(Boolean).flatMap((m) => Object.values(m).map((a) => a.buffer)));
  postMessage({ columns, complete, version: volume.version }, buffers);
}
