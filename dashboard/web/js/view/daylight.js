// The time of day in colours, without the 3D library: what the sky's table and the plain map share.

// Hours of the game's day (0 is 06:00): zenith, horizon, sunlight, strength of sun and of sky.
export const HOURS = [
  [0, '#5c8fc4', '#f0c9a0', '#ffd9a8', 1.7, 1.15],
  [800, '#5f9fe0', '#cfe3ee', '#fff1d8', 2.2, 1.3],
  [6000, '#5a9be2', '#d3e7f2', '#fff6e6', 2.4, 1.35],
  [10200, '#5f9ada', '#d6e0e4', '#ffeecb', 2.3, 1.3],
  [12000, '#5577ab', '#f2b583', '#ffc48a', 1.6, 1.15],
  [13200, '#2b3966', '#8d5f74', '#b98a96', 0.7, 0.85],
  [14500, '#0d1736', '#26365f', '#86a4f0', 0.75, 0.62],
  [18000, '#0a1230', '#1f2d52', '#86a4f0', 0.8, 0.6],
  [21800, '#101b3a', '#2b3a60', '#86a4f0', 0.75, 0.62],
  [23000, '#3b5088', '#c98f7c', '#d99a80', 0.8, 0.85],
  [24000, '#5c8fc4', '#f0c9a0', '#ffd9a8', 1.7, 1.15],
];

/** Where in the table a time of day lies: the two rows and how far between them. */
export function hoursAt(time) {
  const t = ((time % 24000) + 24000) % 24000;
  let i = 0;
  while (HOURS[i + 1][0] <= t) i++;
  const [p, q] = [HOURS[i], HOURS[i + 1]];
  const ramp = (from, to) => Math.min(1, Math.max(0, (t - from) / (to - from)));
  const dark = Math.min(ramp(12400, 14000), 1 - ramp(22300, 23700)); // 0 by day, 1 in deep night
  return { p, q, f: (t - p[0]) / (q[0] - p[0]), t, dark, night: t > 12900 && t < 23200 };
}

/** The sky's colour at the horizon, and the veil that a plain picture is covered with at night. */
export function daylight(time) {
  const { p, q, f, dark } = hoursAt(time);
  return { horizon: (f < 0.5 ? p : q)[2], veil: `rgb(12 22 64 / ${Math.round(dark * 58)}%)` };
}
