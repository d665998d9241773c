// The bot, creatures and dropped things as simple figures of our own.

import * as THREE from 'three';
import { itemColour } from '../palette.js';
import { creatureParts } from './creatures.js';

const geometries = new Map();
function cube(w, h, d) {
  const key = `${w},${h},${d}`;
  let geometry = geometries.get(key);
  if (!geometry) geometries.set(key, (geometry = new THREE.BoxGeometry(w, h, d)));
  return geometry;
}

const materials = new Map();
function paint(colour, glow) {
  const key = `${colour}${glow ? '*' : ''}`;
  let material = materials.get(key);
  if (!material) materials.set(key, (material = glow ? new THREE.MeshBasicMaterial({ color: colour }) : new THREE.MeshLambertMaterial({ color: colour })));
  return material;
}

function part(parent, colour, size, at, glow) {
  const mesh = new THREE.Mesh(cube(...size), paint(colour, glow));
  mesh.position.set(...at);
  mesh.castShadow = !glow;
  parent.add(mesh);
  return mesh;
}

function limb(parent, colour, size, at) {
  const pivot = new THREE.Group();
  pivot.position.set(...at);
  part(pivot, colour, size, [0, -size[1] / 2, 0]);
  parent.add(pivot);
  return pivot;
}

/** The bot: a small friendly robot, 1.8 blocks high, facing +z. */
export class BotFigure {
  constructor() {
    this.root = new THREE.Group();
    const shell = '#e9efec', teal = '#3fb89a', dark = '#20302f';
    this.body = new THREE.Group();
    this.root.add(this.body);
    part(this.body, shell, [0.52, 0.6, 0.3], [0, 0.98, 0]);
    part(this.body, teal, [0.54, 0.14, 0.32], [0, 0.76, 0]);
    part(this.body, '#f2b75c', [0.12, 0.12, 0.02], [0.12, 1.1, 0.16], true);
    part(this.body, dark, [0.34, 0.4, 0.12], [0, 1.0, -0.2]);
    this.head = new THREE.Group();
    this.head.position.set(0, 1.3, 0);
    this.body.add(this.head);
    part(this.head, shell, [0.48, 0.44, 0.46], [0, 0.24, 0]);
    part(this.head, dark, [0.4, 0.26, 0.03], [0, 0.24, 0.235]);
    this.eyes = [part(this.head, '#7ff0d0', [0.08, 0.12, 0.02], [-0.1, 0.25, 0.256], true), part(this.head, '#7ff0d0', [0.08, 0.12, 0.02], [0.1, 0.25, 0.256], true)];
    part(this.head, teal, [0.06, 0.16, 0.06], [0, 0.54, 0]);
    part(this.head, '#f2b75c', [0.1, 0.1, 0.1], [0, 0.65, 0], true);
    this.arms = [limb(this.body, teal, [0.17, 0.56, 0.19], [-0.36, 1.26, 0]), limb(this.body, teal, [0.17, 0.56, 0.19], [0.36, 1.26, 0])];
    this.legs = [limb(this.body, dark, [0.2, 0.7, 0.22], [-0.14, 0.7, 0]), limb(this.body, dark, [0.2, 0.7, 0.22], [0.14, 0.7, 0])];
    this.tool = null;
    this.held = null;
    this.swing = 0;
    this.phase = 0;
  }

  hold(item) {
    if (item === this.held) return;
    this.held = item;
    if (this.tool) this.arms[0].remove(this.tool);
    this.tool = item === null ? null : toolFigure(item);
    if (this.tool) {
      this.tool.position.set(0, -0.52, 0.08);
      this.arms[0].add(this.tool);
    }
  }

  /** Move the limbs: `speed` in blocks a second, `working` while a block is being worked on. */
  animate(dt, speed, pitch, working) {
    this.phase += dt * Math.min(speed, 6) * 2.6;
    const stride = Math.min(speed / 4.3, 1) * 0.75;
    const s = Math.sin(this.phase) * stride;
    this.legs[0].rotation.x = s;
    this.legs[1].rotation.x = -s;
    this.arms[1].rotation.x = s * 0.9;
    this.swing += dt * (working ? 9 : 0);
    if (!working) this.swing = 0;
    this.arms[0].rotation.x = working ? -1.15 + Math.sin(this.swing) * 0.55 : -s * 0.9 - (this.tool ? 0.25 : 0);
    this.head.rotation.x += (-pitch - this.head.rotation.x) * Math.min(1, dt * 10);
    this.body.position.y = Math.abs(Math.sin(this.phase)) * 0.05 * stride;
  }
}

function toolFigure(item) {
  const group = new THREE.Group();
  const colour = itemColour(item);
  const kind = /_(pickaxe|axe|shovel|sword|hoe)$/.exec(item)?.[1];
  if (kind === 'sword') {
    part(group, '#6b4e2e', [0.06, 0.06, 0.2], [0, 0, 0]);
    part(group, colour, [0.05, 0.11, 0.62], [0, 0, 0.42]);
  } else if (kind) {
    part(group, '#7a5a35', [0.06, 0.06, 0.7], [0, 0, 0.25]);
    if (kind === 'pickaxe') part(group, colour, [0.07, 0.62, 0.1], [0, 0, 0.56]);
    else if (kind === 'axe') part(group, colour, [0.07, 0.3, 0.22], [0, -0.13, 0.52]);
    else if (kind === 'hoe') part(group, colour, [0.07, 0.3, 0.09], [0, -0.13, 0.57]);
    else part(group, colour, [0.18, 0.05, 0.22], [0, 0, 0.66]);
  } else if (item === 'stick') part(group, colour, [0.06, 0.06, 0.6], [0, 0, 0.2]);
  else part(group, colour, [0.26, 0.26, 0.26], [0, 0, 0.12]);
  return group;
}

/** A creature, a player or a dropped thing. `entity` is as the service sends it. */
export function entityFigure(entity) {
  const root = new THREE.Group();
  root.userData.limbs = [];
  if (entity.kind === 'item') {
    root.userData.spin = part(root, itemColour(entity.stack?.item ?? 'stone'), [0.26, 0.26, 0.26], [0, 0.28, 0]);
    return root;
  }
  if (/experience_orb|snowball|falling_block/.test(entity.kind)) {
    part(root, entity.kind === 'experience_orb' ? '#a6e34a' : '#b9a98c', [0.15, 0.15, 0.15], [0, 0.15, 0], entity.kind === 'experience_orb');
    return root;
  }
  for (const [colour, size, [x, y, z], role] of creatureParts(entity.kind, entity.width, entity.height)) {
    if (role === 'leg' || role === 'arm') {
      const pivot = limb(root, colour, size, [x, y + size[1] / 2, z]);
      // Legs across from each other go together.
      root.userData.limbs.push([pivot, (x < 0) === (z < 0) ? 1 : -1]);
    } else part(root, colour, size, [x, y, z], role === 'glow');
  }
  root.rotation.y = (entity.id * 2.4) % (2 * Math.PI);
  root.userData.phase = 0;
  return root;
}

/** Let a creature's limbs swing at its speed, in blocks a second. */
export function animateFigure(root, dt, speed) {
  const { limbs } = root.userData;
  if (limbs.length === 0) return;
  root.userData.phase += dt * Math.min(speed, 5) * 3;
  const swing = Math.sin(root.userData.phase) * Math.min(1, speed / 2) * 0.7;
  for (const [pivot, sign] of limbs) pivot.rotation.x = swing * sign;
}
