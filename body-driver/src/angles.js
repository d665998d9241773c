// The brain's angles: yaw 0 looks south (+z) and grows towards west (-x), in (-pi, pi]; pitch is up.
// mineflayer's yaw is 0 for north and grows towards west; its pitch is the brain's.

/** An angle brought into (-pi, pi]. */
export function wrap (angle) {
  const turned = angle % (2 * Math.PI)
  if (turned > Math.PI) return turned - 2 * Math.PI
  if (turned <= -Math.PI) return turned + 2 * Math.PI
  return turned
}

export const yawForBrain = (yaw) => wrap(Math.PI - yaw)
export const yawForMineflayer = (yaw) => wrap(Math.PI - yaw)
