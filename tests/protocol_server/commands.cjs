// Operators' commands in the game's own syntax, as far as set-ups need them; flying-squid's own give counts as
// words, summon and tp only where one stands.
'use strict'

const TIMES = { day: 1000, noon: 6000, night: 13000, midnight: 18000 }
const DIFFICULTIES = ['peaceful', 'easy', 'normal', 'hard']
const MAX_FILL = 32768

module.exports = (serv, load) => {
  const { registry, cells } = serv
  const { UserError } = load('flying-squid')
  const { Vec3 } = load('vec3')
  const Item = load('prismarine-item')(registry)

  const refuse = (text) => { throw new UserError(text) }
  const number = (word) => { if (!/^-?\d+(\.\d*)?$/.test(word ?? '')) refuse(`Incorrect argument: ${word} is no number`); return Number(word) }
  const plain = (word) => String(word).replace(/^minecraft:/, '')
  const people = (word) => {
    const found = serv.players.filter(({ username }) => word === '@a' || word === username)
    return found.length > 0 ? found : refuse(`No player was found: ${word}`)
  }
  const itemOf = (word) => registry.itemsByName[plain(word)] ?? refuse(`Unknown item '${word}'`)
  function point (words, origin, centred) {
    return new Vec3(...words.map((word, axis) => {
      if (word?.startsWith('~')) return [origin.x, origin.y, origin.z][axis] + (word.length > 1 ? number(word.slice(1)) : 0)
      return number(word) + (centred && axis !== 1 && !word.includes('.') ? 0.5 : 0)
    }))
  }
  function blockOf (word) {
    const match = /^([a-z0-9_]+)(?:\[([a-z0-9_=,]*)\])?$/.exec(plain(word))
    if (match === null || registry.blocksByName[match[1]] === undefined) refuse(`Unknown block '${word}'`)
    const properties = Object.fromEntries((match[2] ?? '').split(',').filter(Boolean).map((part) => part.split('=')))
    for (const [key, value] of Object.entries(properties)) properties[key] = /^(true|false)$/.test(value) ? value === 'true' : value
    return cells.state(match[1], properties)
  }
  const put = (position, state) => { serv.insides.delete(position.toString()); serv.furnaces.forget(position.toString()); return serv.setBlock(serv.overworld, position, state) }

  const commands = {
    give ([who, what, count = '1']) {
      const damage = /\{Damage:(\d+)\}$/.exec(what)
      const item = itemOf(what.replace(/\{.*$/, ''))
      for (const player of people(who)) {
        for (let left = number(count); left > 0; left -= item.stackSize) {
          const made = new Item(item.id, Math.min(left, item.stackSize))
          if (damage) made.durabilityUsed = Number(damage[1])
          if (!player.gain(made)) serv.lay(made, player.position)
        }
      }
    },
    clear ([who, what, most]) {
      for (const { inventory } of people(who)) {
        let left = most === undefined ? Infinity : number(most)
        inventory.slots.forEach((item, slot) => {
          if (!item || (what !== undefined && item.type !== itemOf(what).id)) return
          const gone = Math.min(left, item.count)
          left -= gone
          item.count -= gone
          inventory.updateSlot(slot, item.count > 0 ? item : null)
        })
      }
    },
    async tp (words, origin) {
      const [who, ...where] = words.length === 3 ? ['@s', ...words] : words
      const place = point(where, origin.position, true)
      for (const player of who === '@s' ? [origin] : people(who)) await player.teleport(place)
    },
    setblock: ([x, y, z, block], { position }) => put(point([x, y, z], position, false).floored(), blockOf(block)),
    async fill ([x0, y0, z0, x1, y1, z1, block], { position }) {
      const [a, b] = [point([x0, y0, z0], position, false).floored(), point([x1, y1, z1], position, false).floored()]
      const [low, high] = [a.min(b), a.max(b)]
      const size = high.minus(low).offset(1, 1, 1)
      if (size.x * size.y * size.z > MAX_FILL) refuse('Incorrect argument: too many blocks')
      const state = blockOf(block)
      for (let x = low.x; x <= high.x; x++) for (let y = low.y; y <= high.y; y++) for (let z = low.z; z <= high.z; z++) if (cells.stateAt(x, y, z) !== state) await put(new Vec3(x, y, z), state)
    },
    summon ([kind, ...rest], { position }) {
      const wishes = rest.slice(3).join('')
      const health = /Health:(\d+)/.exec(wishes)
      if (!serv.creatures.kinds.includes(plain(kind))) refuse(`No entity was found: no ${kind} lives here, only ${serv.creatures.kinds.join(', ')}`)
      serv.creatures.add(plain(kind), point(rest.length >= 3 ? rest.slice(0, 3) : ['~', '~', '~'], position, true), {
        still: wishes.includes('NoAI:1'), ...(health && { health: Number(health[1]) })
      })
    },
    kill ([who = '@s'], origin) {
      const kind = /^@e(?:\[type=(?:minecraft:)?(\w+)\])?$/.exec(who)
      if (kind === null) for (const player of who === '@s' ? [origin] : people(who)) player.body.hurt(1e6)
      else for (const mob of serv.creatures.living()) if (kind[1] === undefined || mob.creature.name === kind[1]) mob.takeDamage({ damage: 1e6 })
      if (kind !== null && [undefined, 'item'].includes(kind[1])) for (const entity of Object.values(serv.entities)) if (entity.itemId !== undefined) entity.destroy()
    },
    time ([how, value]) {
      const ticks = how === 'set' ? TIMES[value] ?? number(value) : how === 'add' ? serv.time + number(value) : refuse(`Incorrect argument: ${how}`)
      serv.setTime(ticks % 24000)
    },
    difficulty: ([word]) => { serv.difficulty = DIFFICULTIES.includes(word) ? DIFFICULTIES.indexOf(word) : refuse(`Incorrect argument: ${word}`) },
    gamerule ([name, value]) {
      if (!(name in serv.rules)) refuse(`Incorrect argument: ${name} is no rule here, only ${Object.keys(serv.rules).join(', ')}`)
      serv.rules[name] = value === 'true' ? true : value === 'false' ? false : number(value)
    },
    effect ([how, who, effect, seconds = '30', level = '0']) {
      for (const { body } of people(who)) {
        const name = how === 'clear' ? 'clear' : plain(effect)
        if (name === 'instant_damage') body.hurt(6 * 2 ** number(level))
        else if (name === 'instant_health') body.heal(4 * 2 ** number(level))
        else if (name === 'saturation') body.fed(number(level) + 1, 2 * (number(level) + 1))
        else if (name === 'hunger') Object.assign(body, { hungerTicks: number(seconds) * 20, hungerLevel: number(level) })
        else if (name === 'clear') body.hungerTicks = 0
        else refuse(`Incorrect argument: no effect ${effect} here`)
      }
    },
    /** `data merge block X Y Z {Lock:"..."}`: opens only to who holds an item of that name, and nobody does. */
    data ([how, what, x, y, z, ...nbt], { position }) {
      const lock = /^\{Lock:"([^"]*)"\}$/.exec(nbt.join(' '))
      if (how !== 'merge' || what !== 'block' || lock === null) refuse('Incorrect argument: only data merge block X Y Z {Lock:"..."}')
      const at = point([x, y, z], position, false).floored()
      if (!/^(chest|barrel|furnace)$/.test(cells.nameAt(at.x, at.y, at.z))) refuse('Incorrect argument: no container is there')
      serv.locked.add(at.toString())
    },
    /** `tick sprint N`: that many ticks of fire and growth at once. */
    tick ([what, count]) { if (what !== 'sprint') refuse(`Incorrect argument: ${what}`); serv.pass(number(count)) }
  }
  const words = (text) => String(text).split(/\s+/).filter(Boolean)
  /** One command, as a player would give it. */
  serv.command = async (text, player) => {
    const [name, ...rest] = words(text.replace(/^\//, ''))
    await (commands[name] ?? refuse(`Unknown command: ${name}`))(rest, player)
  }
  for (const [base, run] of Object.entries(commands)) {
    const action = async (text, { player }) => { await run(words(text), player) }
    serv.commands.add({ base, ...(base === 'tp' && { aliases: ['teleport'] }), info: base, usage: `/${base}`, op: true, action })
  }
}
