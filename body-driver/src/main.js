// The driver: a body in a Minecraft world, moved over stdin and stdout. PROTOCOL.md says how.
import net from 'node:net'
import { createRequire } from 'node:module'
import { Failure } from './errors.js'
import { captureConsole, log } from './log.js'
import { Link } from './link.js'
import { Session } from './session.js'
import { Actions } from './actions.js'
import { checked } from './arguments.js'
import { tablesOf } from './tables.js'
import { entities, findBlocks, observe, scan } from './senses.js'
import { forward } from './events.js'
import { withoutPrediction } from './blocks.js'
import { openedKind } from './containers.js'
import { helpSilentServers } from './silent.js'
import { nameNameless } from './nameless.js'
import { watchWeapon } from './combat.js'

const PROTOCOL = 1
const LEAVE_MS = 3000

captureConsole()
const require = createRequire(import.meta.url)

const input = process.stdin
// process.stdout would block the whole loop, physics and keep-alives with it, while the brain does not read.
const output = new net.Socket({ fd: 1, readable: false, writable: true })

const emit = (kind, data) => link.event(kind, data)
const session = new Session(emit, (bot) => {
  withoutPrediction(bot)
  helpSilentServers(bot)
  nameNameless(bot)
  watchWeapon(bot)
  forward(bot, () => session.bot === bot && session.spawned, emit)
})
const actions = new Actions(session)

const handlers = checked({
  connect: async (args) => ({ result: await session.connect(args) }),
  tables: async () => ({ result: {}, bytes: await tablesOf(session.present().registry) }),
  observe: () => ({ result: observe(session.present(), actions.busy, openedKind(session.present())) }),
  scan: (args, context) => scan(session.present(), args, context),
  findBlocks: (args, context) => findBlocks(session.present(), args, context),
  entities: (args) => entities(session.present(), args),
  ...actions.handlers(),
  // Set-up commands of an operator: they are no action of the body and may come while one is under way.
  command: ({ text }) => { session.present().chat(text) },
  ping: (args) => ({ result: args }),
  load: () => ({ result: session.load() })
})

const link = new Link(input, output, handlers, (reason) => {
  log.info('the brain is gone', { reason })
  leave(reason === 'closed' ? 0 : 3)
})

/** Leave the world and end. Whatever hangs on the way, the process is gone a few seconds later. */
async function leave (status) {
  setTimeout(() => process.exit(status), LEAVE_MS)
  await session.close()
  if (output.destroyed) process.exit(status)
  output.end(() => process.exit(status))
}

process.on('uncaughtException', (error) => session.crashed(error))
process.on('unhandledRejection', (error) => {
  if (!(error instanceof Failure)) log.warn('unhandled rejection', { stack: String(error?.stack ?? error) })
})
// With the log's reader gone there is no one to tell; throwing would only lead back here.
process.stderr.on('error', () => {})
// A terminal sends this to the whole group; the brain decides when to leave, and closing stdin says so.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => leave(0))

link.hello({
  protocol: PROTOCOL,
  node: process.version,
  mineflayer: require('mineflayer/package.json').version,
  minecraftData: require('minecraft-data/package.json').version
})
