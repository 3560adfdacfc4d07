/** How the one pod of an age does on a node. */
export type Presence = 'none' | 'unavailable' | 'available'

/** What one node's pods are to a roll: whether it carries more than it should, and how its old and its new pod do. */
export interface Standing {
  readonly crowded: boolean
  readonly old: Presence
  readonly new: Presence
  readonly where: 'wanted' | 'unwanted' | 'missing'
}

const known = new Map<string, Standing>()
for (const crowded of [true, false]) {
  for (const old of ['none', 'unavailable', 'available'] as const) {
    for (const fresh of ['none', 'unavailable', 'available'] as const) {
      for (const where of ['wanted', 'unwanted', 'missing'] as const)
        known.set(`${crowded} ${old} ${fresh} ${where}`, Object.freeze({ crowded, old, new: fresh, where }))
    }
  }
}

/** The one object for a standing: nodes that stand alike have the same. */
export const standingOf = (crowded: boolean, old: Presence, fresh: Presence, where: Standing['where']): Standing =>
  known.get(`${crowded} ${old} ${fresh} ${where}`)!

/** By far the most frequent ones, found without a look-up: one pod on a wanted node. */
export const ALONE = {
  newAvailable: standingOf(false, 'none', 'available', 'wanted'),
  newUnavailable: standingOf(false, 'none', 'unavailable', 'wanted'),
  oldAvailable: standingOf(false, 'available', 'none', 'wanted'),
  oldUnavailable: standingOf(false, 'unavailable', 'none', 'wanted'),
} as const
