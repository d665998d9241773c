// The sky by time of day: colours, the sun's direction, stars.

import * as THREE from 'three';
import { hoursAt } from './daylight.js';

const a = new THREE.Color(), b = new THREE.Color();

/** Colours and strengths at a time of day, in game ticks. */
export function skyAt(time) {
  const { p, q, f, t, dark, night } = hoursAt(time);
  const mix = (n) => a.set(p[n]).lerp(b.set(q[n]), f).clone();
  // The sun rises in the east (+x); at night the moon takes its way.
  const angle = ((night ? t - 12000 : t) / 12000) * Math.PI;
  const direction = new THREE.Vector3(Math.cos(angle), Math.max(0.32, Math.sin(angle)), 0.42).normalize();
  return { zenith: mix(1), horizon: mix(2), sun: mix(3), sunPower: p[4] + (q[4] - p[4]) * f, ambient: p[5] + (q[5] - p[5]) * f, direction, dark, night };
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
