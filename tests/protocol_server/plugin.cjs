// What flying-squid lacks and a client has to be told: that a block broke, what a click did, what lies on
// the ground; crafting is in crafting.cjs. Rules of the game: block changes go to everyone who sees the place, also to who made them;
// digging counts only if its time has passed; a click whose state id is stale is answered with the whole
// window. Simplifications: no tools wear, any tool gives the drop, reach is not checked.
'use strict'

const modules = [process.env.DRIVER_MODULES]
const load = (name) => require(require.resolve(name, { paths: modules }))
const { Vec3 } = load('vec3')
const { heightAt } = require('./world.cjs')

/** A server accepts the end of digging from this share of the time on (Minecraft Wiki, "Breaking"). */
const ENOUGH = 0.7

/** `told(event)` hears what the tests ask about: digs with their times, walks, chat. */
module.exports = (told) => ({
  server (serv) {
    const original = new Map()
    serv.insides = new Map() // what lies in chests and furnaces, by place
    serv.dying = new Set() // who enters dead
    const { setBlock } = serv
    serv.setBlock = async (world, position, stateId) => {
      const key = position.toString()
      if (!original.has(key)) original.set(key, { position: position.clone(), state: await world.getBlockStateId(position) })
      await setBlock(world, position, stateId)
    }
    /** The world as it was made, with nothing lying about: a test does not see what another did. */
    serv.reset = async () => {
      serv.refusing = false
      serv.silent = false
      serv.bed = null
      serv.insides.clear()
      for (const { position, state } of original.values()) await setBlock(serv.overworld, position, state)
      original.clear()
      for (const entity of Object.values(serv.entities)) if (entity.type !== 'player') entity.destroy()
    }
    serv.getSpawnPoint = async () => new Vec3(0.5, heightAt(0, 0) + 1, 0.5)
  },

  player (player, serv) {
    const { registry } = serv
    const Item = load('prismarine-item')(registry)
    const client = player._client

    // The server's own plugins register their handlers after this one; theirs are replaced once all have.
    player.on('asap', () => {
      for (const name of ['block_dig', 'window_click']) client.removeAllListeners(name)
      client.on('block_dig', dig)
      client.on('window_click', click)
      player.collect = collect
      // flying-squid waits for the number, the protocol's table gives a name; its answer lacks a field of 1.20.
      client.on('client_command', ({ actionId }) => {
        if (actionId !== 'perform_respawn') return
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
        player.updateHealth(20)
        player._unloadAllChunks(true)
        player.worldSendInitialChunks()
      })
    })

    let digging = null

    async function dig ({ location, status, sequence }) {
      const pos = new Vec3(location.x, location.y, location.z)
      const block = await player.world.getBlock(pos)
      if (status === 0) {
        const held = player.inventory.slots[36 + player.heldItemSlot]
        digging = { pos, at: performance.now(), ms: block.digTime(held?.type ?? null, false, false, false, [], {}) }
        if (digging.ms === 0) await broken(pos, block)
      } else if (status === 1) {
        if (digging !== null) told({ event: 'digCancelled', pos: [pos.x, pos.y, pos.z] })
        digging = null
      } else if (status === 2) {
        const passed = digging !== null && digging.pos.equals(pos) ? performance.now() - digging.at : 0
        const enough = digging !== null && passed >= digging.ms * ENOUGH
        told({ event: 'dug', pos: [pos.x, pos.y, pos.z], block: block.name, passed, expected: digging?.ms ?? null, enough })
        digging = null
        if (enough && !serv.refusing) await broken(pos, block)
        else client.write('block_change', { location: pos, type: block.stateId })
      }
      if (sequence !== undefined) client.write('acknowledge_player_digging', { sequenceId: sequence })
    }

    async function broken (pos, block) {
      await serv.setBlock(player.world, pos, 0)
      const loot = registry.blockLoot?.[block.name]?.drops.filter(({ silkTouch }) => !silkTouch)
      const items = loot?.map(({ item }) => registry.itemsByName[item].id) ?? block.drops.map((drop) => drop?.drop?.id ?? drop?.drop ?? drop)
      for (const item of items) lay(item, 1, pos.offset(0.5, 0.25, 0.5))
    }

    function lay (itemId, count, position, velocity = new Vec3(0, 0, 0)) {
      const kind = registry.entitiesByName.item ?? registry.entitiesByName.Item ?? registry.entitiesByName.item_stack
      const entity = serv.spawnObject(kind.id, player.world, position, {
        velocity, itemId, itemCount: count, pickupTime: 500, deathTime: 300_000
      })
      if (registry.version['<']('1.20.2')) return // flying-squid tells what lies there up to then
      const key = kind.metadataKeys.indexOf('item')
      player._client.write('entity_metadata', {
        entityId: entity.id, metadata: [{ key, type: 'item_stack', value: Item.toNotch(new Item(itemId, count)) }]
      })
    }

    function collect (entity) {
      const { slots } = player.inventory
      const order = [...Array(9).keys()].map((i) => i + 36).concat([...Array(27).keys()].map((i) => i + 9))
      const same = order.find((i) => slots[i]?.type === entity.itemId && slots[i].count < slots[i].stackSize)
      const slot = same ?? order.find((i) => !slots[i])
      if (slot === undefined) return
      const had = slots[slot]?.count ?? 0
      player.inventory.updateSlot(slot, new Item(entity.itemId, had + entity.itemCount))
      client.write('collect', { collectedEntityId: entity.id, collectorEntityId: player.id, pickupItemCount: entity.itemCount })
      entity.destroy()
    }

    const crafting = require('./crafting.cjs')(player, serv, load)
    const containers = require('./containers.cjs')(player, serv, load)
    const living = player.living = require('./living.cjs')(player, serv, load)

    player.on('asap', () => {
      if (serv.dying.delete(player.username)) player.health = 0
      const place = client.listeners('block_place')
      client.removeAllListeners('block_place')
      client.on('block_place', async (packet) => {
        const block = await player.world.getBlock(new Vec3(packet.location.x, packet.location.y, packet.location.z))
        block.position = new Vec3(packet.location.x, packet.location.y, packet.location.z)
        if (player.crouching || (!containers.open(block) && !await living.use(block))) for (const listener of place) listener(packet)
        if (packet.sequence !== undefined) client.write('acknowledge_player_digging', { sequenceId: packet.sequence })
      })
      client.on('close_window', containers.close)
    })

    function click ({ windowId, stateId, slot, mouseButton, mode, action }) {
      if (action !== undefined && !serv.silent) client.write('transaction', { windowId, action, accepted: true }) // up to 1.16
      const window = windowId === 0 ? player.inventory : containers.window ?? crafting.window
      if (window === null || window.id !== windowId && windowId !== 0) return
      if (mode !== 5) {
        const held = window.selectedItem && { type: window.selectedItem.type, count: window.selectedItem.count }
        const result = slot === 0 ? window.slots[0] : null
        window.acceptClick({ slot, mouseButton, mode, windowId, item: slot === -999 ? null : window.slots[slot] })
        if (slot === -999 && held) {
          const thrown = held.count - (window.selectedItem?.count ?? 0)
          lay(held.type, thrown, player.position.offset(0, 1.3, 0), new Vec3(0, 0, 6))
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
