// A camera that follows the bot, turned and zoomed by hand (mouse, touch, keys).

import * as THREE from 'three';

const LIMITS = { near: 4, far: 46, low: -0.1, high: 1.5 };

export class FollowCamera {
  constructor(canvas) {
    this.camera = new THREE.PerspectiveCamera(48, 1, 0.1, 400);
    this.focus = new THREE.Vector3();
    this.azimuth = 0.7;
    this.elevation = 0.52;
    this.range = 15;
    this.shown = { elevation: 0.52, range: 15 };
    this.touched = false;
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

  /** Follow a point. `clear(from, to)` says whether the view is free; `inside` looks down into a cut. */
  update(dt, point, clear, inside) {
    this.focus.lerp(point, 1 - Math.exp(-dt * 7));
    if (this.focus.distanceToSquared(point) > 400) this.focus.copy(point);
    let elevation = inside ? Math.max(this.elevation, 0.95) : this.elevation;
    if (!inside) {
      // Look over what stands in the way rather than into it.
      for (let rise = 0; rise < 9 && elevation < 1.4; rise++) {
        const place = this.place(elevation, this.range);
        if (clear(this.focus.toArray(), place.toArray())) break;
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
