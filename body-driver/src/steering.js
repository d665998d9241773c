// Which keys to press in a tick to stay on a planned way. Pure functions over numbers.
//
// The body is steered by where it would come to rest if the keys were let go now, so it runs through straight
// lines at full speed, slows for corners and ends near the last cell's middle. It sprints where the way goes
// straight on, level, for at least two cells more, and for the run-up of a jump over more than one missing block.
// It sneaks where the way says so, and to dive.
//
// A body is { position, velocity (blocks a tick), onGround, inFluid, climbing, food }; a path is a list of
// { x, y, z, move }, the first of which is where the walk began.

const STEP = 0.6 // what the body steps up without a jump
const GROUND = 1 / (1 - 0.6 * 0.91) // blocks a body glides on per unit of speed: the sum of its friction
const FLUID = 1 / (1 - 0.8)
const CLIMB = 4
const AIR = 0.91 // what a tick in the air leaves of the speed
const NEAR = 0.11 // half of what one tick's push moves a standing body
const INSIDE = 0.2 // so far from a cell's middle a body still fits into the cell with its whole width
const ON_CELL = 0.4 // for a cell passed in a straight line, along the way
const ON_LINE = 0.5 // for a cell passed to begin a diagonal: how far the sum of both offsets may lie off its line
const EDGE = 0.78 // a body's middle may be so far beyond its block's middle before it falls
const PUSH_WALK = 0.098 // what a tick on the ground adds to the speed
const PUSH_SPRINT = 0.127
const HUNGRY = 6 // with so little food nobody sprints (Minecraft Wiki, "Sprinting")
const SLOW = 0.02
const CAUGHT_TICKS = 8
const ASIDE = 0.15
const ON_FOOT = new Set(['walk', 'jump_up', 'descend', 'diagonal', 'fall'])

/** How far the body glides on per unit of speed until it stands in a cell at height `y`. */
export function glideOf (body, y) {
  if (body.inFluid) return FLUID
  if (body.onGround) return GROUND
  if (body.climbing) return CLIMB
  let [left, total, height, speed] = [1, 0, body.position.y - y, body.velocity.y]
  for (let tick = 0; tick < 60; tick++) {
    total += left
    left *= AIR
    height += speed
    speed = (speed - 0.08) * 0.98
    if (height <= 0 && speed < 0) break
  }
  return total + left * GROUND
}

/** Whether the body may go on from cell `i` of its path. */
export function reached (body, path, i) {
  const { position, velocity } = body
  const cell = path[i]
  const before = path[i - 1]
  if (Math.floor(position.x) !== cell.x || Math.floor(position.z) !== cell.z) return false
  if (!body.onGround && !body.inFluid && !body.climbing) return false
  const above = position.y - cell.y
  if (isSwim(cell) && cell.x === before.x && cell.z === before.z) {
    if (cell.y > before.y ? above < -0.3 : above > 0.6) return false
  } else if (body.onGround ? above <= -0.55 || above >= 0.8 : body.inFluid ? Math.abs(above) >= 1 : above < -0.01 || above >= 1) {
    return false // half a block low where the floor is a slab
  }
  const glide = glideOf(body, cell.y)
  const [offX, offZ] = [position.x - cell.x - 0.5, position.z - cell.z - 0.5]
  const [restX, restZ] = [offX + velocity.x * glide, offZ + velocity.z * glide]
  const next = path[i + 1]
  // In a current nobody comes to rest.
  const slow = body.inFluid || Math.hypot(velocity.x, velocity.z) < SLOW
  if (next === undefined) return slow && Math.abs(restX) <= INSIDE && Math.abs(restZ) <= INSIDE
  const [goX, goZ] = [next.x - cell.x, next.z - cell.z]
  if (goX !== 0 && goZ !== 0) {
    const inside = Math.abs(offX) <= ON_CELL && Math.abs(offZ) <= ON_CELL
    return inside && Math.abs(offX * goZ - offZ * goX) <= ON_LINE && Math.abs(restX * goZ - restZ * goX) <= ON_LINE
  }
  if (goX === 0 && Math.abs(restX) > INSIDE) return false
  if (goZ === 0 && Math.abs(restZ) > INSIDE) return false
  return Math.abs(offX) <= (goX === 0 ? INSIDE : ON_CELL) && Math.abs(offZ) <= (goZ === 0 ? INSIDE : ON_CELL)
}

/** The keys towards cell `i`: { yaw (null: as it is), forward, jump, sprint, sneak }. `stuck` ticks without headway. */
export function keysTo (body, path, i, stuck) {
  const { position, velocity } = body
  const cell = path[i]
  const before = path[i - 1]
  const glide = glideOf(body, cell.y)
  const [offX, offY, offZ] = [cell.x + 0.5 - position.x, cell.y - position.y, cell.z + 0.5 - position.z]
  const [goX, goZ] = [cell.x - before.x, cell.z - before.z]
  let [restX, restZ] = [offX - velocity.x * glide, offZ - velocity.z * glide]
  if (body.onGround && offY < -STEP && stuck > CAUGHT_TICKS) {
    // Caught on an edge beside the hole, such as a ladder's: to the one side, then to the other.
    const aside = stuck < 30 ? ASIDE : -ASIDE
    restX += aside * Math.sign(goX)
    restZ += aside * Math.sign(goZ)
  }
  // On a ladder one hangs straight; who leans against it goes up.
  const hangs = body.climbing && offY < -0.3 && Math.abs(offX) < INSIDE && Math.abs(offZ) < INSIDE
  const pushes = Math.hypot(restX, restZ) > NEAR && !hangs
  const keys = {
    yaw: pushes ? Math.atan2(-restX, -restZ) : null,
    forward: pushes,
    jump: false,
    sneak: cell.move === 'sneak',
    sprint: body.onGround && sprints(body, path, i)
  }
  if (body.inFluid) {
    if (isSwim(cell) && cell.y < before.y && goX === 0 && goZ === 0) keys.sneak = offY < -STEP
    else keys.jump = offY > -0.2 || velocity.y < -0.1
  } else if (body.climbing) {
    keys.jump = offY > 0
  } else if (cell.move === 'gap') {
    const width = Math.max(Math.abs(goX), Math.abs(goZ)) - 1
    keys.sprint = width > 1
    keys.jump = body.onGround && leaps(body, before, Math.sign(goX), Math.sign(goZ), width)
  } else if (body.onGround && offY > STEP) {
    // Upwards: jump from the cell before, once the whole body is on the line to the next one.
    const inLine = (goX !== 0 || Math.abs(offX) <= INSIDE) && (goZ !== 0 || Math.abs(offZ) <= INSIDE)
    keys.jump = inLine && Math.max(Math.abs(offX), Math.abs(offZ)) < 1.4
  }
  return keys
}

const isSwim = ({ move }) => move === 'swim' || move === 'dive'

/** Whether the way goes straight on, on foot and level, from the cell before `i` to two cells behind it. */
function sprints (body, path, i) {
  if (body.food <= HUNGRY || i + 2 >= path.length) return false
  const [goX, goZ] = [path[i].x - path[i - 1].x, path[i].z - path[i - 1].z]
  for (let k = i; k < i + 3; k++) {
    const [from, to] = [path[k - 1], path[k]]
    if (!ON_FOOT.has(to.move) || to.y !== from.y || to.x - from.x !== goX || to.z - from.z !== goZ) return false
  }
  return true
}

/** Whether to jump over a gap now: in the last tick before the body would run over the edge. */
function leaps ({ position, velocity }, from, signX, signZ, width) {
  const ahead = (position.x - from.x - 0.5) * signX + (position.z - from.z - 0.5) * signZ
  if (ahead > width) return false // on the other side already
  const push = width > 1 ? PUSH_SPRINT : PUSH_WALK
  const speed = velocity.x * signX + velocity.z * signZ + push
  return ahead + speed + speed * 0.546 + push > EDGE
}
