/** An image as the engine lists it. */
export interface PresentImage {
  readonly id: string
  readonly bytes: number
  readonly pinned: boolean
}

/** Whether an image came from an archive, by its names: only what a registry gave has a digest there, and can be pulled again. */
export const isImported = (tags: readonly string[] = [], digests: readonly string[] = []): boolean => tags.length > 0 && digests.length === 0

/** Upstream's defaults, in percent of the disk in use: collection begins and ends there; what was used within two minutes stays. */
const BEGIN = 85
const END = 80
const YOUNG_MS = 120_000

/**
 * Images that may go, oldest use first. `lastUsed` holds when each was last seen in use or first seen, in milliseconds since 1970.
 */
export function unusedImages(
  images: readonly PresentImage[],
  inUse: ReadonlySet<string>,
  lastUsed: ReadonlyMap<string, number>,
  now: number,
): readonly PresentImage[] {
  const unused = images.filter(image => !image.pinned && !inUse.has(image.id) && now - (lastUsed.get(image.id) ?? now) >= YOUNG_MS)
  return unused.sort((a, b) => (lastUsed.get(a.id) ?? 0) - (lastUsed.get(b.id) ?? 0))
}

/** How many bytes of images must go. */
export function bytesToCollect(disk: { readonly capacity: number; readonly available: number }): number {
  const used = 100 - Math.floor((disk.available * 100) / disk.capacity)
  return used < BEGIN ? 0 : Math.floor((disk.capacity * (100 - END)) / 100) - disk.available
}
