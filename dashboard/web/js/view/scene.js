// The live view: blocks, sky, figures, the way ahead and the block in work.

import * as THREE from 'three';
import { FollowCamera, ROCK } from './camera.js';
import { fullHealth } from './creatures.js';
import { BotFigure, animateFigure, entityFigure } from './figures.js';
import { blockMaterial, geometryOf, shared, waterMaterial } from './material.js';
import { COLUMN } from './mesher.js';
import { makeSky, skyAt } from './sky.js';
import { Volume } from './volume.js';

const PATH_LIMIT = 96;

// What is given up, step by step, where pictures take too long: sharpness, shadows, then rate.
const QUALITY = [
  { ratio: 2, shadows: true, pause: 0 },
  { ratio: 1, shadows: true, pause: 0 },
  { ratio: 1, shadows: false, pause: 0 },
  { ratio: 0.75, shadows: false, pause: 120 },
];
const SLOW_MS = 70;

const WHITE = new THREE.Color('#ffffff'), MOONLIGHT = new THREE.Color('#7f9df0');
const EARTH = new THREE.Color('#8a8172'), MOONLIT_EARTH = new THREE.Color('#38456e');

export class WorldView {
  /** `labels` is the element over the canvas that holds the names. */
  constructor(canvas, labels) {
    this.canvas = canvas;
    this.labels = labels;
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: true, powerPreference: 'high-performance' });
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = THREE.PCFShadowMap;
    this.scene = new THREE.Scene();
    this.follow = new FollowCamera(canvas);
    this.sky = makeSky();
    this.scene.add(this.sky.mesh);
    this.hemisphere = new THREE.HemisphereLight(0xffffff, 0x8a8172, 1);
    this.sun = new THREE.DirectionalLight(0xffffff, 2);
    this.sun.castShadow = true;
    this.sun.shadow.mapSize.set(2048, 2048);
    Object.assign(this.sun.shadow.camera, { left: -30, right: 30, top: 30, bottom: -30, near: 1, far: 130 });
    this.sun.shadow.bias = -0.0006;
    this.sun.shadow.normalBias = 0.05;
    this.lantern = new THREE.PointLight('#ffd9a0', 0, 10, 1.1); // at night the bot and who is near it can be seen
    this.scene.add(this.hemisphere, this.sun, this.sun.target, this.lantern);
    this.blocks = blockMaterial();
    this.water = waterMaterial();
    this.columns = new Map();
    this.volume = null;
    this.cut = null;
    this.worker = new Worker(new URL('./mesh-worker.js', import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data }) => this.receive(data);
    this.worker.onerror = (e) => console.error(`mesh worker: ${e.message}`);
    this.bot = new BotFigure();
    this.bot.root.visible = false;
    this.scene.add(this.bot.root);
    this.want = new THREE.Vector3();
    this.speed = 0;
    this.status = null;
    this.entities = new Map();
    this.time = 6000;
    this.makeMarks();
    this.name = document.createElement('span');
    this.name.className = 'label bot';
    this.name.hidden = true;
    labels.append(this.name);
    this.ready = false; // something of the surroundings is drawn
    this.whole = false; // all of a region is drawn
    this.onReady = () => {};
    this.frames = 0;
    this.last = performance.now();
    this.pace = 30;
    this.watched = 0;
    this.setQuality(0);
    this.resize();
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
    this.renderer.setAnimationLoop(() => this.frame());
  }

  makeMarks() {
    const dot = new THREE.CylinderGeometry(0.13, 0.13, 0.05, 16);
    this.path = new THREE.InstancedMesh(dot, new THREE.MeshBasicMaterial({ color: '#8ff5d5', transparent: true, opacity: 0.85 }), PATH_LIMIT);
    this.path.count = 0;
    this.path.frustumCulled = false;
    this.target = new THREE.LineSegments(new THREE.EdgesGeometry(new THREE.BoxGeometry(1.02, 1.02, 1.02)), new THREE.LineBasicMaterial({ color: '#ffd27a' }));
    this.target.visible = false;
    this.glow = new THREE.Mesh(new THREE.BoxGeometry(1.01, 1.01, 1.01), new THREE.MeshBasicMaterial({ color: '#ffd27a', transparent: true, opacity: 0.2, depthWrite: false }));
    this.target.add(this.glow);
    this.scene.add(this.path, this.target);
  }

  setQuality(level) {
    this.quality = level;
    const { ratio, shadows } = QUALITY[level];
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, ratio));
    this.sun.castShadow = shadows;
    this.watched = 0;
  }

  /** Step down when pictures are slow for a while. A hidden page draws nothing, so long gaps say nothing. */
  watch(ms) {
    if (ms > 2500) return;
    this.pace += (ms - this.pace) * 0.15;
    if (++this.watched > 8 && this.pace > SLOW_MS && this.quality < QUALITY.length - 1) {
      this.setQuality(this.quality + 1);
      this.resize();
    }
  }

  resize() {
    const { clientWidth: w, clientHeight: h } = this.canvas.parentElement;
    if (w === 0 || h === 0) return;
    this.renderer.setSize(w, h, false);
    this.follow.camera.aspect = w / h;
    // Where cards lie over the lower part, the bot is shown above the middle.
    const over = matchMedia('(min-width: 821px)').matches ? Math.min(90, h * 0.11) : 0;
    this.follow.camera.setViewOffset(w, h, 0, over, w, h);
  }

  /** Another region, as decoded. Its arrays are left as they are. */
  setRegion({ header, cells, light }) {
    if (this.volume === null) this.follow.begin(this.follow.azimuth);
    this.volume = new Volume(header, cells.slice(), light);
    const reach = Math.min(header.size[0], header.size[2]) / 2;
    shared.uRadius.value = reach;
    this.cut = this.cutFor();
    this.worker.postMessage({ type: 'region', header, cells, light, cut: this.cut });
  }

  applyChanges(seq, changes) {
    if (this.volume === null || seq <= this.volume.seq) return;
    this.volume.seq = seq;
    this.volume.apply(changes);
    this.worker.postMessage({ type: 'changes', changes });
  }

  // A column that was meshed, or at the end of a region the list of all that belong to it.
  receive({ column, keep }) {
    if (keep) {
      const kept = new Set(keep);
      for (const key of [...this.columns.keys()]) if (!kept.has(key)) this.drop(key);
      this.whole = true;
      return;
    }
    this.drop(column.key);
    const meshes = [];
    for (const [mesh, material] of [[column.solid, this.blocks], [column.water, this.water]]) {
      if (mesh === null) continue;
      const object = new THREE.Mesh(geometryOf(mesh), material);
      object.position.set(column.cx * COLUMN, 0, column.cz * COLUMN);
      object.castShadow = material === this.blocks;
      object.receiveShadow = true;
      object.matrixAutoUpdate = false;
      object.updateMatrix();
      this.scene.add(object);
      meshes.push(object);
    }
    this.columns.set(column.key, meshes);
    if (!this.ready) {
      this.ready = true;
      this.frame(true); // the first picture does not wait for its turn
      this.onReady();
    }
  }

  drop(key) {
    for (const mesh of this.columns.get(key) ?? []) {
      this.scene.remove(mesh);
      mesh.geometry.dispose();
    }
    this.columns.delete(key);
  }

  setStatus(status) {
    this.status = status;
    const body = status.body;
    if (!body) { this.bot.root.visible = false; this.name.hidden = true; return; }
    this.want.set(...body.position);
    if (!this.bot.root.visible || this.bot.root.position.distanceToSquared(this.want) > 100) {
      this.bot.root.position.copy(this.want);
      this.follow.focus.copy(this.want);
      this.follow.begin(-body.yaw + Math.PI + 0.75);
    }
    this.bot.root.visible = true;
    this.name.hidden = false;
    this.name.textContent = status.bot;
    this.bot.hold(status.inventory?.held ?? null);
    this.showPath(status.path ?? []);
    const target = status.target;
    this.target.visible = Boolean(target);
    if (target) this.target.position.set(target[0] + 0.5, target[1] + 0.5, target[2] + 0.5);
    const cut = this.cutFor();
    if (cut !== this.cut) {
      this.cut = cut;
      this.worker.postMessage({ type: 'cut', cut });
    }
  }

  // Under rock the view opens like a doll's house: what is above the bot's head is left out.
  cutFor() {
    const body = this.status?.body;
    if (!body || this.volume === null) return null;
    const [x, y, z] = [Math.floor(body.position[0]), Math.floor(body.position[1] + 1e-6), Math.floor(body.position[2])];
    return this.volume.covered(x, y + 2, z) ? y + 2 : null;
  }

  showPath(cells) {
    const m = new THREE.Matrix4();
    this.path.count = Math.min(cells.length, PATH_LIMIT);
    for (let i = 0; i < this.path.count; i++) {
      const last = i === cells.length - 1;
      const s = last ? 2 : 1;
      m.makeScale(s, 1, s).setPosition(cells[i][0] + 0.5, cells[i][1] + 0.06, cells[i][2] + 0.5);
      this.path.setMatrixAt(i, m);
    }
    this.path.instanceMatrix.needsUpdate = true;
  }

  setEntities(list) {
    const seen = new Set();
    for (const entity of list) {
      seen.add(entity.id);
      let shown = this.entities.get(entity.id);
      if (!shown) {
        shown = { figure: entityFigure(entity), want: new THREE.Vector3(...entity.position), label: null, bar: null, height: entity.height, speed: 0, full: fullHealth(entity.kind) };
        shown.figure.position.copy(shown.want);
        if (entity.name) {
          shown.label = this.mark('label');
          shown.label.textContent = entity.name;
        }
        this.scene.add(shown.figure);
        this.entities.set(entity.id, shown);
      }
      shown.want.set(...entity.position);
      this.showHealth(shown, entity.health);
    }
    for (const [id, shown] of [...this.entities]) {
      if (seen.has(id)) continue;
      this.scene.remove(shown.figure);
      shown.label?.remove();
      shown.bar?.remove();
      this.entities.delete(id);
    }
  }

  mark(name) {
    const element = document.createElement('span');
    element.className = name;
    this.labels.append(element);
    return element;
  }

  // Only who is hurt carries a bar.
  showHealth(shown, health) {
    if (health === undefined) return;
    shown.full = Math.max(shown.full, health);
    if (health >= shown.full && shown.bar === null) return;
    if (shown.bar === null) {
      shown.bar = this.mark('wound');
      shown.bar.append(document.createElement('i'));
    }
    shown.bar.style.display = health >= shown.full ? 'none' : '';
    shown.bar.firstChild.style.width = `${Math.max(0, 100 * health / shown.full)}%`;
  }

  /** Draw one picture; `atOnce` even if the next one is not due yet. */
  frame(atOnce = false) {
    const now = performance.now();
    if (!atOnce && now - this.last < QUALITY[this.quality].pause) return;
    this.watch(now - this.last);
    const dt = Math.min(0.25, (now - this.last) / 1000);
    this.last = now;
    const root = this.bot.root;
    const body = this.status?.body;
    if (body) {
      const before = root.position.clone();
      root.position.lerp(this.want, 1 - Math.exp(-dt * 11));
      const moved = Math.hypot(root.position.x - before.x, root.position.z - before.z) / Math.max(dt, 1e-3);
      this.speed += (moved - this.speed) * Math.min(1, dt * 8);
      const turn = Math.atan2(Math.sin(-body.yaw - root.rotation.y), Math.cos(-body.yaw - root.rotation.y));
      root.rotation.y += turn * (1 - Math.exp(-dt * 10));
      root.rotation.z += ((body.alive ? 0 : Math.PI / 2) - root.rotation.z) * Math.min(1, dt * 6);
      this.bot.animate(dt, this.speed < 0.15 ? 0 : this.speed, body.pitch, this.target.visible && this.speed < 0.4);
      this.time = body.timeOfDay;
    }
    for (const shown of this.entities.values()) {
      const { figure, want } = shown;
      const dx = want.x - figure.position.x, dz = want.z - figure.position.z;
      const share = 1 - Math.exp(-dt * 9);
      shown.speed += (Math.hypot(dx, dz) * share / Math.max(dt, 1e-3) - shown.speed) * Math.min(1, dt * 6);
      if (dx * dx + dz * dz > 0.0025 && !figure.userData.spin) figure.rotation.y = Math.atan2(dx, dz);
      figure.position.lerp(want, share);
      animateFigure(figure, dt, shown.speed < 0.1 ? 0 : shown.speed);
      if (figure.userData.spin) {
        figure.userData.spin.rotation.y = now / 700;
        figure.userData.spin.position.y = 0.3 + Math.sin(now / 420) * 0.06;
      }
    }
    const pulse = 0.5 + 0.5 * Math.sin(now / 260);
    this.glow.material.opacity = 0.1 + 0.16 * pulse;
    const chest = root.position.clone();
    chest.y += 1.1;
    const hidden = (a, b) => (this.volume === null ? 0 : this.volume.between(a, b, (k) => (k.leaves || k.wood ? 1 : ROCK)));
    this.follow.update(dt, chest, hidden, this.cut !== null);
    this.light(chest, now);
    this.renderer.render(this.scene, this.follow.camera);
    this.placeLabels();
    this.frames++;
  }

  light(chest, now) {
    const sky = skyAt(this.time);
    const rain = this.status?.body?.raining ? 0.45 : 0;
    const grey = new THREE.Color('#7f8a92').multiplyScalar(sky.night ? 0.25 : 1);
    const u = this.sky.uniforms;
    u.uZenith.value.copy(sky.zenith).lerp(grey, rain);
    u.uHorizon.value.copy(sky.horizon).lerp(grey, rain);
    u.uSun.value.copy(sky.sun).multiplyScalar(1 - rain);
    u.uDirection.value.copy(sky.direction);
    u.uNight.value += ((sky.night ? 1 : 0) - u.uNight.value) * 0.05;
    if (this.cut !== null) {
      // Underground there is no horizon: a quiet dark.
      u.uZenith.value.set('#0d1214');
      u.uHorizon.value.set('#141b1e');
      u.uSun.value.set('#000000');
    }
    shared.uHaze.value.copy(u.uHorizon.value);
    shared.uFocus.value.copy(chest);
    shared.uEye.value.copy(this.follow.camera.position);
    shared.uTime.value = (now / 1000) % 1000;
    shared.uDay.value = 1 - sky.dark;
    shared.uLamp.value = this.cut !== null ? 1.15 : 0.5;
    this.hemisphere.color.copy(sky.horizon).lerp(WHITE, 0.45).lerp(MOONLIGHT, sky.dark);
    this.hemisphere.groundColor.copy(EARTH).lerp(MOONLIT_EARTH, sky.dark);
    this.hemisphere.intensity = sky.ambient * (1.75 - 0.4 * sky.dark) * (1 - rain * 0.3);
    this.lantern.intensity = this.cut !== null ? 2.5 : 2.5 * sky.dark;
    this.lantern.position.copy(this.follow.camera.position).sub(chest).setLength(2).add(chest);
    this.sun.color.copy(sky.sun);
    this.sun.intensity = sky.sunPower * (1 - rain);
    // Moved in whole steps, or shadows crawl.
    const c = chest.clone().divideScalar(4).round().multiplyScalar(4);
    this.sun.target.position.copy(c);
    this.sun.position.copy(c).addScaledVector(sky.direction, 60);
  }

  placeLabels() {
    const camera = this.follow.camera;
    const { clientWidth: w, clientHeight: h } = this.canvas.parentElement;
    const p = new THREE.Vector3();
    const put = (label, at, height) => {
      p.copy(at);
      p.y += height;
      p.project(camera);
      label.hidden = p.z > 1;
      label.style.transform = `translate(-50%, -100%) translate(${((p.x + 1) * w) / 2}px, ${((1 - p.y) * h) / 2}px)`;
    };
    if (this.bot.root.visible) put(this.name, this.bot.root.position, 2.25);
    for (const { figure, label, bar, height } of this.entities.values()) {
      if (label) put(label, figure.position, height + 0.4);
      if (bar) put(bar, figure.position, height + (label ? 0.25 : 0.35));
    }
  }
}
