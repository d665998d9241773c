// The sky by time of day: colours, the sun's direction, stars.

import * as THREE from 'three';

// Hours of the game's day (0 is 06:00): zenith, horizon, sunlight, strength of sun and sky.
const HOURS = [
  [0, '#5c8fc4', '#f0c9a0', '#ffd9a8', 1.5, 0.85],
  [1800, '#5f9fe0', '#cfe3ee', '#fff1d8', 2.1, 1.05],
  [6000, '#5a9be2', '#d3e7f2', '#fff6e6', 2.35, 1.1],
  [10200, '#5f9ada', '#d6e0e4', '#ffeecb', 2.2, 1.05],
  [12000, '#5577ab', '#f2b583', '#ffc48a', 1.4, 0.95],
  [13200, '#232f55', '#8d5f74', '#c98a86', 0.6, 0.8],
  [14500, '#0c1327', '#1f2b46', '#93aee0', 0.55, 0.62],
  [18000, '#090f20', '#1a243c', '#93aee0', 0.6, 0.62],
  [21800, '#0e1730', '#26324f', '#93aee0', 0.55, 0.62],
  [23000, '#35487c', '#c98f7c', '#d99a80', 0.7, 0.6],
  [24000, '#5c8fc4', '#f0c9a0', '#ffd9a8', 1.5, 0.85],
];

const a = new THREE.Color(), b = new THREE.Color();

/** Colours and strengths at a time of day, in game ticks. */
export function skyAt(time) {
  const t = ((time % 24000) + 24000) % 24000;
  let i = 0;
  while (HOURS[i + 1][0] <= t) i++;
  const [p, q] = [HOURS[i], HOURS[i + 1]];
  const f = (t - p[0]) / (q[0] - p[0]);
  const mix = (n) => a.set(p[n]).lerp(b.set(q[n]), f).clone();
  const night = t > 12900 && t < 23200;
  // The sun rises in the east (+x); at night the moon takes its way.
  const angle = ((night ? t - 12000 : t) / 12000) * Math.PI;
  const direction = new THREE.Vector3(Math.cos(angle), Math.max(0.32, Math.sin(angle)), 0.42).normalize();
  return { zenith: mix(1), horizon: mix(2), sun: mix(3), sunPower: p[4] + (q[4] - p[4]) * f, ambient: p[5] + (q[5] - p[5]) * f, direction, night };
}

/** A dome with a gradient, a glow about the sun, and stars at night. */
export function makeSky() {
  const uniforms = {
    uZenith: { value: new THREE.Color() }, uHorizon: { value: new THREE.Color() }, uSun: { value: new THREE.Color() },
    uDirection: { value: new THREE.Vector3(0, 1, 0) }, uNight: { value: 0 },
  };
  const material = new THREE.ShaderMaterial({
    uniforms, side: THREE.BackSide, depthWrite: false, depthTest: false,
    vertexShader: `varying vec3 vDirection;
      void main() { vDirection = position; gl_Position = projectionMatrix * mat4(mat3(viewMatrix)) * vec4(position, 1.0); }`,
    fragmentShader: `varying vec3 vDirection; uniform vec3 uZenith, uHorizon, uSun, uDirection; uniform float uNight;
      float hash(vec3 p) { return fract(sin(dot(p, vec3(12.9898, 78.233, 37.719))) * 43758.5453); }
      void main() {
        vec3 d = normalize(vDirection);
        float h = max(d.y, 0.0);
        vec3 c = mix(uHorizon, uZenith, 1.0 - exp(-h * 3.4));
        float s = max(dot(d, uDirection), 0.0);
        c += uSun * (pow(s, 420.0) * 0.9 + pow(s, 24.0) * 0.16) * (1.0 - 0.55 * uNight);
        vec3 cell = floor(d * 130.0);
        float star = step(0.9965, hash(cell)) * smoothstep(0.02, 0.35, d.y);
        c += vec3(0.75, 0.82, 1.0) * star * uNight * (0.35 + 0.65 * hash(cell + 7.0));
        gl_FragColor = vec4(c, 1.0);
        #include <colorspace_fragment>
      }`,
  });
  const mesh = new THREE.Mesh(new THREE.SphereGeometry(10, 32, 20), material);
  mesh.frustumCulled = false;
  mesh.renderOrder = -10;
  return { mesh, uniforms };
}
