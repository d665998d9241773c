// Item pictures, drawn here from the item's name: blocks as small cubes, tools and things as shapes.

import { html } from './html.js';
import { ITEM_COLOURS, blockLook, itemColour, metalOf, plantShape, shade } from './palette.js';

const THINGS = new Set(Object.keys(ITEM_COLOURS));
const cache = new Map();

/** An item's picture as SVG. */
export function ItemIcon({ item }) {
  let picture = cache.get(item);
  if (picture === undefined) cache.set(item, (picture = draw(item)));
  return html`<svg class="icon" viewBox="0 0 32 32" aria-hidden="true" dangerouslySetInnerHTML=${{ __html: picture }}></svg>`;
}

function draw(item) {
  const c = itemColour(item);
  const dark = shade(c, 0.68), light = shade(c, 1.18);
  const handle = '#7d5c37';
  const path = (d, fill, extra = '') => `<path d="${d}" fill="${fill}" ${extra}/>`;
  const stick = path('M6 28 L4 26 L20 10 L22 12 Z', handle);
  const tool = /_(pickaxe|axe|shovel|sword|hoe)$/.exec(item)?.[1];
  if (tool === 'pickaxe') return stick + path('M9 5 Q20 3 25 7 Q29 12 27 23 L24 23 Q24 14 20.500 11.500 Q17 8 9 8 Z', c) + path('M9 5 Q20 3 25 7 L24 8 Q18 5 9 6.500 Z', light);
  if (tool === 'axe') return stick + path('M15 7 L22 3 Q29 6 28 14 L24 17 Q24 13 20 13 L17 11 Z', c) + path('M15 7 L22 3 L23 4 L16.500 8.500 Z', light);
  if (tool === 'shovel') return stick + path('M19 9 Q20 4 27 4 Q29 11 23 13 Z', c) + path('M19 9 Q20 4 27 4 L20.500 10.500 Z', light);
  if (tool === 'hoe') return stick + path('M12 6 L23 4 Q28 6 27 12 L24 14 Q24 9 20 9 L13 9 Z', c);
  if (tool === 'sword') return path('M5 28 L4 27 L9 21 L11 23 Z', handle) + path('M7 18 L9 16 L16 23 L14 25 Z', dark) + path('M11 19 L24 5 L28 4 L27 8 L13 21 Z', c) + path('M11 19 L24 5 L28 4 L12 20 Z', light);
  if (item === 'stick') return path('M7 28 L4 25 L24 4 L28 7 Z', c) + path('M4 25 L24 4 L25.500 5 L5.500 26.500 Z', light);
  if (/_ingot$|^brick$|^nether_brick$/.test(item)) return path('M4 20 L10 12 L28 12 L22 20 Z', light) + path('M4 20 L22 20 L22 26 L4 26 Z', c) + path('M22 20 L28 12 L28 18 L22 26 Z', dark);
  if (/_nugget$/.test(item)) return path('M10 18 L16 12 L22 16 L20 22 L13 23 Z', c);
  if (/^(coal|charcoal|flint|raw_\w+|clay_ball|slime_ball|snowball|ender_pearl|redstone|gunpowder|sugar)$/.test(item) && !/_block$/.test(item)) {
    return path('M7 14 L13 6 L22 7 L27 15 L24 24 L14 27 L6 22 Z', c) + path('M7 14 L13 6 L22 7 L17 13 L11 16 Z', light) + path('M24 24 L14 27 L6 22 L12 21 L20 20 Z', dark);
  }
  if (/^(diamond|emerald|lapis_lazuli|quartz|amethyst_shard)$/.test(item)) return path('M9 7 L23 7 L29 14 L16 28 L3 14 Z', c) + path('M9 7 L23 7 L20 14 L12 14 Z', light) + path('M12 14 L20 14 L16 28 Z', dark);
  if (/bucket$/.test(item)) return path('M6 9 L26 9 L22 27 L10 27 Z', '#a9b0b5') + `<ellipse cx="16" cy="9" rx="10" ry="3.500" fill="${item === 'bucket' ? '#7c8489' : c}"/>`;
  if (/torch$/.test(item)) return path('M14 14 L18 14 L18 29 L14 29 Z', handle) + path('M13 7 L19 7 L19 14 L13 14 Z', '#f2b75c') + path('M14.500 4 L17.500 4 L17.500 9 L14.500 9 Z', '#ffe9a8');
  if (/_helmet$/.test(item)) return path('M6 22 V14 Q6 6 16 6 Q26 6 26 14 V22 H21 V16 H11 V22 Z', c);
  if (/_chestplate$/.test(item)) return path('M5 7 L11 5 Q16 10 21 5 L27 7 L25 15 H23 V27 H9 V15 H7 Z', c);
  if (/_leggings$/.test(item)) return path('M8 5 H24 L25 27 H18.500 L16 13 L13.500 27 H7 Z', c);
  if (/_boots$/.test(item)) return path('M6 8 H13 V20 L14 25 H4 Z M19 8 H26 L28 25 H18 L19 20 Z', c);
  if (/seeds$/.test(item)) return [[11, 12], [19, 10], [15, 18], [22, 19], [10, 22]].map(([x, y]) => `<ellipse cx="${x}" cy="${y}" rx="2.600" ry="3.400" fill="${c}"/>`).join('');
  if (/^apple|_apple$/.test(item)) return `<circle cx="16" cy="18" r="9.500" fill="${c}"/>` + path('M15 10 L17 4 L19 4 L17.500 10 Z', handle) + path('M18 8 Q24 3 26 7 Q22 11 18 8 Z', '#6aa844');
  if (/^(bread|baked_potato|potato)$/.test(item)) return path('M4 20 Q6 11 18 9 Q28 8 28 15 Q26 22 14 24 Q6 25 4 20 Z', c) + path('M10 15 L13 20 M16 12 L19 18 M22 11 L24 15', 'none', `stroke="${dark}" stroke-width="2"`);
  if (/beef|porkchop|mutton|chicken|rabbit|cod|salmon|rotten_flesh/.test(item)) return path('M5 18 Q6 8 17 7 Q28 8 27 17 Q25 27 14 26 Q6 25 5 18 Z', c) + path('M10 17 Q12 12 18 12 Q21 14 18 18 Q13 21 10 17 Z', light);
  if (/^(wheat|string|feather|bone|arrow)$/.test(item)) return path('M7 27 L24 8', 'none', `stroke="${c}" stroke-width="3.500" stroke-linecap="round"`) + path('M24 8 L26 5 M18 14 L14 11 M21 11 L24 14', 'none', `stroke="${light}" stroke-width="3" stroke-linecap="round"`);
  const shape = plantShape(item);
  if (shape === 'flower') return path('M15 16 L17 16 L17 29 L15 29 Z', '#5c8f3c') + [[16, 7], [10, 11], [22, 11], [12, 17], [20, 17]].map(([x, y]) => `<circle cx="${x}" cy="${y}" r="4" fill="${c}"/>`).join('') + '<circle cx="16" cy="12.500" r="3.400" fill="#f3dd7a"/>';
  if (shape === 'sapling') return path('M15 17 L17 17 L17 29 L15 29 Z', '#6d5535') + `<circle cx="16" cy="12" r="8" fill="${c}"/><circle cx="13" cy="10" r="3.500" fill="${light}"/>`;
  if (shape === 'blades' || shape === 'cane') return path('M8 28 Q9 16 6 8 Q13 14 12 28 Z M14 28 Q15 12 18 4 Q20 14 18 28 Z M20 28 Q21 18 27 10 Q26 20 24 28 Z', c);
  if (THINGS.has(item) || metalOf(item)) return letters(item, c);
  return cube(item);
}

// A block in perspective, lit from the upper left.
function cube(item) {
  const look = blockLook(item.replace(/_(slab|stairs|fence|wall|door|button|sign)$/, ''));
  const [top, side] = [look.top, look.side];
  const grain = (points, colour, opacity) => points.map(([x, y]) => `<rect x="${x}" y="${y}" width="2.400" height="2.400" fill="${colour}" opacity="${opacity}"/>`).join('');
  let s = `<path d="M16 3 L28 9 L16 15 L4 9 Z" fill="${shade(top[0], 1.1)}"/><path d="M4 9 L16 15 L16 29 L4 23 Z" fill="${shade(side[0], 0.86)}"/><path d="M28 9 L16 15 L16 29 L28 23 Z" fill="${shade(side[0], 0.66)}"/>`;
  if (side[2] === 2) s += `<path d="M4 13 L16 19 L16 29 L4 23 Z" fill="${shade(side[1], 0.86)}"/><path d="M28 13 L16 19 L16 29 L28 23 Z" fill="${shade(side[1], 0.66)}"/>`;
  else if (side[2] === 3) s += `<path d="M8 11 V25 M12 13 V27 M20 13 V27 M24 11 V25" stroke="${shade(side[1], 0.72)}" stroke-width="1.300" fill="none"/>`;
  else if (side[2] === 5) s += `<path d="M4 14 L16 20 L28 14 M4 18.500 L16 24.500 L28 18.500" stroke="${shade(side[1], 0.7)}" stroke-width="1.200" fill="none"/>`;
  else if (side[2] === 11 || side[2] === 13) s += `<path d="M6.500 12.500 L13.500 16 V24.500 L6.500 21 Z M25.500 12.500 L18.500 16 V24.500 L25.500 21 Z" fill="${shade(side[1], 0.85)}"/>`;
  else if (side[2] !== 0 || side[1] !== side[0]) s += grain([[6, 14], [10, 19], [12.500, 16], [8, 21.500]], shade(side[1], 0.9), 0.85) + grain([[19, 19], [23, 14], [21, 23], [24.500, 18.500]], shade(side[1], 0.7), 0.85);
  if (top[2] === 4) s += `<path d="M16 5.500 L23 9 L16 12.500 L9 9 Z" fill="none" stroke="${shade(top[1], 0.85)}" stroke-width="1.200"/>`;
  return s;
}

function letters(item, c) {
  const text = item.split('_').slice(0, 2).map((w) => w[0].toUpperCase()).join('');
  return `<rect x="4" y="4" width="24" height="24" rx="7" fill="${shade(c, 0.8)}"/><text x="16" y="21" text-anchor="middle" font-size="13" font-weight="700" fill="#fff" font-family="system-ui, sans-serif">${text}</text>`;
}
