// What can go wrong, as codes. Codes of actions are those of the brain's ExecErrorCode; codes that begin
// with "connect." say why a server could not be entered, and the brain turns them into advice.

/** A failure with its code: the only kind of error that an operation lets out on purpose. */
export class Failure extends Error {
  name = 'Failure'

  constructor (code, detail) {
    super(detail)
    this.code = code
    this.detail = detail
  }
}

/**
 * The one table from what mineflayer and its libraries throw to codes: the first row that fits wins.
 * `op` limits a row to an operation.
 */
const THROWN = [
  { says: /^Digging aborted/, op: 'dig', code: 'dig.blockChanged' },
  { says: /dig time for .* is Infinity|dig was called with an undefined/, code: 'dig.blockChanged' },
  { says: /Block not in view/, code: 'dig.outOfReach' },
  { says: /must be holding an item/, code: 'inventory.missing' },
  { says: /Server refused to place/, code: 'place.timeout' },
  { says: /Server did not answer the placement|blockUpdate.*did not fire/, code: 'place.timeout' },
  { says: /missing ingredient/, code: 'craft.missingInput' },
  { says: /requires craftingTable|non craftingTable used/, code: 'craft.noWorkstation' },
  { says: /Can't find .* in slots/, code: 'inventory.missing' },
  { says: /(Server didn't respond to|Server rejected) transaction/, op: 'craft', code: 'craft.uiTimeout' },
  { says: /(Event|event) (windowOpen|updateSlot|setWindowItems).* did not fire/, op: 'craft', code: 'craft.uiTimeout' },
  { says: /(Server didn't respond to|Server rejected) transaction/, op: 'put', code: 'container.timeout' },
  { says: /(Server didn't respond to|Server rejected) transaction/, op: 'take', code: 'container.timeout' },
  { says: /destination full|inventory is full/i, code: 'inventory.full' },
  { says: /undefined or null block/, code: 'path.unloaded' },
  { says: /Invalid item object in equip/, code: 'inventory.missing' },
  { says: /requires craftingTable|non craftingTable used/, code: 'craft.noWorkstation' },
  { says: /not a furnace-like window|Non-container window|neither a block nor an entity/, code: 'container.none' },
  { says: /half bed|click the bed|not a bed block/, code: 'sleep.noBed' },
  { says: /bed is too far/, code: 'sleep.outOfReach' },
  { says: /bed is occupied/, code: 'sleep.occupied' },
  { says: /monsters nearby/, code: 'sleep.hostilesNear' },
  { says: /not night and it's not a thunderstorm/, code: 'sleep.notNight' },
  { says: /already sleeping/, code: 'body.asleep' },
  { says: /Consuming cancelled/, code: 'use.timeout' },
  { says: /Food is full/, code: 'use.notHungry' },
  { says: /not sleeping|already awake|not mounted|elytra|Unable to fly/i, code: 'use.noEffect' },
  { says: /lines for sign text|characters per line|invalid direction vector|Invalid itemType|invalid destination/, code: 'step.badArgs' },
  { says: /Waiting for event .* was aborted/, code: 'step.cancelled' },
  { says: /(Server didn't respond to|Server rejected) transaction/, code: 'sense.apiError' },
  { says: /did not fire within timeout/, code: 'sense.apiError' },
  { says: /Timeout waiting for/, code: 'sense.apiError' },
  { says: /Promise timed out|Waiting for event .* was aborted|Consuming cancelled|already awake/, code: 'sense.apiError' },
  { says: /EPIPE|ECONNRESET|socket has been ended|write after end|not connected/i, code: 'body.disconnected' }
]

/** The failure that stands for anything thrown during an operation. */
export function failureOf (error, op) {
  if (error instanceof Failure) return error
  const text = String(error?.message ?? error)
  for (const row of THROWN) {
    if ((row.op === undefined || row.op === op) && row.says.test(text)) return new Failure(row.code, text)
  }
  // What mineflayer takes for granted about windows and slots did not hold: the server said something else.
  if (error?.code === 'ERR_ASSERTION') return new Failure('sense.apiError', text)
  return new Failure('unknown', `${op}: ${text}`)
}

/** Why a server could not be entered, or would not have us any longer. `final` ones are not tried again. */
export const CONNECT_CODES = {
  'connect.unknownHost': { final: true },
  'connect.refused': { final: false },
  'connect.timeout': { final: false },
  'connect.lost': { final: false },
  'connect.version': { final: true },
  'connect.banned': { final: true },
  'connect.whitelist': { final: true },
  'connect.auth': { final: true },
  'connect.duplicate': { final: true },
  'connect.full': { final: false },
  'connect.kicked': { final: false }
}

/** Rows from what a socket, a library or a server says to a connect code; the first that fits wins. */
const REFUSALS = [
  { says: /ENOTFOUND|EAI_AGAIN|getaddrinfo/, code: 'connect.unknownHost' },
  { says: /ECONNREFUSED/, code: 'connect.refused' },
  { says: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timed out|keepAliveError/i, code: 'connect.timeout' },
  {
    says: /is not supported|Unsupported protocol version|no data for version|unsupported version|outdated_(client|server)|multiplayer\.disconnect\.incompatible|Outdated (client|server)|differentVersionError|This server is version|Incompatible client|please use (version )?\d/i,
    code: 'connect.version'
  },
  { says: /not_whitelisted|white-?list/i, code: 'connect.whitelist' },
  { says: /disconnect\.banned|\bbanned\b/i, code: 'connect.banned' },
  {
    says: /unverified_username|Failed to verify username|not authenticated with|Invalid session|authentication servers|invalid_public_key|missing_public_key|premium|Failed to obtain profile|No profile available|doesn't own|invalid_grant|online-mode|authenticat/i,
    code: 'connect.auth'
  },
  { says: /duplicate_login|logged in from another location|already connected/i, code: 'connect.duplicate' },
  { says: /server_full|server is full/i, code: 'connect.full' },
  { says: /ECONNRESET|EPIPE|socketClosed|socket hang up/i, code: 'connect.lost' }
]

/** The connect code for a text; `fallback` if no row knows it. */
export function connectCode (text, fallback) {
  for (const row of REFUSALS) if (row.says.test(text)) return row.code
  return fallback
}
