import assert from 'node:assert/strict'
import test from 'node:test'
import { readdirSync, readFileSync } from 'node:fs'
import { CONNECT_CODES, connectCode, Failure, failureOf } from '../src/errors.js'
import { textOf } from '../src/text.js'
import { wrap, yawForBrain, yawForMineflayer } from '../src/angles.js'

test('what mineflayer throws has a code of its own, and only a stranger is unknown', () => {
  const known = [
    ['dig', 'Digging aborted', 'dig.blockChanged'],
    ['dig', 'dig time for bedrock is Infinity', 'dig.blockChanged'],
    ['place', 'must be holding an item to place', 'inventory.missing'],
    ['place', 'Server refused to place dirt at (1, 2, 3): the block is still air', 'place.timeout'],
    ['place', 'Server did not answer the placement at (1, 2, 3): Event x did not fire within timeout of 5000ms', 'place.timeout'],
    ['place', 'Event blockUpdate:(1, 2, 3) did not fire within timeout of 5000ms', 'place.timeout'],
    ['craft', 'missing ingredient', 'craft.missingInput'],
    ['craft', "Server didn't respond to transaction for clicking on slot 3 on window with id 1.", 'craft.uiTimeout'],
    ['craft', 'Event windowOpen did not fire within timeout of 20000ms', 'craft.uiTimeout'],
    ['equip', 'Server rejected transaction for clicking on slot 3, on window with id 0.', 'sense.apiError'],
    ['toss', "Can't find dirt in slots [9 - 45], (item id: 3)", 'inventory.missing'],
    ['lookAt', 'write EPIPE', 'body.disconnected']
  ]
  for (const [op, text, code] of known) assert.equal(failureOf(new Error(text), op).code, code, text)
  assert.equal(failureOf(new Error('never heard of'), 'dig').code, 'unknown')
  const own = new Failure('dig.timeout', 'x')
  assert.equal(failureOf(own, 'dig'), own)
})

// requirement("LEAF-05")
test('no message in the parts of mineflayer that the driver calls is unknown', () => {
  const parts = { digging: 'dig', place_block: 'place', generic_place: 'place', inventory: 'put', simple_inventory: 'equip', craft: 'craft', bed: 'sleep', chest: 'openContainer', furnace: 'openContainer' }
  const lib = new URL('../node_modules/mineflayer/lib/', import.meta.url)
  const texts = []
  for (const [file, op] of [...Object.entries(parts).map(([part, op]) => [`plugins/${part}.js`, op]), ['promise_utils.js', 'place']]) {
    for (const [, , text] of readFileSync(new URL(file, lib), 'utf8').matchAll(/new Error\((['"`])(.+?)\1[,)\s+]/g)) texts.push([op, text.replace(/\$\{.*?\}/g, 'x')])
  }
  assert.ok(texts.length > 30, `only ${texts.length} found`)
  const unknown = texts.filter(([op, text]) => failureOf(new Error(text), op).code === 'unknown')
  assert.deepEqual(unknown, [])
  assert.equal(failureOf(new assert.AssertionError({ actual: 1, expected: 2, operator: 'equal' }), 'put').code, 'sense.apiError')
})

test('what servers and sockets say is told apart', () => {
  const said = [
    ['ENOTFOUND: getaddrinfo ENOTFOUND nowhere.invalid', 'connect.unknownHost'],
    ['ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1', 'connect.refused'],
    ["Server version '1.7.10' is not supported. Oldest supported version is '1.8.8'.", 'connect.version'],
    ['multiplayer.disconnect.outdated_client 1.20.4', 'connect.version'],
    ["Outdated server! I'm still on 1.8.8", 'connect.version'],
    ['You are not white-listed on this server!', 'connect.whitelist'],
    ['You are banned from this server.\nReason: x', 'connect.banned'],
    ['multiplayer.disconnect.unverified_username', 'connect.auth'],
    ['Failed to verify username!', 'connect.auth'],
    ['multiplayer.disconnect.duplicate_login', 'connect.duplicate'],
    ['The server is full!', 'connect.full'],
    ['Flying is not enabled on this server', 'connect.kicked']
  ]
  for (const [text, code] of said) {
    assert.equal(connectCode(text, 'connect.kicked'), code, text)
    assert.ok(code in CONNECT_CODES)
  }
})

test('reasons are read from JSON, from NBT and from plain text', () => {
  assert.deepEqual(textOf('bye'), { plain: 'bye', keys: [] })
  assert.deepEqual(textOf('{"text":"a","extra":[{"text":"b"},"c"]}'), { plain: 'abc', keys: [] })
  assert.deepEqual(textOf('"just a string"'), { plain: 'just a string', keys: [] })
  assert.deepEqual(textOf('{"translate":"multiplayer.disconnect.banned.reason","with":["griefing"]}'), {
    plain: 'multiplayer.disconnect.banned.reason griefing', keys: ['multiplayer.disconnect.banned.reason']
  })
  const nbt = { type: 'compound', name: '', value: { text: { type: 'string', value: '§cgo' } } }
  assert.deepEqual(textOf(nbt), { plain: 'go', keys: [] })
  assert.equal(textOf(undefined).plain, 'no reason given')
  assert.equal(textOf({ type: 'string', value: 'plain nbt' }).plain, 'plain nbt')
})

test('angles turn into the brain\'s and back', () => {
  const close = (a, b) => assert.ok(Math.abs(wrap(a - b)) < 1e-12, `${a} and ${b}`)
  close(yawForBrain(Math.PI), 0) // south
  close(yawForBrain(Math.PI / 2), Math.PI / 2) // west
  close(yawForBrain(0), Math.PI) // north
  close(yawForBrain(-Math.PI / 2), -Math.PI / 2) // east
  for (let yaw = -10; yaw < 10; yaw += 0.37) {
    close(yawForMineflayer(yawForBrain(yaw)), yaw)
    assert.ok(yawForBrain(yaw) > -Math.PI && yawForBrain(yaw) <= Math.PI)
  }
})

test('every code in the driver\'s sources is one the brain knows', () => {
  const source = readFileSync(new URL('../../src/conscious_bot/contracts/errors.py', import.meta.url), 'utf8')
  const known = new Set([...source.matchAll(/^ {4}[A-Z_]+ = "([^"]+)"/gm)].map(([, code]) => code))
  assert.ok(known.size > 30)
  const root = new URL('../src/', import.meta.url)
  for (const file of readdirSync(root)) {
    const text = readFileSync(new URL(file, root), 'utf8')
    for (const [, code] of text.matchAll(/(?:Failure\(|code: )'([a-z]+\.?[A-Za-z]*)'/g)) {
      assert.ok(known.has(code) || code in CONNECT_CODES, `${file}: ${code}`)
    }
  }
})
