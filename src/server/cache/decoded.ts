import type { KubeObject } from '../../api/meta/object.ts'

/** Objects that were at hand when their bytes were made, so that the cache need not parse what was just encoded. */
const decoded = new WeakMap<Uint8Array, KubeObject>()

/**
 * Remembers what `bytes` say. Call it before `store.write` with the very same array; the object has its `apiVersion` and `kind`,
 * no `metadata.resourceVersion` (the cache sets it, in a copy of the outermost parts), and its parts are frozen and shared.
 */
export function remember(bytes: Uint8Array, object: KubeObject): void {
  decoded.set(bytes, object)
}

/** What `remember` was told of these bytes. */
export const remembered = (bytes: Uint8Array): KubeObject | undefined => decoded.get(bytes)

/** What bytes parse to. */
export const parse = (bytes: Uint8Array): KubeObject => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as KubeObject
