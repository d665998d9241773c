// A Minecraft protocol server for tests: flying-squid on 127.0.0.1 with a small world of its own.
//
// Run as `node server.mjs '{"modules": ".../body-driver", "version": "1.20.4"}'`. It prints JSON lines on
// stdout: {"listening": PORT}, then what happens. It takes JSON lines on stdin: {"id", "do", ...}, answered by
// {"id", "ok", ...}. It ends when its stdin does, so it never outlives its test.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'

const options = JSON.parse(process.argv[2])
process.env.DRIVER_MODULES = options.modules
// flying-squid keeps a console of its own on stdin and stdout; both are needed here, so it gets others.
const [stdin, write] = [process.stdin, process.stdout.write.bind(process.stdout)]
const say = (message) => write(JSON.stringify(message) + '\n')
Object.defineProperty(process, 'stdin', { value: new PassThrough() })
process.stdout.write = process.stderr.write.bind(process.stderr)

const here = path.dirname(fileURLToPath(import.meta.url))
const require = createRequire(path.join(options.modules, 'package.json'))
const squid = require('flying-squid')
const { Vec3 } = require('vec3')
const plugin = createRequire(import.meta.url)('./plugin.cjs')

let door = null // what a client is told at login instead of being let in
const server = squid.createMCServer({
  motd: 'test',
  host: '127.0.0.1',
  port: options.port ?? 0,
  'max-players': 5,
  'online-mode': false,
  logging: false,
  gameMode: 0,
  difficulty: 1,
  generation: { name: path.join(here, 'world.cjs'), options: { seed: 1, flat: options.flat === true } },
  kickTimeout: 30_000,
  plugins: {},
  modpe: false,
  'view-distance': 4,
  'player-list-text': { header: { text: '' }, footer: { text: '' } },
  'everybody-op': true,
  'max-entities': 100,
  version: options.version ?? '1.20.4',
  beforeLogin: (client) => { if (door !== null) client.end(door, JSON.stringify({ translate: door })) }
})
const now = () => Number(process.hrtime.bigint()) / 1e9 // seconds of the machine's monotonic clock
server.addPlugin('test', plugin((event) => say({ ...event, at: now() })), {})
server.on('error', (error) => process.stderr.write(`${error.stack}\n`))
server.on('clientError', () => {})
server.waitForReady().then(() => say({ listening: server.listeningPort }))

const player = (name) => {
  const found = server.players.find(({ username }) => username === name)
  if (found === undefined) throw new Error(`no player ${name}`)
  return found
}

const commands = {
  kick: ({ name, reason }) => { player(name).kick(reason) },
  setblock: async ({ pos, block, properties }) => {
    await server.setBlock(server.overworld, new Vec3(...pos), server.cells.state(block, properties))
  },
  give: ({ name, item, count = 1, slot }) => {
    const Item = require('prismarine-item')(server.registry)
    player(name).inventory.updateSlot(slot, item === null ? null : new Item(server.registry.itemsByName[item].id, count))
  },
  home: async ({ name }) => {
    const found = player(name)
    for (let slot = 0; slot < 46; slot++) if (found.inventory.slots[slot]) found.inventory.updateSlot(slot, null)
    const spawn = await server.getSpawnPoint()
    found.spawnPoint = spawn
    await found.beds.wake()
    await found.teleport(spawn)
    if (found.health > 0) found.body.restore()
    return { position: spawn.toArray() }
  },
  teleport: ({ name, position }) => player(name).teleport(new Vec3(...position)),
  health: ({ name, health }) => { player(name).updateHealth(health) },
  food: ({ name, food }) => { Object.assign(player(name), { foodSaturation: 0 }).updateFood(food) },
  creature: ({ kind, position, still = false, health }) => ({ entity: server.creatures.add(kind, new Vec3(...position), { still, health }).id }),
  strike: ({ entity, damage }) => { server.entities[entity].takeDamage({ damage }) },
  stall: ({ ms }) => { for (const until = Date.now() + ms; Date.now() < until;); },
  noise: ({ name, bytes }) => { player(name)._client.writeRaw(Buffer.from(bytes, 'hex')) },
  silent: ({ on }) => { server.silent = on },
  time: ({ ticks }) => { server.setTime(ticks) },
  pass: ({ ticks }) => { server.pass(ticks) },
  revive: ({ name }) => { player(name).comeBack() },
  dying: ({ name }) => { server.dying.add(name) },
  wake: ({ name }) => { player(name).living.wake() },
  say: ({ text }) => { server.broadcast(text) },
  reset: () => { door = null; return server.reset() },
  door: ({ says }) => { door = says },
  refuse: ({ on }) => { server.refusing = on },
  command: ({ name, text }) => server.command(text, player(name)),
  insides: () => ({ items: [...server.insides.values()].flat().filter(Boolean).map((item) => [item.name, item.count]) }),
  tell: ({ name, text }) => { player(name).chat(text) },
  where: ({ name }) => ({ position: player(name).position.toArray() }),
  cut: ({ name }) => { player(name)._client.socket.destroy() },
  players: () => ({ names: server.players.map(({ username }) => username) })
}

createInterface({ input: stdin }).on('line', async (line) => {
  const { id, do: name, ...args } = JSON.parse(line)
  try {
    say({ id, ok: true, ...(await commands[name](args) ?? {}) })
  } catch (error) {
    say({ id, ok: false, error: String(error.message) })
  }
}).on('close', () => process.exit(0))
