// A plain picture of the surroundings on a 2D canvas: columns of blocks seen from a corner. It is there before
// the 3D view stands, and stays where there is no WebGL. It takes the same calls as the 3D view.

import { itemColour, shade } from '../palette.js';
import { creatureColours } from './creatures.js';
import { daylight } from './daylight.js';
import { Volume } from './volume.js';

const TILE = 13; // half the width of a cell, in pixels
const RISE = 14; // pixels a block is high

export class MapView {
  constructor(canvas) {
    this.canvas = canvas;
    this.volume = null;
    this.status = null;
    this.entities = [];
    this.ground = document.createElement('canvas');
    this.stale = true;
    this.due = false;
    this.ready = false;
    this.watcher = new ResizeObserver(() => { this.stale = true; this.later(); });
    this.watcher.observe(canvas.parentElement);
  }

  setRegion({ header, cells }) {
    this.volume = new Volume(header, cells);
    this.stale = true;
    this.draw(); // at once: this is the first thing there is to see
  }

  applyChanges(seq, changes) {
    if (this.volume === null || this.volume.apply(changes).length === 0) return;
    this.stale = true;
    this.later();
  }

  setStatus(status) {
    const cell = (s) => s?.body?.position.map(Math.floor).join();
    this.stale ||= cell(status) !== cell(this.status);
    this.status = status;
    this.later();
  }

  setEntities(list) { this.entities = list; this.later(); }

  dispose() { this.watcher.disconnect(); this.volume = null; }

  later() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => { this.due = false; this.draw(); });
  }

  draw() {
    const { clientWidth: w, clientHeight: h } = this.canvas.parentElement;
    if (this.volume === null || w === 0 || h === 0) return;
    const { origin: [ox, oy, oz], sx, sy, sz } = this.volume;
    const [bx, by, bz] = this.status?.body?.position ?? [ox + sx / 2, oy + sy / 2, oz + sz / 2];
    this.eye = [bx, by, bz, w / 2, h * 0.46];
    if (this.stale) {
      this.stale = false;
      this.ground.width = w;
      this.ground.height = h;
      this.drawGround(this.ground.getContext('2d'), w, h);
      this.drawn = this.eye;
    }
    if (this.canvas.width !== w || this.canvas.height !== h) [this.canvas.width, this.canvas.height] = [w, h];
    const g = this.canvas.getContext('2d');
    g.clearRect(0, 0, w, h);
    g.drawImage(this.ground, 0, 0);
    this.eye = this.drawn;
    for (const cell of this.status?.path ?? []) this.dot(g, [cell[0] + 0.5, cell[1], cell[2] + 0.5], 3, '#8ff5d5');
    for (const e of this.entities) {
      const item = e.kind === 'item';
      this.figure(g, e.position, item ? 4 : 4 + e.width * 5, item ? 5 : e.height * RISE, item ? itemColour(e.stack?.item ?? 'stone') : creatureColours(e.kind)[0]);
    }
    if (this.status?.body) this.figure(g, this.status.body.position, 9, 1.8 * RISE, '#7ff0d0');
    this.ready = true;
  }

  place([x, y, z]) {
    const [bx, by, bz, px, py] = this.eye;
    const dx = x - bx, dz = z - bz;
    return [px + (dx - dz) * TILE, py + ((dx + dz) * TILE) / 2 - (y - by) * RISE];
  }

  drawGround(g, w, h) {
    const { volume } = this;
    const { origin: [ox, oy, oz], sx, sy, sz } = volume;
    const time = this.status?.body?.timeOfDay ?? 6000;
    g.fillStyle = daylight(time).horizon;
    g.fillRect(0, 0, w, h);
    // Under rock what is above the head is left out.
    const body = this.status?.body?.position.map((v) => Math.floor(v + 1e-6));
    const top = body && volume.covered(body[0], body[1] + 2, body[2]) ? body[1] + 1 : oy + sy - 1;
    // Two layers: the ground, and over it the crowns of trees.
    const none = oy - 1;
    const crowns = new Int32Array(sx * sz).fill(none), grounds = new Int32Array(sx * sz).fill(none);
    for (let i = 0; i < sx; i++) for (let k = 0; k < sz; k++) {
      for (let y = top; y >= oy; y--) {
        const b = volume.at(ox + i, y, oz + k);
        if (!b || b.air || b.shape) continue;
        const tree = b.leaves || b.wood;
        if (tree && crowns[i * sz + k] === none) crowns[i * sz + k] = y;
        if (!tree) { grounds[i * sz + k] = y; break; }
      }
    }
    const heightIn = (layer) => (i, k) => (i < 0 || k < 0 || i >= sx || k >= sz ? none : layer[i * sz + k]);
    const face = (points, colour) => {
      g.fillStyle = colour;
      g.strokeStyle = colour; // closes the seams between faces
      g.beginPath();
      for (const [x, y] of points) g.lineTo(x, y);
      g.closePath();
      g.fill();
      g.stroke();
    };
    const tones = new Map();
    const tone = (hex, f) => {
      const key = `${hex}${f}`;
      if (!tones.has(key)) tones.set(key, shade(hex, f));
      return tones.get(key);
    };
    const ground = heightIn(grounds), crown = heightIn(crowns);
    const surface = (i, k, at) => {
      const y = at(i, k);
      if (y < oy) return;
      const x = ox + i, z = oz + k;
      const [cx, cy] = this.place([x, y + 1, z]);
      if (cx < -40 || cx > w + 40 || cy < -40 || cy > h + 120) return;
      const far = [cx, cy + TILE], left = [cx - TILE, cy + TILE / 2], right = [cx + TILE, cy + TILE / 2];
      const block = volume.at(x, y, z);
      // A step up behind throws a little shade, so that heights can be read.
      const lee = at(i - 1, k) > y || at(i, k - 1) > y ? 0.86 : 1;
      face([[cx, cy], right, far, left], tone(block.look.top[0], lee + (((x * 7 + z * 13) % 5) - 2) * 0.012));
      const sides = [[at(i, k + 1), left, far, 0.74], [at(i + 1, k), far, right, 0.6]];
      for (const [low, a, b, f] of sides) {
        for (let d = y; d > Math.max(low, y - 24) && d >= oy; d--) {
          const side = volume.at(x, d, z);
          if (!side || side.air || side.shape || (at === crown && !side.leaves && !side.wood)) continue;
          const [up, down] = [(y - d) * RISE, (y - d + 1) * RISE];
          face([[a[0], a[1] + up], [b[0], b[1] + up], [b[0], b[1] + down], [a[0], a[1] + down]], tone(side.look.side[0], f));
        }
      }
    };
    for (let i = 0; i < sx; i++) for (let k = 0; k < sz; k++) {
      surface(i, k, ground);
      surface(i, k, crown);
    }
    g.fillStyle = daylight(time).veil;
    g.fillRect(0, 0, w, h);
  }

  dot(g, point, r, colour) {
    const [x, y] = this.place(point);
    g.fillStyle = colour;
    g.beginPath();
    g.ellipse(x, y, r, r / 2, 0, 0, 7);
    g.fill();
  }

  figure(g, point, width, height, colour) {
    const [x, y] = this.place(point);
    this.dot(g, point, width * 0.7, 'rgb(0 0 0 / 35%)');
    g.fillStyle = colour;
    g.fillRect(x - width / 2, y - height, width, height);
    g.fillStyle = 'rgb(0 0 0 / 25%)';
    g.fillRect(x, y - height, width / 2, height);
  }
}
