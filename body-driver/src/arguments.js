// What each operation takes. A request that does not fit is refused with step.badArgs before anything is done.
import { Failure } from './errors.js'

const kind = (name, fits) => ({ name, fits })
const integer = kind('a whole number', Number.isSafeInteger)
const count = kind('a whole number above 0', (value) => Number.isSafeInteger(value) && value > 0)
const number = kind('a number', Number.isFinite)
const text = kind('a text', (value) => typeof value === 'string')
const flag = kind('true or false', (value) => typeof value === 'boolean')
const list = (of) => kind(`a list, each ${of.name}`, (value) => Array.isArray(value) && value.every(of.fits))
const three = (of, name) => kind(name, (value) => Array.isArray(value) && value.length === 3 && value.every(of.fits))
const orNull = (of) => kind(`${of.name} or null`, (value) => value === null || of.fits(value))
const optional = (of) => kind(of.name, (value) => value === undefined || value === null || of.fits(value))

/** Beyond this no world reaches, and cells cannot be told apart. */
const FAR = 3.1e7
const near = (of) => kind(of.name, (value) => of.fits(value) && Math.abs(value) < FAR)
const cell = three(near(integer), 'a cell of three whole numbers')
const point = three(near(number), 'a point of three numbers')

const SHAPES = {
  connect: { host: text, port: integer, username: text, auth: optional(text), version: optional(text), timeoutMs: optional(number) },
  scan: { low: cell, high: cell, light: optional(flag) },
  findBlocks: { names: list(text), radius: near(number), limit: count },
  entities: { radius: number },
  follow: { cells: list(cell), moves: optional(list(text)) },
  lookAt: { point },
  dig: { pos: cell },
  place: { against: cell, face: text },
  equip: { item: text, where: text },
  craft: { result: text, count, shape: list(list(orNull(text))), shapeless: flag, times: count, table: orNull(cell) },
  toss: { item: text, count },
  useBlock: { pos: cell, face: text },
  useItem: { ticks: integer },
  raiseShield: { up: flag },
  attack: { entity: integer },
  openContainer: { pos: cell },
  put: { item: text, count, part: optional(text) },
  take: { item: text, count, part: optional(text) },
  sleep: { pos: cell },
  chat: { text },
  command: { text }
}

/** The handlers, each behind a look at its arguments. */
export function checked (handlers) {
  return Object.fromEntries(Object.entries(handlers).map(([op, handler]) => [op, (args, context) => {
    check(op, args)
    return handler(args, context)
  }]))
}

function check (op, args) {
  const shape = SHAPES[op]
  if (shape === undefined) return
  if (typeof args !== 'object' || Array.isArray(args)) throw new Failure('step.badArgs', `${op} takes an object`)
  for (const [name, { name: wanted, fits }] of Object.entries(shape)) {
    if (!fits(args[name])) throw new Failure('step.badArgs', `${op}/${name}: ${told(args[name])} is not ${wanted}`)
  }
}

const told = (value) => value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 60)
