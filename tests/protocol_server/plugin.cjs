// A small survival game for flying-squid: one module for each part of life, put together here. The README says what
// is the game's rule and what is simplified. flying-squid loads this before its own inventory, so packet handlers
// are replaced on a player's 'asap'.
'use strict'

const modules = [process.env.DRIVER_MODULES]
const load = (name) => require(require.resolve(name, { paths: modules }))
const { Vec3 } = load('vec3')
const nbt = load('prismarine-nbt')
const { heightAt } = require('./world.cjs')
const bedsModule = require('./beds.cjs')
const breaking = require('./breaking.cjs')

/** `told(event)` hears what the tests ask about: clicks, and digs with their times. */
module.exports = (told) => ({
  server (serv) {
    const original = new Map()
    const usual = { keepInventory: false, randomTickSpeed: 3 }
    serv.insides = new Map() // what lies in chests and furnaces, by place
    serv.locked = new Set() // chests and furnaces that open to nobody
    serv.dying = new Set() // who enters dead
    serv.rules = { ...usual }

    const { setBlock } = serv
    serv.setBlock = async (world, position, stateId) => {
      const key = position.toString()
      const before = await world.getBlockStateId(position)
      if (!original.has(key)) original.set(key, { position: position.clone(), state: before })
      if (serv.cells.kindOf(before).name !== serv.cells.kindOf(stateId).name) {
        serv.insides.delete(key)
        serv.locked.delete(key)
        serv.furnaces.forget(key)
      }
      await setBlock(world, position, stateId)
      serv.farming.changed(position, stateId)
      serv.light.changed(position)
    }
    /** The world as it was made, with nothing lying about: a test does not see what another did. */
    serv.reset = async () => {
      serv.refusing = false
      serv.silent = false
      serv.difficulty = 1
      serv.rules = { ...usual }
      serv.insides.clear()
      serv.locked.clear()
      for (const entity of Object.values(serv.entities)) if (entity.type !== 'player') entity.destroy()
      for (const { position, state } of original.values()) await serv.setBlock(serv.overworld, position, state)
      original.clear()
      serv.setTime(0)
    }
    /** A message of the game's own, which each client says in its language. flying-squid writes these as plain text. */
    serv.translated = (key, registry) => registry.supportFeature('chatPacketsUseNbtComponents')
      ? nbt.comp({ translate: nbt.string(key) })
      : JSON.stringify({ translate: key })
    serv.getSpawnPoint = async () => new Vec3(0.5, heightAt(0, 0) + 1, 0.5)

    /** So many ticks of what works by itself. */
    serv.pass = (ticks) => {
      for (let i = 0; i < ticks; i++) {
        serv.furnaces.tick()
        serv.farming.tick()
      }
      for (const { containers } of serv.players) containers.show()
    }
    serv.on('tick', () => {
      serv.pass(1)
      serv.creatures.tick()
      for (const { body } of serv.players) body.tick()
      bedsModule.tick(serv)
    })
    // The world has been made and the server's own commands stand when this is heard.
    serv.on('pluginsReady', () => {
      serv.overworld.unloadColumn = () => {} // nothing is saved: what was built there would be forgotten
      serv.cells = require('./cells.cjs')(serv, load)
      serv.light = require('./light.cjs')(serv)
      serv.furnaces = require('./furnaces.cjs')(serv, load)
      serv.farming = require('./farming.cjs')(serv, load)
      serv.creatures = require('./creatures.cjs')(serv, load)
      breaking.server(serv, load)
      require('./commands.cjs')(serv, load)
    })
  },

  player (player, serv) {
    const { registry, cells } = serv
    const Item = load('prismarine-item')(registry)
    const client = player._client
    breaking(player, serv, load, told) // first: it takes the server's own listeners away
    const body = player.body = require('./bodies.cjs')(player, serv, load)
    const crafting = require('./crafting.cjs')(player, serv, load)
    const containers = player.containers = require('./containers.cjs')(player, serv, load)
    const living = player.living = require('./living.cjs')(player, serv, load)
    const beds = player.beds = bedsModule(player, serv, load)
    const placing = require('./placing.cjs')(player, serv, load)

    player.on('asap', () => {
      if (serv.dying.delete(player.username)) player.health = 0
      const place = client.listeners('block_place')
      for (const name of ['block_place', 'use_entity', 'window_click']) client.removeAllListeners(name)
      client.on('block_place', (packet) => clickBlock(packet, place))
      client.on('use_entity', ({ target, mouse }) => { if (mouse === 1) strike(serv.entities[target]) })
      client.on('window_click', click)
      client.on('entity_action', ({ actionId }) => { if (actionId < 2) player.crouching = actionId === 0 })
      client.on('close_window', containers.close)
      client.on('client_command', ({ actionId }) => { if (actionId === 'perform_respawn') comeBack() })
      player.comeBack = comeBack
    })

    /** The block answers first, then the item works on it, then it is put down. */
    async function clickBlock (packet, usual) {
      const { location: { x, y, z }, direction, cursorY, sequence } = packet
      if (direction === -1) return living.useItem({ hand: 0 }) // 1.8 has one packet for both
      told({ event: 'clicked', pos: [x, y, z] })
      const block = await player.world.getBlock(new Vec3(x, y, z))
      block.position = new Vec3(x, y, z)
      const item = player.inventory.slots[36 + player.heldItemSlot]
      if (serv.refusing) return
      const answered = !player.crouching && (crafting.open(block) || containers.open(block) || await living.use(block) || await beds.use(block))
      if (!answered && item) {
        if (!registry.supportFeature('theFlattening')) for (const listener of usual) listener(packet)
        else if (!await serv.farming.use(player, item, block.position, direction) && !await placing.place(item, block.position, direction, cursorY)) correct(block.position, direction)
      }
      if (sequence !== undefined) client.write('acknowledge_player_digging', { sequenceId: sequence })
    }

    /** Nothing came of the click: the client is shown what is really there. */
    function correct ({ x, y, z }, direction) {
      const [dx, dy, dz] = [[0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1], [-1, 0, 0], [1, 0, 0]][direction] ?? [0, 0, 0]
      for (const at of [new Vec3(x, y, z), new Vec3(x + dx, y + dy, z + dz)]) {
        const state = cells.stateAt(at.x, at.y, at.z)
        if (state !== null) client.write('block_change', { location: at, type: state })
      }
    }

    function strike (target) {
      if (!serv.refusing && player.health > 0 && target?.creature !== undefined && target.position.distanceTo(player.position) < 6) serv.creatures.strike(player, target)
    }

    // flying-squid waits for the number, the protocol's table gives a name; its answer lacks a field of 1.20.
    function comeBack () {
      if (player.health > 0) return
      client.write('respawn', {
        dimension: 'minecraft:overworld',
        worldName: 'minecraft:overworld',
        hashedSeed: serv.hashedSeed,
        gamemode: player.gameMode,
        previousGamemode: 255,
        isDebug: false,
        isFlat: false,
        death: undefined,
        portalCooldown: 0,
        copyMetadata: 0
      })
      player.sendSelfPosition(player.spawnPoint)
      body.restore()
      player._unloadAllChunks(true)
      player.worldSendInitialChunks()
    }

    function click ({ windowId, stateId, slot, mouseButton, mode, action }) {
      if (action !== undefined && !serv.silent) client.write('transaction', { windowId, action, accepted: true }) // up to 1.16
      const window = windowId === 0 ? player.inventory : containers.window ?? crafting.window
      if (window === null || window.id !== windowId && windowId !== 0) return
      if (mode !== 5) {
        const held = window.selectedItem && { type: window.selectedItem.type, count: window.selectedItem.count, metadata: window.selectedItem.metadata, nbt: window.selectedItem.nbt }
        const result = slot === 0 ? window.slots[0] : null
        window.acceptClick({ slot, mouseButton, mode, windowId, item: slot === -999 ? null : window.slots[slot] })
        if (slot === -999 && held) {
          const thrown = held.count - (window.selectedItem?.count ?? 0)
          serv.lay({ ...held, count: thrown }, player.position.offset(0, 1.3, 0), placing.ahead().scaled(10))
        }
        if (window === containers.window) containers.clicked()
        else crafting.clicked(window, slot, result !== null && !window.slots[0])
        if (serv.silent && slot >= 0) client.write('set_slot', { windowId, stateId: 1, slot, item: Item.toNotch(window.slots[slot]) })
      }
      if (stateId !== -1) return
      client.write('window_items', {
        windowId,
        stateId: 1,
        items: window.slots.map((item) => Item.toNotch(item)),
        carriedItem: Item.toNotch(window.selectedItem)
      })
    }
  }
})
