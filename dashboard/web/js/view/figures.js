// The bot, creatures and dropped things as simple figures of our own.

import * as THREE from 'three';
import { itemColour } from '../palette.js';

const CREATURES = {
  cow: ['#5a4334', '#e8e0d6'], pig: ['#eba5a2', '#d98884'], sheep: ['#eef0ee', '#c9b8a4'], chicken: ['#f4f4f0', '#e2a93c'],
  zombie: ['#5f8f56', '#3a6e82'], husk: ['#9a8457', '#6e6044'], drowned: ['#4e9a8e', '#3a6e6a'], skeleton: ['#c9ccca', '#8c908f'],
  creeper: ['#62b04f', '#2e5e28'], spider: ['#3a322f', '#b02f2f'], enderman: ['#1c1a20', '#c06ae0'], slime: ['#7fc46a', '#5a9a48'],
  wolf: ['#c9c4bd', '#8f8a83'], villager: ['#8a5f45', '#c99a7c'], iron_golem: ['#d2cdc4', '#8a8f6a'], player: ['#5b8fd6', '#e2b48f'],
  rabbit: ['#b08a60', '#d9c4a5'], horse: ['#8a5c36', '#3d2a1a'], squid: ['#3d5a80', '#293d58'], cod: ['#b99b6e', '#8c7450'], salmon: ['#b8483f', '#6f7f66'], bat: ['#4a4038', '#2f2924'],
};
const HUMAN = new Set(['player', 'zombie', 'husk', 'drowned', 'skeleton', 'enderman', 'villager', 'iron_golem', 'witch', 'pillager', 'stray']);

const geometries = new Map();
function cube(w, h, d) {
  const key = `${w},${h},${d}`;
  let geometry = geometries.get(key);
  if (!geometry) geometries.set(key, (geometry = new THREE.BoxGeometry(w, h, d)));
  return geometry;
}

function part(parent, colour, size, at, glow) {
  const material = glow ? new THREE.MeshBasicMaterial({ color: colour }) : new THREE.MeshLambertMaterial({ color: colour });
  const mesh = new THREE.Mesh(cube(...size), material);
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
  if (entity.kind === 'item') {
    const mesh = part(root, itemColour(entity.stack?.item ?? 'stone'), [0.26, 0.26, 0.26], [0, 0.28, 0]);
    root.userData.spin = mesh;
    return root;
  }
  if (/arrow|experience_orb|snowball|falling_block/.test(entity.kind)) {
    part(root, entity.kind === 'experience_orb' ? '#a6e34a' : '#b9a98c', [0.15, 0.15, 0.15], [0, 0.15, 0], entity.kind === 'experience_orb');
    return root;
  }
  const [main, second] = CREATURES[entity.kind] ?? ['#8a8f96', '#6a6f76'];
  const h = entity.height, w = entity.width;
  if (HUMAN.has(entity.kind)) {
    part(root, main, [w * 0.85, h * 0.38, w * 0.5], [0, h * 0.57, 0]);
    part(root, entity.kind === 'player' ? second : main, [w * 0.78, h * 0.25, w * 0.78], [0, h * 0.88, 0]);
    part(root, second, [w * 0.32, h * 0.38, w * 0.38], [-w * 0.2, h * 0.19, 0]);
    part(root, second, [w * 0.32, h * 0.38, w * 0.38], [w * 0.2, h * 0.19, 0]);
  } else {
    part(root, main, [w * 0.85, h * 0.45, w * 1.25], [0, h * 0.6, 0]);
    part(root, second, [w * 0.6, h * 0.38, w * 0.5], [0, h * 0.82, w * 0.75]);
    for (const [sx, sz] of [[-1, -1], [1, -1], [-1, 1], [1, 1]]) part(root, second, [w * 0.2, h * 0.4, w * 0.2], [sx * w * 0.26, h * 0.2, sz * w * 0.42]);
  }
  const eye = ['zombie', 'skeleton', 'creeper', 'spider', 'enderman', 'drowned', 'husk', 'stray', 'witch', 'pillager'].includes(entity.kind) ? '#ff5a4a' : '#1c2224';
  const front = HUMAN.has(entity.kind) ? [h * 0.9, w * 0.4] : [h * 0.86, w * 1.01];
  part(root, eye, [w * 0.12, h * 0.045, 0.02], [-w * 0.15, front[0], front[1]], true);
  part(root, eye, [w * 0.12, h * 0.045, 0.02], [w * 0.15, front[0], front[1]], true);
  return root;
}

/** Free what a figure holds on the graphics card (geometries are shared). */
export function disposeFigure(root) {
  root.traverse((o) => { if (o.material) o.material.dispose(); });
}
