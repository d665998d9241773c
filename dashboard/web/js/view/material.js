// How blocks are painted: light from sky and lamps, corner shading, and a small pattern for each kind of
// surface, computed from the place on the face. Far from the bot everything fades into the horizon.

import * as THREE from 'three';

export const shared = {
  uFocus: { value: new THREE.Vector3() },
  uRadius: { value: 32 },
  uHaze: { value: new THREE.Color('#cfe3ee') },
  uLamp: { value: 0 },
  uDay: { value: 1 },
  uTime: { value: 0 },
  uEye: { value: new THREE.Vector3() },
};

const VERTEX_HEAD = `
attribute vec3 base; attribute vec3 accent; attribute vec4 aux;
varying vec3 vBase; varying vec3 vAccent; varying vec4 vAux; varying vec3 vPlace; varying vec3 vSide;
`;
const VERTEX_MAIN = `
vBase = base; vAccent = accent; vAux = aux; vSide = normal;
vPlace = (modelMatrix * vec4(transformed, 1.0)).xyz;
`;

const FRAGMENT_HEAD = `
varying vec3 vBase; varying vec3 vAccent; varying vec4 vAux; varying vec3 vPlace; varying vec3 vSide;
uniform vec3 uFocus; uniform float uRadius; uniform vec3 uHaze; uniform float uLamp; uniform float uDay; uniform float uTime; uniform vec3 uEye;
float hash2(vec2 p) { vec3 q = fract(vec3(p.xyx) * 0.1031); q += dot(q, q.yzx + 33.33); return fract((q.x + q.y) * q.z); }
float hash3(vec3 p) { p = fract(p * 0.1031); p += dot(p, p.zyx + 31.32); return fract((p.x + p.y) * p.z); }
vec3 paint() {
  int kind = int(vAux.x * 255.0 + 0.5);
  vec3 n = abs(vSide);
  vec2 uv = n.y > 0.5 ? vPlace.xz : (n.x > 0.5 ? vPlace.zy : vPlace.xy);
  vec3 cell = floor(vPlace - vSide * 0.5);
  float salt = dot(cell, vec3(7.0, 13.0, 29.0)) + dot(vSide, vec3(3.0, 5.0, 11.0));
  vec2 f = fract(uv);
  // Detail fades before it is finer than the screen.
  float size = max(length(dFdx(uv)), length(dFdy(uv)));
  float near = 1.0 - smoothstep(0.03, 0.14, size);
  vec2 px = floor(f * 8.0);
  float grain = hash2(px + salt * 0.731);
  float tone = (hash3(cell + 0.5) - 0.5) * 0.07;
  vec3 c = vBase;
  float mixing = 0.0;
  float light = 0.0;
  if (kind == 15 || kind == 12) { return vBase * (1.0 + tone * 0.5); }
  if (kind == 1) { mixing = step(0.66, grain) * 0.45; light = (grain - 0.5) * 0.06; tone *= 1.5; }
  else if (kind == 2) {
    float edge = 0.74 + 0.13 * step(0.5, hash2(vec2(px.x, salt)));
    return mix(vAccent, vBase, step(edge, f.y)) * (1.0 + (grain - 0.5) * 0.1 * near + tone);
  }
  else if (kind == 3) { float streak = hash2(vec2(px.x, salt + floor(f.y * 2.0 + hash2(vec2(px.x, 3.0))))); mixing = step(0.55, streak) * 0.85; light = (grain - 0.5) * 0.06; }
  else if (kind == 4) { float r = max(abs(f.x - 0.5), abs(f.y - 0.5)) * 2.0; mixing = r > 0.86 ? 1.0 : step(0.5, fract(r * 2.6)) * 0.55; light = (grain - 0.5) * 0.05; }
  else if (kind == 5) { float board = floor(f.y * 4.0); float joint = step(fract(f.y * 4.0), 0.13); mixing = joint; light = (hash2(vec2(board, salt)) - 0.5) * 0.13 + (grain - 0.5) * 0.05; }
  else if (kind == 6) { vec2 q = floor(f * 5.0); float g = hash2(q * 1.7 + salt); float inside = step(0.5, q.x) * step(q.x, 3.5) * step(0.5, q.y) * step(q.y, 3.5); mixing = step(0.46, g) * inside; light = (grain - 0.5) * 0.09; near = max(near, 0.6); }
  else if (kind == 7) { vec2 q = f * 3.0; vec2 i = floor(q); float best = 9.0, second = 9.0;
    for (int dx = -1; dx <= 1; dx++) for (int dy = -1; dy <= 1; dy++) { vec2 k = i + vec2(dx, dy); vec2 w = mod(k, 3.0); vec2 p = k + 0.2 + 0.6 * vec2(hash2(w + salt), hash2(w + salt + 9.0)) - q; float d = dot(p, p); if (d < best) { second = best; best = d; } else if (d < second) second = d; }
    mixing = 1.0 - smoothstep(0.05, 0.16, sqrt(second) - sqrt(best)); light = (hash2(i + salt) - 0.5) * 0.08; }
  else if (kind == 8) { float row = floor(f.y * 4.0); float x = f.x * 2.0 + 0.5 * mod(row, 2.0); mixing = max(step(fract(f.y * 4.0), 0.14), step(fract(x), 0.07)); light = (hash2(vec2(floor(x), row) + salt) - 0.5) * 0.1; }
  else if (kind == 9) { mixing = step(0.68, grain) * 0.6; light = (hash2(px + 31.0 + salt) - 0.5) * 0.13; tone *= 2.0; }
  else if (kind == 10) { mixing = step(0.7, grain) * 0.6; light = (grain - 0.5) * 0.04; }
  else if (kind == 11) { vec2 e = min(f, 1.0 - f); float frame = step(min(e.x, e.y), 0.1); float knob = step(abs(f.x - 0.5), 0.09) * step(abs(f.y - 0.52), 0.12); mixing = max(frame, knob * 0.85); light = (grain - 0.5) * 0.05; }
  else if (kind == 13) { vec2 g = abs(fract(f * 3.0) - 0.5); vec2 e = min(f, 1.0 - f); mixing = max(step(0.44, max(g.x, g.y)), step(min(e.x, e.y), 0.06)); light = (grain - 0.5) * 0.05; }
  else if (kind == 14) { float line = step(0.42, abs(fract((uv.x + uv.y) * 2.0) - 0.5)); return mix(vBase, vAccent, line * near); }
  else { mixing = step(0.66, grain) * 0.55; light = (grain - 0.5) * 0.08; }
  return mix(c, vAccent, mixing * (kind == 6 || kind == 4 ? max(near, 0.45) : near)) * (1.0 + light * near + tone);
}
`;

const LIGHT = `
{
  float ao = vAux.y;
  float sky = vAux.z;
  float lamp = vAux.w;
  float open = smoothstep(0.25, 0.95, sky);
  reflectedLight.directDiffuse *= open * mix(0.75, 1.0, ao);
  reflectedLight.indirectDiffuse *= ao * mix(0.2, 1.0, pow(sky, 1.5));
  vec3 own = diffuseColor.rgb;
  vec3 warm = mix(own, vec3(dot(own, vec3(0.3, 0.6, 0.1))), 0.45);
  reflectedLight.indirectDiffuse += warm * ao * vec3(1.0, 0.66, 0.34) * pow(lamp, 3.2) * mix(1.9, 0.25, open * uDay);
  // A soft lantern at the bot, so that night and caves can be read.
  float reach = distance(vPlace, uFocus);
  reflectedLight.indirectDiffuse += warm * ao * vec3(1.0, 0.84, 0.62) * uLamp * exp(-reach * mix(0.17, 0.34, open)) * mix(1.0, 0.0, open * uDay);
  // By moonlight colours fade towards blue; where a lamp shines they keep their own.
  float moonlit = (1.0 - uDay) * open * (1.0 - smoothstep(0.3, 0.8, lamp)) * 0.75;
  vec3 seen = reflectedLight.directDiffuse + reflectedLight.indirectDiffuse;
  vec3 pale = dot(seen, vec3(0.3, 0.55, 0.15)) * vec3(0.68, 0.88, 1.62);
  reflectedLight.directDiffuse = mix(reflectedLight.directDiffuse, pale, moonlit);
  reflectedLight.indirectDiffuse *= 1.0 - moonlit;
  int kindOf = int(vAux.x * 255.0 + 0.5);
  if (kindOf == 12) reflectedLight.indirectDiffuse = own * 1.15;
  if (kindOf == 14) { reflectedLight.directDiffuse *= 0.0; reflectedLight.indirectDiffuse = own * 0.55; }
}
`;

// Trees between the eye and the bot open, in dots, so that it is never lost from sight.
const OPENING = `
{
  int kindHere = int(vAux.x * 255.0 + 0.5);
  if (kindHere == 9 || kindHere == 3 || kindHere == 4) {
    vec3 sight = uFocus - uEye;
    float whole = length(sight);
    float along = dot(vPlace - uEye, sight) / (whole * whole);
    float off = length(vPlace - uEye - sight * clamp(along, 0.0, 1.0));
    float shut = max(smoothstep(1.35, 1.75, off), smoothstep(0.93, 0.97, along));
    shut = min(shut, smoothstep(1.5, 2.6, distance(vPlace, uEye)));
    float order = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    if (shut < 0.99 && order >= shut) discard;
  }
}
`;

const HAZE = `
float away = length(vPlace.xz - uFocus.xz);
outgoingLight = mix(outgoingLight, uHaze, smoothstep(uRadius * 0.62, uRadius * 0.97, away));
`;

/** The material of all opaque blocks. */
export function blockMaterial() {
  const material = new THREE.MeshLambertMaterial({ color: 0xffffff });
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, shared);
    shader.vertexShader = VERTEX_HEAD + shader.vertexShader.replace('#include <project_vertex>', `#include <project_vertex>\n${VERTEX_MAIN}`);
    shader.fragmentShader = FRAGMENT_HEAD + shader.fragmentShader
      .replace('#include <color_fragment>', `${OPENING}\ndiffuseColor.rgb = paint();`)
      .replace('#include <lights_fragment_end>', `#include <lights_fragment_end>\n${LIGHT}`)
      .replace('#include <opaque_fragment>', `${HAZE}\n#include <opaque_fragment>`);
  };
  return material;
}

/** The material of water: clear from above, with slow light on it. */
export function waterMaterial() {
  const material = new THREE.MeshLambertMaterial({ color: 0xffffff, transparent: true, depthWrite: false, side: THREE.DoubleSide });
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, shared);
    shader.vertexShader = VERTEX_HEAD + shader.vertexShader.replace('#include <project_vertex>', `#include <project_vertex>\n${VERTEX_MAIN}`);
    shader.fragmentShader = FRAGMENT_HEAD + shader.fragmentShader
      .replace('#include <color_fragment>', `
        vec2 w = vPlace.xz;
        float ripple = sin(w.x * 1.3 + uTime * 0.9) * sin(w.y * 1.1 - uTime * 0.7) + 0.5 * sin((w.x + w.y) * 2.3 + uTime * 1.3);
        diffuseColor.rgb = vBase * (1.0 + 0.1 * ripple) + vec3(0.03) * smoothstep(1.0, 1.45, ripple);
        diffuseColor.a = 0.68;`)
      .replace('#include <lights_fragment_end>', `#include <lights_fragment_end>\n${LIGHT}`)
      .replace('#include <opaque_fragment>', `${HAZE}\ndiffuseColor.a = mix(diffuseColor.a, 1.0, smoothstep(uRadius * 0.62, uRadius * 0.97, away));\n#include <opaque_fragment>`);
  };
  return material;
}

/** A column's geometry from the mesher's arrays. */
export function geometryOf(mesh) {
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.BufferAttribute(mesh.position, 3));
  geometry.setAttribute('normal', new THREE.BufferAttribute(mesh.normal, 3, true));
  geometry.setAttribute('base', new THREE.BufferAttribute(mesh.base, 3, true));
  geometry.setAttribute('accent', new THREE.BufferAttribute(mesh.accent, 3, true));
  geometry.setAttribute('aux', new THREE.BufferAttribute(mesh.aux, 4, true));
  geometry.setIndex(new THREE.BufferAttribute(mesh.index, 1));
  geometry.computeBoundingSphere();
  return geometry;
}
