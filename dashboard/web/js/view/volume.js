// A box of blocks as the service sends it, with what the mesher and the camera ask of it.

import { blockLook, plantShape } from '../palette.js';

export const UNKNOWN = 0xffff;
const AIR = /^(air|cave_air|void_air|light|structure_void|barrier)$/;

/** Read the bytes of /api/viewer/surroundings. `light` is null where the world sends none. */
export function decodeSurroundings(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const [x, y, z] = header.size;
  const n = x * y * z, start = 4 + length, wanted = start + n * (header.light ? 3 : 2);
  if (buffer.byteLength !== wanted) throw new Error(`surroundings: ${buffer.byteLength} bytes, expected ${wanted}`);
  return { header, cells: new Uint16Array(buffer.slice(start, start + n * 2)), light: header.light ? new Uint8Array(buffer.slice(start + n * 2)) : null };
}

/**
 * Blocks of a box, their kinds, and their light: the world's own where it was sent (a byte for each cell, sky
 * light in the upper half), else spread here. After a change the light is spread anew from what comes in at
 * the edges of the box.
 */
export class Volume {
  constructor(header, cells, light = null) {
    this.origin = header.origin;
    [this.sx, this.sy, this.sz] = header.size;
    this.seq = header.seq;
    this.version = header.version;
    this.cells = cells;
    this.light = light;
    this.changed = false;
    this.kinds = header.palette.map(kind);
    this.index = new Map(header.palette.map((entry, i) => [JSON.stringify(entry), i]));
  }

  offset(x, y, z) {
    const [ox, oy, oz] = this.origin;
    const i = x - ox, j = y - oy, k = z - oz;
    if (i < 0 || j < 0 || k < 0 || i >= this.sx || j >= this.sy || k >= this.sz) return -1;
    return (i * this.sy + j) * this.sz + k;
  }

  /** The kind of block at a cell of the world; null where nothing is known. */
  at(x, y, z) {
    const o = this.offset(x, y, z);
    if (o < 0 || this.cells[o] === UNKNOWN) return null;
    return this.kinds[this.cells[o]];
  }

  /** Lay changes over the box; returns the cells that changed. */
  apply(changes) {
    const touched = [];
    for (const { pos, block } of changes) {
      const o = this.offset(...pos);
      if (o < 0) continue;
      const index = block === null ? UNKNOWN : this.indexOf(block);
      if (this.cells[o] !== index) {
        this.cells[o] = index;
        this.changed = true;
        touched.push(pos);
      }
    }
    return touched;
  }

  indexOf(entry) {
    const key = JSON.stringify(entry);
    let index = this.index.get(key);
    if (index === undefined) {
      index = this.kinds.length;
      this.kinds.push(kind(entry));
      this.index.set(key, index);
    }
    return index;
  }

  /** Bring light into two layers of 0 to 15: `sky` and `lamp`. */
  spreadLight() {
    const { cells, kinds, light, sx, sy, sz } = this;
    const n = cells.length;
    const sky = new Uint8Array(n), lamp = new Uint8Array(n);
    this.sky = sky;
    this.lamp = lamp;
    if (light !== null && !this.changed) {
      for (let o = 0; o < n; o++) { sky[o] = light[o] >> 4; lamp[o] = light[o] & 15; }
      return;
    }
    const cost = new Uint8Array(kinds.length);
    // Light falls by 1 from cell to cell; leaves and water also take 1 from what falls straight down.
    kinds.forEach((k, i) => { cost[i] = k.opaque ? 15 : k.fluid === 'water' || k.leaves ? 2 : 1; });
    const skyQueue = [], lampQueue = [];
    for (let i = 0; i < sx; i++) for (let k = 0; k < sz; k++) {
      const rim = i === 0 || k === 0 || i === sx - 1 || k === sz - 1;
      let level = light === null ? 15 : light[(i * sy + sy - 1) * sz + k] >> 4;
      for (let j = sy - 1; j >= 0; j--) {
        const o = (i * sy + j) * sz + k;
        const c = cells[o];
        if (light !== null && (rim || j === 0) && c !== UNKNOWN && cost[c] < 15) {
          if (light[o] >> 4) { sky[o] = light[o] >> 4; skyQueue.push(o); }
          if (light[o] & 15) { lamp[o] = light[o] & 15; lampQueue.push(o); }
        }
        if (c === UNKNOWN) continue;
        if (cost[c] === 15) level = 0;
        else if (level > 0 && cost[c] > 1) level -= 1;
        else if (level < 15) level = Math.max(0, level - 1);
        if (level > sky[o]) { sky[o] = level; skyQueue.push(o); }
      }
    }
    for (let o = 0; o < n; o++) {
      const c = cells[o];
      if (c !== UNKNOWN && kinds[c].light) { lamp[o] = Math.max(lamp[o], kinds[c].light); lampQueue.push(o); }
    }
    this.flood(sky, skyQueue, cost);
    this.flood(lamp, lampQueue, cost);
  }

  flood(light, queue, cost) {
    const { cells, sx, sy, sz } = this;
    const plane = sy * sz;
    for (let head = 0; head < queue.length; head++) {
      const o = queue[head];
      const level = light[o];
      if (level < 2) continue;
      const k = o % sz, j = ((o / sz) | 0) % sy, i = (o / plane) | 0;
      for (let d = 0; d < 6; d++) {
        let q;
        if (d === 0) { if (i === 0) continue; q = o - plane; }
        else if (d === 1) { if (i === sx - 1) continue; q = o + plane; }
        else if (d === 2) { if (j === 0) continue; q = o - sz; }
        else if (d === 3) { if (j === sy - 1) continue; q = o + sz; }
        else if (d === 4) { if (k === 0) continue; q = o - 1; }
        else { if (k === sz - 1) continue; q = o + 1; }
        const c = cells[q];
        if (c === UNKNOWN) continue;
        const next = level - (cost[c] === 15 ? 15 : 1);
        if (next > light[q]) { light[q] = next; queue.push(q); }
      }
    }
  }

  /** What stands on a straight line between two points of the world: the sum of what `weigh(kind)` gives. */
  between(from, to, weigh) {
    const d = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
    const steps = Math.ceil(Math.hypot(...d) * 1.5);
    let sum = 0;
    for (let s = 1; s < steps; s++) {
      const t = s / steps;
      const k = this.at(Math.floor(from[0] + d[0] * t), Math.floor(from[1] + d[1] * t), Math.floor(from[2] + d[2] * t));
      if (k && k.hides) sum += weigh(k);
    }
    return sum;
  }

  /** Whether rock or a roof, leaves aside, is over a cell. */
  covered(x, y, z) {
    for (let j = y; j < this.origin[1] + this.sy; j++) {
      const k = this.at(x, j, z);
      if (k && k.opaque && !k.wood) return true;
    }
    return false;
  }
}

function kind(entry) {
  const { name } = entry;
  const fluid = name === 'water' || name === 'bubble_column' ? 'water' : name === 'lava' ? 'lava' : null;
  const air = AIR.test(name);
  const leaves = /_leaves$/.test(name);
  const level = fluid ? Number(entry.props?.level ?? 0) : 0;
  return {
    name, air, fluid, leaves,
    props: entry.props ?? {},
    wood: /_(log|wood|stem|hyphae)$/.test(name),
    light: entry.light ?? 0,
    full: Boolean(entry.full),
    opaque: Boolean(entry.solid),
    hides: Boolean(entry.solid) || leaves,
    boxes: entry.boxes ?? null,
    shape: entry.full || air || fluid ? null : plantShape(name),
    fluidHeight: level === 0 ? 0.875 : level >= 8 ? 1 : Math.max(0.12, 0.875 - level * 0.11),
    wet: fluid === 'water' || entry.props?.waterlogged === 'true' || /^(kelp|kelp_plant|seagrass|tall_seagrass)$/.test(name),
    look: air ? null : blockLook(name),
  };
}
