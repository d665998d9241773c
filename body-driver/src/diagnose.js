// When a server neither lets a bot in nor says why: is it that the version does not fit?
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

const PING_MS = 3000

/** What is wrong with the version asked for, or null if it fits, is unknown or the server does not say. */
export async function versionProblem ({ host, port, version }) {
  if (!version) return null
  const asked = require('minecraft-data')(version)?.version
  if (asked === undefined) return `version ${version} is not known`
  try {
    const { version: found } = await require('minecraft-protocol').ping({ host, port, closeTimeout: PING_MS, noPongTimeout: PING_MS })
    if (found === undefined || found.protocol === asked.version) return null
    return `the server runs ${found.name}, ${version} was asked for`
  } catch {
    return null // it answers no pings; then the first failure is all that is known
  }
}
