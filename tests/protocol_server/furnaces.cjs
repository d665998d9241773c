// Furnaces: fuel burns whether or not something cooks, an item cooks while a flame burns, what is half done cools
// down twice as fast without one (Minecraft Wiki, "Smelting"). Blocks show whether they burn.
'use strict'

const COOK_TICKS = 200
const SMELTS = {
  raw_iron: 'iron_ingot', iron_ore: 'iron_ingot', raw_gold: 'gold_ingot', raw_copper: 'copper_ingot', sand: 'glass', cobblestone: 'stone', clay_ball: 'brick', oak_log: 'charcoal', birch_log: 'charcoal', spruce_log: 'charcoal', beef: 'cooked_beef', porkchop: 'cooked_porkchop', chicken: 'cooked_chicken', mutton: 'cooked_mutton', potato: 'baked_potato', kelp: 'dried_kelp'
}
const FUEL = { coal: 1600, charcoal: 1600, coal_block: 16000, stick: 100, lava_bucket: 20000, blaze_rod: 2400 }
const FUEL_KINDS = [[/^(?!crimson|warped)\w+_(log|planks|wood)$/, 300], [/^(?!crimson|warped)\w+_sapling$/, 100], [/^wooden_\w+$/, 200]]
const [INPUT, FUELS, OUTPUT] = [0, 1, 2]

module.exports = (serv, load) => {
  const { registry } = serv
  const Item = load('prismarine-item')(registry)
  const { Vec3 } = load('vec3')
  const fires = new Map() // place -> {burning, burnTotal, progress}

  const burnTime = (item) => FUEL[item.name] ?? FUEL_KINDS.find(([kind]) => kind.test(item.name))?.[1] ?? 0
  const fireAt = (key) => fires.get(key) ?? { burning: 0, burnTotal: 0, progress: 0 }

  /** The result of the input, if it has room. */
  function cooks ([input, , output]) {
    const name = input ? SMELTS[input.name] : undefined
    const made = name === undefined ? undefined : registry.itemsByName[name]
    if (made === undefined || (output && (output.type !== made.id || output.count >= output.stackSize))) return null
    return made
  }

  const less = (item) => { item.count -= 1; return item.count > 0 ? item : null }

  function tick (key, slots) {
    const fire = fireAt(key)
    const lit = fire.burning > 0
    if (fire.burning > 0) fire.burning -= 1
    const made = cooks(slots)
    if (fire.burning === 0 && made !== null && slots[FUELS] && burnTime(slots[FUELS]) > 0) {
      fire.burning = fire.burnTotal = burnTime(slots[FUELS])
      const bucket = slots[FUELS].name === 'lava_bucket'
      slots[FUELS] = bucket ? new Item(registry.itemsByName.bucket.id, 1) : less(slots[FUELS])
    }
    if (fire.burning > 0 && made !== null) {
      fire.progress += 1
      if (fire.progress === COOK_TICKS) {
        fire.progress = 0
        slots[INPUT] = less(slots[INPUT])
        if (slots[OUTPUT]) slots[OUTPUT].count += 1
        else slots[OUTPUT] = new Item(made.id, 1)
      }
    } else if (fire.progress > 0) fire.progress = made === null ? 0 : Math.max(0, fire.progress - 2)
    fires.set(key, fire)
    if (lit !== fire.burning > 0) show(key, fire.burning > 0)
  }

  function show (key, lit) {
    const [x, y, z] = key.match(/-?\d+/g).map(Number)
    const state = serv.cells.stateAt(x, y, z)
    if (serv.cells.kindOf(state).name !== 'furnace') return
    serv.setBlock(serv.overworld, new Vec3(x, y, z), serv.cells.state('furnace', { ...serv.cells.properties(state), lit }))
  }

  return {
    tick () { for (const [key, slots] of serv.insides) if (slots.length === 3) tick(key, slots) },
    /** Ticks: burning, of what the fuel gave, cooked, of what the item takes. */
    numbers (key) {
      const { burning, burnTotal, progress } = fireAt(key)
      return [burning, burnTotal, progress, COOK_TICKS]
    },
    forget: (key) => fires.delete(key)
  }
}
