// What a server says when it closes the door comes as JSON text, as NBT or as a plain string.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** `{plain, keys}`: readable text, and the translation keys in it (they are the same in every language). */
export function textOf (reason) {
  let value = reason
  if (typeof value === 'string') {
    try { value = JSON.parse(value) } catch { return { plain: value, keys: [] } }
  }
  if (value !== null && typeof value === 'object' && typeof value.type === 'string' && 'value' in value) {
    value = require('prismarine-nbt').simplify(value)
  }
  const keys = []
  const plain = flatten(value, keys).replace(/§./g, '').trim()
  return { plain: plain || keys.join(' ') || 'no reason given', keys }
}

function flatten (value, keys) {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return value.map((part) => flatten(part, keys)).join('')
  let text = flatten(value.text ?? value[''], keys)
  if (typeof value.translate === 'string') {
    keys.push(value.translate)
    const slots = Array.isArray(value.with) ? value.with.map((part) => flatten(part, keys)).filter(Boolean) : []
    text += [value.fallback ?? value.translate, ...slots].join(' ')
  }
  return text + flatten(value.extra, keys)
}
