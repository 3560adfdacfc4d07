import type { Pressures } from './shortfalls.ts'

/** As upstream: a node that was short of something may not say that it is well again sooner, or pods would come and go. */
const HOLD_MS = 300_000

/** Pressures as the node tells them: each until it was not seen for five minutes. `lastSeen` is brought up to date. */
export function heldPressures(found: Pressures, lastSeen: Map<keyof Pressures, number>, now: number): Pressures {
  const held = (pressure: keyof Pressures): boolean => {
    if (found[pressure]) lastSeen.set(pressure, now)
    const seen = lastSeen.get(pressure)
    return seen !== undefined && now - seen < HOLD_MS
  }
  return { memoryPressure: held('memoryPressure'), diskPressure: held('diskPressure'), pidPressure: held('pidPressure') }
}
