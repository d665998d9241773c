// A camera that follows the bot, turned and zoomed by hand (mouse, touch, keys).

import * as THREE from 'three';

const LIMITS = { near: 4, far: 46, low: -0.1, high: 1.5 };

/** What a cell of rock weighs in the way of the view; leaves and wood weigh less, since they open before the eye. */
export const ROCK = 100;

export class FollowCamera {
  constructor(canvas) {
    this.camera = new THREE.PerspectiveCamera(48, 1, 0.1, 400);
    this.focus = new THREE.Vector3();
    this.azimuth = 0.7;
    this.elevation = 0.52;
    this.range = 15;
    this.shown = { elevation: 0.52, range: 15 };
    this.touched = false;
    this.chosen = null; // where the view turns by itself: {azimuth, elevation}
    this.sinceLook = 10;
    this.jump = true; // the first choice is not a turn but the beginning
    this.pointers = new Map();
    canvas.addEventListener('pointerdown', (e) => { canvas.setPointerCapture(e.pointerId); this.pointers.set(e.pointerId, [e.clientX, e.clientY]); });
    const end = (e) => this.pointers.delete(e.pointerId);
    canvas.addEventListener('pointerup', end);
    canvas.addEventListener('pointercancel', end);
    canvas.addEventListener('pointermove', (e) => this.drag(e));
    canvas.addEventListener('wheel', (e) => { e.preventDefault(); this.zoom(Math.exp(e.deltaY * 0.0012)); }, { passive: false });
    canvas.addEventListener('keydown', (e) => {
      const turn = { ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, 0.08], ArrowDown: [0, -0.08] }[e.key];
      if (turn) this.turn(...turn);
      else if (e.key === '+' || e.key === '=') this.zoom(0.88);
      else if (e.key === '-') this.zoom(1.14);
      else return;
      e.preventDefault();
    });
  }

  drag(e) {
    const last = this.pointers.get(e.pointerId);
    if (!last) return;
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== e.pointerId)[1];
      const before = Math.hypot(last[0] - other[0], last[1] - other[1]);
      const now = Math.hypot(e.clientX - other[0], e.clientY - other[1]);
      if (now > 0) this.zoom(before / now);
    } else this.turn(-(e.clientX - last[0]) * 0.006, (e.clientY - last[1]) * 0.005);
    this.pointers.set(e.pointerId, [e.clientX, e.clientY]);
  }

  turn(azimuth, elevation) {
    this.touched = true;
    this.azimuth += azimuth;
    this.elevation = Math.min(LIMITS.high, Math.max(LIMITS.low, this.elevation + elevation));
  }

  zoom(factor) {
    this.range = Math.min(LIMITS.far, Math.max(LIMITS.near, this.range * factor));
  }

  /**
   * Until somebody takes hold of it, the view turns to where least stands between it and the bot.
   * `hidden(from, to)` weighs what stands in the way.
   */
  seek(dt, hidden) {
    this.sinceLook += dt;
    if (this.sinceLook > 1.5) {
      this.sinceLook = 0;
      const focus = this.focus.toArray();
      const weigh = (azimuth, elevation) => {
        const kept = this.azimuth;
        this.azimuth = azimuth;
        const [x, y, z] = this.place(elevation, this.range).toArray();
        this.azimuth = kept;
        // The bot itself counts most, what is beside it some.
        return [[0, 2], [-1.2, 1], [1.2, 1], [-4, 0.8], [4, 0.8]].reduce((sum, [aside, weight]) => {
          const [px, pz] = [Math.cos(azimuth) * aside, -Math.sin(azimuth) * aside];
          return sum + weight * hidden([focus[0] + px, focus[1] + 0.4, focus[2] + pz], [x + px / 2, y, z + pz / 2]);
        }, 0);
      };
      const now = this.chosen ?? { azimuth: this.azimuth, elevation: this.elevation };
      let best = { ...now, cost: weigh(now.azimuth, now.elevation) - (this.jump ? 0 : 3) };
      for (let turn = 0; turn < 16 && best.cost > 0; turn++) {
        const away = (turn % 2 ? 1 : -1) * Math.ceil(turn / 2) * (Math.PI / 8);
        for (const elevation of [0.42, 0.58, 0.8, 1.05]) {
          const cost = weigh(now.azimuth + away, elevation) + Math.abs(away) * 1.2 + Math.abs(elevation - 0.5) * 4;
          if (cost < best.cost) best = { azimuth: now.azimuth + away, elevation, cost };
        }
      }
      this.chosen = best;
    }
    const ease = this.jump ? 1 : 1 - Math.exp(-dt * 1.6);
    if (this.jump) this.shown.elevation = this.chosen.elevation;
    this.jump = false;
    this.azimuth += (this.chosen.azimuth - this.azimuth) * ease;
    this.elevation += (this.chosen.elevation - this.elevation) * ease;
  }

  /** Choose anew where to look from, at once. */
  begin(azimuth) {
    if (this.touched) return;
    Object.assign(this, { azimuth, elevation: 0.52, chosen: null, sinceLook: 10, jump: true });
  }

  /** Follow a point. `hidden(from, to)` weighs what stands between; `inside` looks down into a cut. */
  update(dt, point, hidden, inside) {
    this.focus.lerp(point, 1 - Math.exp(-dt * 7));
    if (this.focus.distanceToSquared(point) > 400) this.focus.copy(point);
    if (!this.touched && !inside) this.seek(dt, hidden);
    let elevation = inside ? Math.max(this.elevation, 0.95) : this.elevation;
    if (!inside) {
      // Look over what stands in the way rather than into it.
      for (let rise = 0; rise < 9 && elevation < 1.4; rise++) {
        const place = this.place(elevation, this.range);
        if (hidden(this.focus.toArray(), place.toArray()) < ROCK) break;
        elevation += 0.1;
      }
    }
    const ease = 1 - Math.exp(-dt * (this.pointers.size > 0 ? 18 : 3));
    this.shown.elevation += (elevation - this.shown.elevation) * ease;
    this.shown.range += (this.range - this.shown.range) * (1 - Math.exp(-dt * 8));
    this.camera.position.copy(this.place(this.shown.elevation, this.shown.range));
    this.camera.lookAt(this.focus);
  }

  place(elevation, range) {
    const flat = Math.cos(elevation) * range;
    return new THREE.Vector3(this.focus.x + Math.sin(this.azimuth) * flat, this.focus.y + Math.sin(elevation) * range, this.focus.z + Math.cos(this.azimuth) * flat);
  }
}
