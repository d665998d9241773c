// minecraft-data's own documents of a version, as the files' bytes: nothing is parsed on this side.
import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(import.meta.url)

const DOCUMENTS = [
  'blocks', 'blockCollisionShapes', 'items', 'recipes', 'foods', 'materials', 'blockLoot', 'entityLoot', 'entities'
]

/** One JSON object `{version, blocks, ...}`; documents that the version does not have are left out. */
export async function tablesOf (registry) {
  const root = path.join(path.dirname(require.resolve('minecraft-data/package.json')), 'minecraft-data', 'data')
  const places = require('minecraft-data/minecraft-data/data/dataPaths.json').pc
  const { minecraftVersion, majorVersion } = registry.version
  const paths = places[minecraftVersion] ?? places[majorVersion]
  if (paths === undefined) throw new Error(`minecraft-data has no documents for ${minecraftVersion}`)
  const parts = [Buffer.from(`{"version":${JSON.stringify(minecraftVersion)}`)]
  for (const name of DOCUMENTS) {
    if (paths[name] === undefined) continue
    parts.push(Buffer.from(`,"${name}":`), await readFile(path.join(root, paths[name], `${name}.json`)))
  }
  parts.push(Buffer.from('}'))
  return Buffer.concat(parts)
}
