// A behaviour tree as a picture: from left to right where there is room, as an outline where there is not.

import { html } from '../html.js';

const BOX = 29, TALL = 43, BETWEEN = 9, GAP = 26, PAD = 10, STEM = 20, WIDEST = 230;
const SMALLEST = 0.8; // a picture that would have to be drawn smaller than this becomes an outline
const SIGN = { sequence: '→', selector: '?', repeat_until: '↻', timeout: '⏱', fail_on_true: '⚠', leaf: '' };
export const KINDS = { sequence: 'Sequence: one after the other', selector: 'Selector: the first that succeeds', repeat_until: 'Repeat until it holds', timeout: 'Bounded in time', fail_on_true: 'Guard: stops its siblings when this is true', leaf: 'Leaf: acts or senses' };
const WORD = { running: 'runs', success: 'succeeded', failure: 'failed', halting: 'is being halted', suspended: 'is suspended', idle: 'waits for its turn' };

/** The label in two tones: what it is, and its arguments. */
function parts({ label }) {
  const text = label.replace(/^[→?↻⏱⚠] /u, '');
  const cut = text.indexOf(' ');
  return cut < 0 ? [text, ''] : [text.slice(0, cut), text.slice(cut + 1)];
}

const pen = document.createElement('canvas').getContext('2d');
const FONTS = ['600 12.5px', '400 11.5px'].map((size) => `${size} ${getComputedStyle(document.body).fontFamily}`);

/** How wide a text is in the label's first (the name) or second tone (the arguments), in pixels. */
function measure(text, tone) {
  pen.font = FONTS[tone];
  return pen.measureText(text).width;
}

/** As much of the text as fits. */
function clip(text, tone, room) {
  if (measure(text, tone) <= room) return text;
  let n = text.length - 1;
  while (n > 1 && measure(`${text.slice(0, n)}…`, tone) > room) n--;
  return `${text.slice(0, n)}…`;
}

const SIDES = 25; // left of the label and right of it
const signWidth = (node) => (SIGN[node.kind] ? measure(`${SIGN[node.kind]} `, 0) : 0);

/** In the picture the arguments stand below the name, in the outline behind it. */
function widthOf(node, most, outline) {
  const [name, args] = parts(node);
  const above = signWidth(node) + measure(name, 0), below = args ? measure(args, 1) : 0;
  return Math.min(most, Math.ceil(SIDES + (outline ? above + 6 + below : Math.max(above, below))));
}

/** Where every node stands: {boxes: [{x, y, w}], width, height}. `form` is picture, outline or null for what fits. */
function layout(nodes, room, form) {
  const depth = nodes.map(() => 0), below = nodes.map(() => []);
  nodes.forEach((node, i) => {
    if (node.parent === undefined) return;
    depth[i] = depth[node.parent] + 1;
    below[node.parent].push(i);
  });
  const wide = [];
  nodes.forEach((node, i) => { wide[depth[i]] = Math.max(wide[depth[i]] ?? 0, widthOf(node, WIDEST)); });
  const across = wide.reduce((sum, w) => sum + w + GAP, 2 * PAD - GAP);
  const outline = form ? form === 'outline' : across * SMALLEST > room;
  const boxes = nodes.map(() => null);
  let bottom = PAD;
  if (outline) {
    nodes.forEach((node, i) => {
      const x = PAD + depth[i] * STEM;
      boxes[i] = { x, y: bottom, w: Math.min(widthOf(node, 420, true), Math.max(120, room - x - PAD)), h: BOX };
      bottom += BOX + 5;
    });
  } else {
    const left = [];
    wide.reduce((x, w, d) => { left[d] = x; return x + w + GAP; }, PAD);
    const place = (i) => {
      const top = bottom, h = parts(nodes[i])[1] ? TALL : BOX;
      for (const child of below[i]) place(child);
      const middle = (one) => boxes[one].y + boxes[one].h / 2;
      const y = below[i].length ? Math.max(top, (middle(below[i][0]) + middle(below[i].at(-1))) / 2 - h / 2) : top;
      boxes[i] = { x: left[depth[i]], y, w: widthOf(nodes[i], WIDEST), h };
      bottom = Math.max(bottom, y + h + BETWEEN);
    };
    place(0);
  }
  const width = Math.max(...boxes.map((b) => b.x + b.w)) + PAD;
  return { boxes, width, height: Math.ceil(bottom), outline };
}

/** Whether a picture fits, or an outline has to do. */
export const fitting = (nodes, room) => (layout(nodes, room).outline ? 'outline' : 'picture');

function edge(from, to, outline) {
  if (outline) return `M${from.x + 11} ${from.y + from.h} V${to.y + to.h / 2 - 5} q0 5 5 5 H${to.x}`;
  const [x, y, u, v] = [from.x + from.w, from.y + from.h / 2, to.x, to.y + to.h / 2];
  return `M${x} ${y} C${x + GAP / 2} ${y} ${u - GAP / 2} ${v} ${u} ${v}`;
}

/** `state` maps a node's number to how it stands; without it the tree is at rest. */
export function Tree({ nodes, room, state, form }) {
  const { boxes, width, height, outline } = layout(nodes, room, form);
  // A picture a little too wide is drawn smaller; one much too wide can be scrolled.
  const shown = width > room && width * SMALLEST <= room ? room : width;
  const standing = (i) => state?.get(i)?.status ?? 'idle';
  const lit = (i) => ['running', 'halting'].includes(standing(i));
  return html`
    <svg class="tree ${outline ? 'outline' : ''}" viewBox="0 0 ${width} ${height}" width=${shown} height=${Math.round(height * shown / width)} role="img" aria-label="Behaviour tree of ${nodes.length} nodes">
      ${nodes.map((node, i) => node.parent !== undefined && html`<path key=${`e${i}`} class="edge ${lit(i) ? 'lit' : ''}" d=${edge(boxes[node.parent], boxes[i], outline)} />`)}
      ${nodes.map((node, i) => {
        const { x, y, w, h } = boxes[i], [name, args] = parts(node), now = state?.get(i);
        const free = w - SIDES - signWidth(node) + 1;
        const shownName = clip(name, 0, free), rest = outline ? free - measure(shownName, 0) - 6 : w - SIDES + 1;
        return html`
          <g key=${i} class="node ${node.kind} ${standing(i)}" transform="translate(${x} ${y})" data-path=${node.path} data-status=${standing(i)}>
            <title>${KINDS[node.kind]}${'\n'}${node.label}${now ? `\n${WORD[now.status]}${now.times > 1 ? `, ${now.times} times` : ''}` : ''}${now?.error ? `\n${now.error.code}: ${now.error.detail ?? ''}` : ''}</title>
            <rect class="box" width=${w} height=${h} rx="8" />
            <rect class="kind" x="0" y="0" width="4" height=${h} rx="2" />
            <text x="12" y="19"><tspan class="sign">${SIGN[node.kind] && `${SIGN[node.kind]} `}</tspan><tspan class="name">${shownName}</tspan>${args && rest > 24 && html`<tspan class="args" ...${outline ? { dx: 6 } : { x: 12, dy: 15 }}>${clip(args, 1, rest)}</tspan>`}</text>
            ${now?.times > 1 && html`<g class="times" transform="translate(${w - 4} 0)"><rect x=${-8 - 6 * String(now.times).length} y="-8" width=${12 + 6 * String(now.times).length} height="16" rx="8" /><text x=${-2 - 3 * String(now.times).length} y="4" text-anchor="middle">×${now.times}</text></g>`}
          </g>`;
      })}
    </svg>`;
}
