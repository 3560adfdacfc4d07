import { setOwn } from '../../schema/plain.ts'
import { type FieldSet, isEmpty, isMember } from './fields.ts'
import { byElement, elementOf, type Items, type Members, type Place, settled } from './place.ts'

type Fields = Record<string, unknown>

/** The live value with an applied configuration laid over it: what both name is the configuration's. */
export function mergeTyped(at: Place, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  const place = settled(at, live, config ?? live)
  if (live === undefined || live === null || place.kind === 'leaf') return config
  // Nothing laid over something that is owned in parts leaves the parts to their owners.
  if (config === null) return isEmpty(live as FieldSet) ? null : live
  if (place.kind === 'struct' || place.kind === 'map') {
    const out: Fields = { ...(live as Fields) }
    for (const [name, value] of Object.entries(config as Fields)) {
      setOwn(out, name, mergeTyped(place.kind === 'map' ? place.value : place.fields(name), Object.hasOwn(out, name) ? out[name] : undefined, value))
    }
    return out
  }
  return mergeLists(place, live as readonly unknown[], config as readonly unknown[])
}

/**
 * Items of both lists, each once. The configuration's order holds among its own items, and the live list's among the
 * others; between the two, items go as they come.
 */
function mergeLists(place: Items | Members, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const wanted = byElement(place, config)
  const present = byElement(place, live)
  const left = live.map((item, i) => elementOf(place, item) ?? `i:${i}`)
  const right = [...wanted.keys()]
  const shared = right.filter(element => present.has(element))
  const merged = new Set<string>()
  const out: unknown[] = []
  const take = (element: string): void => {
    merged.add(element)
    out.push(place.kind === 'list' ? mergeTyped(place.item, present.get(element), wanted.get(element)) : wanted.get(element))
  }
  let [l, r, next] = [0, 0, 0]
  while (l < left.length || r < right.length) {
    const element = left[l]
    if (element !== undefined && r < right.length) {
      if (element === right[r]) {
        take(element)
        l++
        r++
        next++
        continue
      }
      if (wanted.has(element) && next < shared.length && shared[next] !== element) {
        // Shared, but the configuration has another one first.
        l++
        continue
      }
    }
    if (element !== undefined) {
      if (!wanted.has(element)) {
        out.push(live[l++])
        continue
      }
      if (merged.has(element)) l++
    }
    if (r < right.length) {
      const own = right[r++]!
      take(own)
      if (shared[next] === own) next++
    }
  }
  return out
}

/** A value without the places of a set; a list or map of which nothing is left is gone with them. */
export function removeFields(at: Place, value: unknown, gone: FieldSet): unknown {
  const place = settled(at, value)
  if (isEmpty(gone) || place.kind === 'leaf' || typeof value !== 'object' || value === null) return value
  if (place.kind === 'struct' || place.kind === 'map') {
    const out: Fields = {}
    for (const [name, member] of Object.entries(value)) {
      const inner = gone[`f:${name}`]
      if (!inner) setOwn(out, name, member)
      else if (!isMember(inner)) {
        const rest = removeFields(place.kind === 'map' ? place.value : place.fields(name), member, inner)
        if (rest !== undefined) setOwn(out, name, rest)
      }
    }
    return Object.keys(out).length > 0 ? out : undefined
  }
  const out = (value as readonly unknown[]).flatMap((item, i) => {
    const inner = gone[elementOf(place, item) ?? `i:${i}`]
    if (!inner) return [item]
    if (isMember(inner) || place.kind === 'set') return []
    const rest = removeFields(place.item, item, inner)
    return rest === undefined ? [] : [rest]
  })
  return out.length > 0 ? out : undefined
}
