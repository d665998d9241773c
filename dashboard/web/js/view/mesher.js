// Blocks to triangles: the visible faces of one column of 16 by 16 cells, with light and corner shading.

import { PATTERN, rgb, shade } from '../palette.js';
import { UNKNOWN } from './volume.js';

export const COLUMN = 16;

// For each side: the direction, and the four corners counter-clockwise as seen from outside.
const SIDES = [
  { d: [0, 1, 0], c: [[0, 1, 1], [1, 1, 1], [1, 1, 0], [0, 1, 0]], face: 'top' },
  { d: [0, -1, 0], c: [[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]], face: 'bottom' },
  { d: [1, 0, 0], c: [[1, 0, 1], [1, 0, 0], [1, 1, 0], [1, 1, 1]], face: 'side' },
  { d: [-1, 0, 0], c: [[0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 1, 0]], face: 'side' },
  { d: [0, 0, 1], c: [[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], face: 'side' },
  { d: [0, 0, -1], c: [[1, 0, 0], [0, 0, 0], [0, 1, 0], [1, 1, 0]], face: 'side' },
];
const CUT_FACE = ['#2a3034', '#343b40', PATTERN.CUT];
const CORNER = [0.46, 0.66, 0.84, 1];

const linear = new Map();
function colour(hex) {
  let bytes = linear.get(hex);
  if (bytes === undefined) {
    bytes = rgb(hex).map((v) => Math.round((v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4) * 255));
    linear.set(hex, bytes);
  }
  return bytes;
}

class Builder {
  constructor() {
    this.position = []; this.normal = []; this.base = []; this.accent = []; this.aux = []; this.index = [];
  }

  vertex(p, n, look, ao, sky, lamp) {
    this.position.push(p[0], p[1], p[2]);
    this.normal.push(n[0] * 127, n[1] * 127, n[2] * 127);
    this.base.push(...colour(look[0]));
    this.accent.push(...colour(look[1]));
    this.aux.push(look[2], Math.round(ao * 255), Math.round(sky * 17), Math.round(lamp * 17));
  }

  quad(corners, n, look, ao, sky, lamp) {
    const v = this.position.length / 3;
    for (let i = 0; i < 4; i++) this.vertex(corners[i], n, look, ao[i], sky[i], lamp[i]);
    // Split along the brighter diagonal, or shading shows the triangles.
    if (ao[0] * 15 + sky[0] + ao[2] * 15 + sky[2] >= ao[1] * 15 + sky[1] + ao[3] * 15 + sky[3]) this.index.push(v, v + 1, v + 2, v, v + 2, v + 3);
    else this.index.push(v + 1, v + 2, v + 3, v + 1, v + 3, v);
  }

  triangle(corners, n, look, ao, sky, lamp) {
    const v = this.position.length / 3;
    for (let i = 0; i < 3; i++) this.vertex(corners[i], n, look, ao[i], sky, lamp);
    this.index.push(v, v + 1, v + 2);
  }

  done() {
    if (this.index.length === 0) return null;
    return {
      position: new Float32Array(this.position), normal: new Int8Array(this.normal), base: new Uint8Array(this.base),
      accent: new Uint8Array(this.accent), aux: new Uint8Array(this.aux), index: new Uint32Array(this.index),
    };
  }
}

/** A number from 0 to 1 that belongs to a cell. */
function noise(x, y, z, salt) {
  let h = (x * 374761393 + y * 668265263 + z * 2147483647 + salt * 974634777) | 0;
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/**
 * The faces of the column whose lowest corner is (cx, cz) times 16. Positions are relative to that corner.
 * `cut` hides everything above that height, as in an architect's section; null hides nothing.
 */
export function meshColumn(volume, cx, cz, cut) {
  const solid = new Builder(), water = new Builder();
  const { sy, sz, cells, kinds } = volume;
  const [ox, oy, oz] = volume.origin;
  const x0 = cx * COLUMN, z0 = cz * COLUMN;
  const top = cut === null ? oy + sy - 1 : Math.min(oy + sy - 1, cut);

  // What a neighbour is: null means that faces towards it are not drawn (the edge of what is known).
  const look = (x, y, z) => {
    if (y > top) return y >= oy + sy ? AIR : CUT_AIR;
    const o = volume.offset(x, y, z);
    if (o < 0 || cells[o] === UNKNOWN) return null;
    return kinds[cells[o]];
  };
  const hides = (x, y, z) => {
    const k = look(x, y, z);
    return k !== null && k.hides;
  };
  const lightAt = (layer, x, y, z, dark) => {
    const o = volume.offset(x, y, z);
    return o < 0 ? dark : layer[o];
  };

  const shadeCorner = (x, y, z, d, corner) => {
    // The three cells that touch this corner on the outer side of the face.
    const t = [0, 1, 2].filter((axis) => d[axis] === 0);
    const s = t.map((axis) => (corner[axis] > 0.5 ? 1 : -1));
    const n = [x + d[0], y + d[1], z + d[2]];
    const a = [...n], b = [...n], c = [...n];
    a[t[0]] += s[0]; b[t[1]] += s[1]; c[t[0]] += s[0]; c[t[1]] += s[1];
    const ha = hides(...a), hb = hides(...b), hc = hides(...c);
    const ao = ha && hb ? 0 : 3 - (ha + hb + hc);
    let sky = lightAt(volume.sky, ...n, 15), lamp = lightAt(volume.lamp, ...n, 0), count = 1;
    for (const [cell, hidden] of [[a, ha], [b, hb], [c, hc || (ha && hb)]]) {
      if (hidden) continue;
      sky += lightAt(volume.sky, ...cell, 15); lamp += lightAt(volume.lamp, ...cell, 0); count++;
    }
    return [CORNER[ao], sky / count, lamp / count];
  };

  const face = (builder, x, y, z, side, paint, lift) => {
    const ao = [], sky = [], lamp = [], corners = [];
    for (const c of side.c) {
      const [a, s, l] = shadeCorner(x, y, z, side.d, c);
      ao.push(a); sky.push(s); lamp.push(l);
      corners.push([x - x0 + c[0], y + (lift === null ? c[1] : Math.min(c[1], lift)), z - z0 + c[2]]);
    }
    builder.quad(corners, side.d, paint, ao, sky, lamp);
  };

  const box = (x, y, z, b, looks, glow) => {
    const o = volume.offset(x, y, z);
    const s = o < 0 ? 15 : Math.max(volume.sky[o], 0), l = Math.max(o < 0 ? 0 : volume.lamp[o], glow ?? 0);
    const sky = [s, s, s, s], lamp = [l, l, l, l];
    for (const side of SIDES) {
      const corners = side.c.map((c) => [x - x0 + (c[0] ? b[3] : b[0]), y + (c[1] ? b[4] : b[1]), z - z0 + (c[2] ? b[5] : b[2])]);
      const ao = side.face === 'side' ? side.c.map((c) => (c[1] ? 1 : 0.8)) : side.face === 'bottom' ? [0.6, 0.6, 0.6, 0.6] : [1, 1, 1, 1];
      solid.quad(corners, side.d, looks[side.face], ao, sky, lamp);
    }
  };

  const blades = (x, y, z, k) => {
    const o = volume.offset(x, y, z);
    const s = volume.sky[o], l = volume.lamp[o];
    const tall = /tall|large|wheat|kelp|seagrass|vine/.test(k.name);
    const count = tall ? 11 : 8;
    for (let i = 0; i < count; i++) {
      const px = 0.14 + 0.72 * noise(x, y, z, i), pz = 0.14 + 0.72 * noise(z, y, x, i + 40);
      const angle = noise(x, z, y, i + 80) * Math.PI * 2, h = (tall ? 0.72 : 0.3) + 0.34 * noise(y, x, z, i + 120);
      const w = 0.05 + 0.03 * noise(x, y, z, i + 160), lean = 0.16;
      const dx = Math.cos(angle), dz = Math.sin(angle);
      const tone = 0.86 + 0.3 * noise(x, y, z, i + 200);
      const paint = [shade(k.look.top[0], tone), shade(k.look.top[0], tone), PATTERN.FLAT];
      const bx = x - x0 + px, bz = z - z0 + pz;
      const a = [bx - dx * w, y, bz - dz * w], b = [bx + dx * w, y, bz + dz * w];
      const tip = [bx - dz * lean * h + dx * 0.03, y + h, bz + dx * lean * h];
      solid.triangle([a, b, tip], [0, 1, 0], paint, [0.7, 0.7, 1], s, l);
      solid.triangle([b, a, tip], [0, 1, 0], paint, [0.7, 0.7, 1], s, l);
    }
  };

  const flat = (hex) => { const f = [hex, shade(hex, 0.9), PATTERN.FLAT]; return { top: f, side: f, bottom: f }; };
  const glowing = (hex) => { const f = [hex, hex, PATTERN.GLOW]; return { top: f, side: f, bottom: f }; };

  const plant = (x, y, z, k) => {
    const hex = k.look.top[0];
    switch (k.shape) {
      case 'blades': blades(x, y, z, k); break;
      case 'flower': {
        const px = 0.35 + 0.3 * noise(x, y, z, 3), pz = 0.35 + 0.3 * noise(x, y, z, 4), h = 0.38 + 0.15 * noise(x, y, z, 5);
        box(x, y, z, [px - 0.03, 0, pz - 0.03, px + 0.03, h, pz + 0.03], flat('#5c8f3c'));
        box(x, y, z, [px - 0.1, h, pz - 0.1, px + 0.1, h + 0.12, pz + 0.1], flat(hex));
        box(x, y, z, [px - 0.04, h + 0.12, pz - 0.04, px + 0.04, h + 0.15, pz + 0.04], flat('#f3dd7a'));
        break;
      }
      case 'torch': {
        const f = k.props.facing;
        const lean = { north: [0, 0.34], south: [0, -0.34], east: [-0.34, 0], west: [0.34, 0] }[f] ?? [0, 0];
        const lift = f ? 0.2 : 0;
        const [px, pz] = [0.5 + lean[0], 0.5 + lean[1]];
        box(x, y, z, [px - 0.06, lift, pz - 0.06, px + 0.06, lift + 0.5, pz + 0.06], flat('#8f6a3c'));
        box(x, y, z, [px - 0.07, lift + 0.5, pz - 0.07, px + 0.07, lift + 0.65, pz + 0.07], glowing('#ffd477'), 15);
        break;
      }
      case 'sapling':
        box(x, y, z, [0.45, 0, 0.45, 0.55, 0.4, 0.55], flat('#6d5535'));
        box(x, y, z, [0.28, 0.3, 0.28, 0.72, 0.68, 0.72], k.look);
        box(x, y, z, [0.36, 0.68, 0.36, 0.64, 0.86, 0.64], k.look);
        break;
      case 'mushroom':
        box(x, y, z, [0.42, 0, 0.42, 0.58, 0.28, 0.58], flat('#e6ddd0'));
        box(x, y, z, [0.28, 0.24, 0.28, 0.72, 0.42, 0.72], flat(hex));
        break;
      case 'cane':
        for (const [px, pz] of [[0.3, 0.35], [0.68, 0.3], [0.5, 0.7]]) box(x, y, z, [px - 0.07, 0, pz - 0.07, px + 0.07, 1, pz + 0.07], flat(hex));
        break;
      case 'fire': box(x, y, z, [0.2, 0, 0.2, 0.8, 0.7, 0.8], glowing('#f59a2e'), 15); break;
      case 'layer': {
        const layers = Number(k.props.layers ?? 1);
        box(x, y, z, [0, 0, 0, 1, k.name === 'snow' ? layers / 8 : 0.06, 1], k.look);
        break;
      }
      default: box(x, y, z, [0.38, 0, 0.38, 0.62, 0.7, 0.62], k.look);
    }
  };

  for (let x = Math.max(x0, ox); x < Math.min(x0 + COLUMN, ox + volume.sx); x++) {
    for (let y = oy; y <= top; y++) {
      let o = volume.offset(x, y, Math.max(z0, oz));
      for (let z = Math.max(z0, oz); z < Math.min(z0 + COLUMN, oz + sz); z++, o++) {
        const c = cells[o];
        if (c === UNKNOWN) continue;
        const k = kinds[c];
        if (k.air) continue;
        if (k.full) {
          for (const side of SIDES) {
            const n = look(x + side.d[0], y + side.d[1], z + side.d[2]);
            if (n === null || n.hides || (n.full && n.name === k.name)) continue;
            const section = n === CUT_AIR && side.face === 'top' && k.opaque;
            let paint = section ? CUT_FACE : k.look[side.face];
            if (!section && k.props.axis && k.props.axis !== 'y') paint = turned(k, side);
            if (!section && k.props.snowy === 'true' && side.face === 'top') paint = ['#f1f6f8', '#e2ecf1', PATTERN.SAND];
            if (section) {
              const corners = side.c.map((q) => [x - x0 + q[0], y + q[1], z - z0 + q[2]]);
              solid.quad(corners, side.d, paint, [1, 1, 1, 1], [15, 15, 15, 15], [0, 0, 0, 0]);
            } else face(solid, x, y, z, side, paint, null);
          }
          continue;
        }
        if (k.wet || k.fluid) {
          const builder = k.fluid === 'lava' ? solid : water;
          const paint = k.fluid === 'lava' ? k.look.top : ['#3f78c4', '#3f78c4', PATTERN.FLAT];
          for (const side of SIDES) {
            const n = look(x + side.d[0], y + side.d[1], z + side.d[2]);
            if (n === null || n.opaque || n.wet || (k.fluid === 'lava' && n.fluid === 'lava')) continue;
            face(builder, x, y, z, side, paint, k.fluid ? k.fluidHeight : 0.875);
          }
        }
        if (k.fluid) continue;
        if (k.shape !== null) plant(x, y, z, k);
        else if (k.boxes) for (const b of k.boxes) box(x, y, z, [b[0], b[1], b[2], b[3], Math.min(b[4], 1), b[5]], k.look);
        else plant(x, y, z, { ...k, shape: 'post' });
      }
    }
  }
  return { solid: solid.done(), water: water.done() };
}

const AIR = { air: true, hides: false, full: false, opaque: false, wet: false, fluid: null, name: 'air' };
const CUT_AIR = { ...AIR };

// A log that lies: its rings look along its axis.
function turned(k, side) {
  const along = k.props.axis === 'x' ? side.d[0] !== 0 : side.d[2] !== 0;
  return along ? k.look.top : k.look.side;
}
