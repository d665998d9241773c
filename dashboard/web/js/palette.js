// The colours of blocks and items: this project's own choice, no game art.
// A face's look is [colour, accent, pattern]; patterns are drawn by the view's shader.

export const PATTERN = {
  PLAIN: 0, GRASS_TOP: 1, GRASS_SIDE: 2, BARK: 3, RINGS: 4, PLANKS: 5, ORE: 6, COBBLE: 7,
  BRICKS: 8, LEAVES: 9, SAND: 10, PANEL: 11, GLOW: 12, GRID: 13, CUT: 14, FLAT: 15,
};
const P = PATTERN;

const WOODS = {
  dark_oak: { plank: '#5c4023', bark: '#3d2b1a', leaf: '#4b7c35' },
  oak: { plank: '#b58e5a', bark: '#6d5535', leaf: '#5f994b' },
  spruce: { plank: '#7d5c38', bark: '#46301c', leaf: '#4f7a57' },
  birch: { plank: '#d3c28c', bark: '#d8d6cb', leaf: '#87a65c' },
  jungle: { plank: '#ab7a56', bark: '#5c4a24', leaf: '#4b9a35' },
  acacia: { plank: '#b0633a', bark: '#6e665b', leaf: '#7f9c3a' },
  mangrove: { plank: '#7b3a35', bark: '#5a4733', leaf: '#5b8a37' },
  cherry: { plank: '#e2b6ae', bark: '#3c2532', leaf: '#eeb0c8' },
  bamboo: { plank: '#c9b25a', bark: '#7d913f', leaf: '#6f9a3a' },
  crimson: { plank: '#7a3a55', bark: '#5a1f2b', leaf: '#8b1a22' },
  warped: { plank: '#31706f', bark: '#3a2f4d', leaf: '#1c8a86' },
};

const DYES = {
  light_blue: '#63b3dd', light_gray: '#a3a39c', white: '#e8ecec', orange: '#ea8a32', magenta: '#c257b8',
  yellow: '#f2c745', lime: '#84c43c', pink: '#ee9cb4', gray: '#4e555a', cyan: '#2a97a0', purple: '#8440b4',
  blue: '#4452b0', brown: '#7f5535', green: '#5f7d2a', red: '#b03a32', black: '#232428',
};

const ORES = {
  coal: '#2b2d31', iron: '#d9ab86', copper: '#d77a52', gold: '#f4cf4e', redstone: '#d8382c',
  lapis: '#3a62c4', diamond: '#62dfdc', emerald: '#35c46a', quartz: '#ece4da',
};

const STONE = '#84898c';
const DEEPSLATE = '#55565e';
const DIRT = '#86603f';
const GRASS = '#78ab52';

const one = (colour, accent, pattern) => {
  const face = [colour, accent ?? colour, pattern ?? P.PLAIN];
  return { top: face, side: face, bottom: face };
};
const sided = (top, side, bottom) => ({ top, side, bottom: bottom ?? top });

const EXACT = {
  grass_block: sided([GRASS, '#8abb62', P.GRASS_TOP], [GRASS, DIRT, P.GRASS_SIDE], [DIRT, '#7a5638', P.PLAIN]),
  podzol: sided(['#6d5130', '#80613a', P.GRASS_TOP], ['#6d5130', DIRT, P.GRASS_SIDE], [DIRT, DIRT, P.PLAIN]),
  mycelium: sided(['#857688', '#96879a', P.GRASS_TOP], ['#857688', DIRT, P.GRASS_SIDE], [DIRT, DIRT, P.PLAIN]),
  dirt_path: sided(['#a88f53', '#9a8049', P.PLAIN], ['#a88f53', DIRT, P.GRASS_SIDE], [DIRT, DIRT, P.PLAIN]),
  farmland: sided(['#5e4028', '#6e4d33', P.PLANKS], [DIRT, '#7a5638', P.PLAIN]),
  dirt: one(DIRT, '#7a5638'), coarse_dirt: one('#7a5839', '#91704d'), rooted_dirt: one('#8c694b', '#a58665'),
  mud: one('#3d3a3e', '#4a464a'), clay: one('#a0a7b4'), moss_block: one('#5d7433', '#6c8540', P.GRASS_TOP),
  stone: one(STONE, '#787d80'), smooth_stone: one('#9fa3a5', '#8b9092', P.PANEL), cobblestone: one('#80858a', '#62676c', P.COBBLE),
  mossy_cobblestone: one('#74836c', '#5f7a50', P.COBBLE), gravel: one('#8b8583', '#736c6a', P.COBBLE),
  granite: one('#9c6b57', '#ad7c68'), diorite: one('#c4c5c5', '#a7a9aa'), andesite: one('#8c8f8c', '#7b7f7c'),
  tuff: one('#6b6d66', '#787a73'), calcite: one('#dfe0da'), dripstone_block: one('#866a5b', '#77594a'),
  deepslate: sided([DEEPSLATE, '#4a4b52', P.PLAIN], [DEEPSLATE, '#4a4b52', P.PLANKS]), cobbled_deepslate: one('#55565e', '#3e3f46', P.COBBLE),
  bedrock: one('#46484c', '#2b2c30', P.COBBLE), obsidian: one('#1f1a2c', '#342a4a'),
  sand: one('#dfd19e', '#d2c28b', P.SAND), red_sand: one('#bd6a2e', '#ad5c24', P.SAND),
  sandstone: sided(['#dfd19e', '#d2c28b', P.SAND], ['#d8c892', '#c4b27c', P.PLANKS]),
  snow_block: one('#f1f6f8', '#e2ecf1', P.SAND), snow: one('#f1f6f8', '#e2ecf1', P.SAND), powder_snow: one('#eef5f8', '#e0ebf0', P.SAND),
  ice: one('#a5c8ef', '#bcd8f5'), packed_ice: one('#8db4e6', '#a5c8ef'), blue_ice: one('#74a4e8', '#8db8f0'),
  netherrack: one('#6e3130', '#58211f', P.COBBLE), soul_sand: one('#51402f', '#3f3022', P.COBBLE), glowstone: one('#f5cf7e', '#d99a3e', P.GLOW),
  end_stone: one('#dcdfa4', '#c9cb8f', P.COBBLE), magma_block: one('#7c3b1c', '#ef8a2e', P.ORE), sea_lantern: one('#b8d8d0', '#dff1ea', P.GLOW),
  crafting_table: sided(['#b07a45', '#6b4526', P.GRID], ['#a3723f', '#5f3e22', P.PANEL], ['#b58e5a', '#9c7849', P.PLANKS]),
  furnace: sided(['#6e7376', '#595e61', P.PANEL], ['#6e7376', '#3a3d40', P.PANEL]),
  blast_furnace: sided(['#5b5e62', '#484b4f', P.PANEL], ['#6a6d70', '#3a3d40', P.PANEL]),
  smoker: sided(['#6b5d4d', '#4f4437', P.PANEL], ['#6b5d4d', '#3d352b', P.PANEL]),
  chest: one('#a9742f', '#6a4518', P.PANEL), barrel: sided(['#7f5d36', '#5f4527', P.RINGS], ['#8a653a', '#6c4d2b', P.PLANKS]),
  bookshelf: sided(['#b58e5a', '#9c7849', P.PLANKS], ['#9c5a45', '#b58e5a', P.GRID]),
  pumpkin: one('#d07f24', '#b3681a', P.BARK), carved_pumpkin: one('#d07f24', '#b3681a', P.BARK), jack_o_lantern: one('#d98a2a', '#ffd36a', P.ORE),
  melon: one('#6f9a2d', '#557a20', P.BARK), hay_block: sided(['#c9a83a', '#a98a25', P.RINGS], ['#c9a83a', '#a98a25', P.BARK]),
  cactus: one('#568a3d', '#6ba34e', P.BARK), bricks: one('#9c5c4a', '#b9b0a6', P.BRICKS), stone_bricks: one('#7f8486', '#666b6d', P.BRICKS),
  tnt: one('#c34a37', '#e8e2d8', P.PLANKS), water: one('#3f78c4'), lava: one('#e8701c', '#ffb84a', P.GLOW), bee_nest: one('#d6a040', '#a87a2c', P.PLANKS),
  sponge: one('#c9c24d', '#aaa53a', P.COBBLE), cobweb: one('#e4e8ea'), ladder: one('#a47c48'), torch: one('#c79a5b'),
  bamboo: one('#7d9a3a', '#97b450'), sugar_cane: one('#8fbf62', '#a6d27a'), lily_pad: one('#3f7a35'), vine: one('#4c7d33'), kelp: one('#4c7d3c'),
  seagrass: one('#3f8a4a'), fire: one('#f59a2e', '#ffd36a', P.GLOW), campfire: one('#6b5435', '#f08a2c', P.BARK), lantern: one('#f2b75c', '#5b5e62', P.GLOW),
};

const PLANTS = {
  short_grass: GRASS, grass: GRASS, tall_grass: GRASS, fern: '#5d9345', large_fern: '#5d9345', dead_bush: '#8f6b3a', wheat: '#cdb34e',
  carrots: '#5fa03c', potatoes: '#6aa844', beetroots: '#5d9a44', sweet_berry_bush: '#4d7f3a', nether_wart: '#8d2a2a',
};
const FLOWERS = {
  dandelion: '#f5d23e', poppy: '#d8382c', blue_orchid: '#3fb0e8', allium: '#b77fe0', azure_bluet: '#eef2f2', red_tulip: '#d9452f', orange_tulip: '#e8862c',
  white_tulip: '#eef0ea', pink_tulip: '#f0b7cf', oxeye_daisy: '#f2f2e8', cornflower: '#5377d6', lily_of_the_valley: '#f2f5ef', sunflower: '#f7cf36',
  lilac: '#c99ad8', rose_bush: '#d23a36', peony: '#e8b4d8', wither_rose: '#2b2a28', torchflower: '#f08a2c',
};

const looks = new Map();

/** How the faces of a block look: {top, side, bottom}, each [colour, accent, pattern]. */
export function blockLook(name) {
  let look = looks.get(name);
  if (look === undefined) {
    look = EXACT[name] ?? byRule(name);
    looks.set(name, look);
  }
  return look;
}

function byRule(name) {
  for (const [wood, c] of Object.entries(WOODS)) {
    if (!name.startsWith(wood) && !name.startsWith(`stripped_${wood}`)) continue;
    const bark = name.startsWith('stripped') ? c.plank : c.bark;
    if (/_(log|stem)$/.test(name)) return sided([c.plank, shade(c.plank, 0.82), P.RINGS], [bark, shade(bark, 0.8), P.BARK]);
    if (/_(wood|hyphae)$/.test(name)) return one(bark, shade(bark, 0.8), P.BARK);
    if (/_leaves$/.test(name)) return one(c.leaf, shade(c.leaf, 0.72), P.LEAVES);
    if (/_sapling|_propagule|_fungus|_roots$/.test(name)) return one(c.leaf, shade(c.leaf, 0.8), P.LEAVES);
    return one(c.plank, shade(c.plank, 0.8), P.PLANKS);
  }
  if (/azalea/.test(name)) return one('#6c8f3a', '#c577c0', P.LEAVES);
  const ore = /^(deepslate_|nether_)?(\w+)_ore$/.exec(name);
  if (ore && ORES[ore[2]]) return one(ore[1] === 'deepslate_' ? DEEPSLATE : ore[1] ? '#6e3130' : STONE, ORES[ore[2]], P.ORE);
  const raw = /^raw_(\w+)_block$/.exec(name);
  if (raw && ORES[raw[1]]) return one(ORES[raw[1]], shade(ORES[raw[1]], 0.75), P.COBBLE);
  const metal = /^(\w+)_block$/.exec(name);
  if (metal && ORES[metal[1]]) return one(ORES[metal[1]], shade(ORES[metal[1]], 0.85), P.PANEL);
  for (const [dye, c] of Object.entries(DYES)) {
    if (name.startsWith(`${dye}_`)) {
      if (/glass/.test(name)) return one(c, c, P.PANEL);
      return one(c, shade(c, 0.88), /wool|carpet/.test(name) ? P.SAND : P.PLAIN);
    }
  }
  if (PLANTS[name]) return one(PLANTS[name], shade(PLANTS[name], 0.8));
  if (FLOWERS[name]) return one(FLOWERS[name], '#5c8f3c');
  if (/brick/.test(name)) return one('#7f8486', '#666b6d', P.BRICKS);
  if (/glass/.test(name)) return one('#cfe4ea', '#e7f3f6', P.PANEL);
  if (/deepslate/.test(name)) return one(DEEPSLATE, '#43444b', P.BRICKS);
  if (/sandstone/.test(name)) return EXACT.sandstone;
  if (/cobble/.test(name)) return EXACT.cobblestone;
  if (/stone|andesite|tuff/.test(name)) return EXACT.stone;
  if (/terracotta/.test(name)) return one('#98604a', '#8a543f');
  if (/mushroom/.test(name)) return one(/red/.test(name) ? '#c4382f' : '#93714f', '#e6ddd0');
  if (/_bed$/.test(name)) return one('#b03a32', '#e8e2d8', P.PLANKS);
  if (/anvil|iron|hopper|cauldron|chain/.test(name)) return one('#5d6165', '#4b4f53', P.PANEL);
  if (/copper/.test(name)) return one('#c26e4c', '#a85b3d', P.PANEL);
  const hue = [...name].reduce((h, ch) => (h * 31 + ch.charCodeAt(0)) >>> 0, 7);
  const c = hsl((hue % 360) / 360, 0.22, 0.52);
  return one(c, shade(c, 0.85));
}

/** What stands in a cell without filling it: blades, a flower, a torch ...; null for a block of boxes or none. */
export function plantShape(name) {
  if (name in FLOWERS) return 'flower';
  if (name in PLANTS) return 'blades';
  if (/torch$/.test(name)) return 'torch';
  if (/_sapling|_propagule$/.test(name)) return 'sapling';
  if (/mushroom$|fungus$/.test(name)) return 'mushroom';
  if (/^(sugar_cane|bamboo)$/.test(name)) return 'cane';
  if (/^(kelp|kelp_plant|seagrass|tall_seagrass|vine|.*_roots|hanging_roots|glow_lichen)$/.test(name)) return 'blades';
  if (/^(fire|soul_fire)$/.test(name)) return 'fire';
  if (/^snow$/.test(name)) return 'layer';
  if (/rail$|_carpet$|pressure_plate$|redstone_wire|lily_pad|pink_petals/.test(name)) return 'layer';
  if (/_sign$|_banner$|button$|lever|tripwire|_door$/.test(name)) return 'post';
  return null;
}

/** The colour an item is known by. */
export function itemColour(name) {
  const metal = metalOf(name);
  if (metal) return metal;
  return ITEM_COLOURS[name] ?? blockLook(name).side[0];
}

/** The colour of what a tool, an ingot or a piece of armour is made of; null for other items. */
export function metalOf(name) {
  const m = /^(wooden|stone|iron|golden|gold|diamond|netherite|copper|leather|chainmail)_/.exec(name);
  if (!m || /_(ore|block|slab|stairs|wall|bricks?|button|plate)$/.test(name)) return null;
  return { wooden: '#a67c49', stone: '#8b9093', iron: '#dfe3e6', golden: '#f6d24b', gold: '#f6d24b', diamond: '#5fdcd8',
    netherite: '#524a4e', copper: '#d77a52', leather: '#a4663a', chainmail: '#9aa0a4' }[m[1]];
}

export const ITEM_COLOURS = {
  stick: '#a67c49', coal: '#2f3237', charcoal: '#3a352f', flint: '#4a4a4f', raw_iron: '#d8b394', raw_gold: '#eec04a', raw_copper: '#c96f4b',
  diamond: '#62e0dc', emerald: '#38c96c', lapis_lazuli: '#3a62c4', redstone: '#d8382c', quartz: '#ece4da', apple: '#d8402f', bread: '#c08a3e',
  porkchop: '#eea3a0', cooked_porkchop: '#b9793f', beef: '#c1443a', cooked_beef: '#7f4a2e', mutton: '#cc5850', cooked_mutton: '#8a5736',
  chicken: '#f0c8b4', cooked_chicken: '#c98b4e', rotten_flesh: '#a8613a', wheat: '#d6bb52', wheat_seeds: '#7fa33c', string: '#e7eaec', feather: '#eef1f3',
  leather: '#b0693a', bone: '#e9e6d8', arrow: '#b9a98c', bow: '#8a6235', gunpowder: '#70757a', egg: '#e6d6b4', snowball: '#f1f6f8', clay_ball: '#a0a7b4',
  brick: '#b0614b', bucket: '#c3c9cd', water_bucket: '#4f8ad6', lava_bucket: '#e8701c', shears: '#c3c9cd', torch: '#f2b75c', carrot: '#ec8b2a',
  potato: '#d1aa58', sugar: '#f2f5f5', paper: '#eef0ea', book: '#9a5a3c', ender_pearl: '#1f6f68', slime_ball: '#7fc06a', spider_eye: '#a03346',
};

/** A colour made darker (below 1) or lighter (above). */
export function shade(hex, factor) {
  const [r, g, b] = rgb(hex);
  const f = (v) => Math.max(0, Math.min(255, Math.round(v * 255 * factor))).toString(16).padStart(2, '0');
  return `#${f(r)}${f(g)}${f(b)}`;
}

/** '#rrggbb' as three numbers from 0 to 1, as written (sRGB). */
export function rgb(hex) {
  const n = parseInt(hex.slice(1), 16);
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}

function hsl(h, s, l) {
  const f = (n) => {
    const k = (n + h * 12) % 12;
    const v = l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(v * 255).toString(16).padStart(2, '0');
  };
  return `#${f(0)}${f(8)}${f(4)}`;
}
