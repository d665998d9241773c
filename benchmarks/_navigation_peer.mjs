// mineflayer-pathfinder's own A* (its search, heap and node classes, untouched) on the benchmark's grid, with the
// same moves, costs, estimate and goal test as the solver. Reading a flat array is kinder to it than a live world.
// Usage: node _navigation_peer.mjs PROBLEM.json GRID.bin   ->  one JSON document on stdout
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../body-driver/package.json', import.meta.url))
const AStar = require('mineflayer-pathfinder/lib/astar.js')
const Move = require('mineflayer-pathfinder/lib/move.js')

const problem = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const cells = readFileSync(process.argv[3]) // bit 0: free, bit 1: floor
const [dx, dy, dz] = problem.size
const SIDES = [[0, -1], [0, 1], [1, 0], [-1, 0]]

function bits (x, y, z) {
  if (x < 0 || y < 0 || z < 0 || x >= dx || y >= dy || z >= dz) return 0
  return cells[(x * dy + y) * dz + z]
}

function rests (x, y, z) {
  return (bits(x, y, z) & bits(x, y + 1, z) & 1) !== 0 && (bits(x, y - 1, z) & 2) !== 0
}

const movements = {
  getNeighbors (node) {
    const { x, y, z } = node
    const found = []
    for (const [ax, az] of SIDES) {
      const tx = x + ax
      const tz = z + az
      if (rests(tx, y, tz)) found.push(new Move(tx, y, tz, 0, 1.0))
      else if (rests(tx, y + 1, tz)) {
        if (bits(x, y + 2, z) & 1) found.push(new Move(tx, y + 1, tz, 0, 2.0))
      } else if (rests(tx, y - 1, tz) && (bits(tx, y + 1, tz) & 1)) found.push(new Move(tx, y - 1, tz, 0, 0.8))
    }
    return found
  }
}

function goalAt (gx, gy, gz, t) {
  return {
    heuristic (node) {
      const d = Math.max(0, Math.abs(gx - node.x) - t) + Math.max(0, Math.abs(gz - node.z) - t)
      const up = Math.max(0, gy - node.y)
      const down = Math.max(0, node.y - gy)
      return up > 0 ? 2.0 * up + Math.max(0, d - up) : 0.8 * down + Math.max(0, d - down)
    },
    isEnd (node) {
      return Math.max(Math.abs(gx - node.x), Math.abs(gz - node.z)) <= t && node.y === gy
    }
  }
}

function ask ([sx, sy, sz, gx, gy, gz]) {
  const begin = process.threadCpuUsage() // of this thread, like its rivals'; compiler and collector run beside it
  const search = new AStar(new Move(sx, sy, sz, 0, 0), movements, goalAt(gx, gy, gz, problem.tolerance), 1e9, 1e9)
  const result = search.compute()
  const used = process.threadCpuUsage(begin)
  const seconds = (used.user + used.system) / 1e6
  // nodes: what it closed
  return { status: result.status, cost: result.cost, nodes: result.visitedNodes, seconds }
}

for (const query of problem.warmUp) ask(query)
process.stdout.write(JSON.stringify(problem.queries.map(ask)))
