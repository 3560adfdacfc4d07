import { equal } from '../../../base/equal.ts'
import { isFields } from '../../schema/custom/props.ts'
import { type FieldSet, isEmpty, LEAF } from './fields.ts'
import { emptyForm, formWith, setOf } from './forms.ts'
import { byElement, commonElement, fieldElement, type Parted, type Place, type Struct, settled } from './place.ts'

type Building = Record<string, FieldSet>
type Fields = Readonly<Record<string, unknown>>

export interface Changes {
  /** Added, or of another value. */
  readonly taken: FieldSet
  readonly removed: FieldSet
}

/** Which fields differ between two objects. An object that both share is not looked into. */
export function compare(place: Struct, before: object, after: object): Changes {
  const taken: Building = {}
  const removed: Building = {}
  inside(place, before, after, taken, removed)
  return { taken, removed }
}

function inside(place: Parted, before: unknown, after: unknown, taken: Building, removed: Building): void {
  if (place.kind === 'struct' || place.kind === 'map') {
    const old = (before ?? {}) as Fields
    const now = (after ?? {}) as Fields
    for (const name in now) {
      const was = own(old, name)
      if (was === now[name]) continue
      child(fieldElement(name), place.kind === 'map' ? place.value : place.fields(name), was, now[name], taken, removed)
    }
    for (const name in old) {
      if (own(now, name) !== undefined) continue
      child(fieldElement(name), place.kind === 'map' ? place.value : place.fields(name), old[name], undefined, taken, removed)
    }
    return
  }
  const old = byElement(place, (before ?? []) as readonly unknown[])
  const now = byElement(place, (after ?? []) as readonly unknown[])
  const item: Place = place.kind === 'list' ? place.item : { kind: 'leaf' }
  for (const [element, value] of now) child(element, item, old.get(element), value, taken, removed)
  for (const [element, value] of old) if (!now.has(element)) child(element, item, value, undefined, taken, removed)
}

const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined)

function child(element: string, at: Place, before: unknown, after: unknown, taken: Building, removed: Building): void {
  if (before === after) return
  const place = settled(at, before ?? after, after ?? before)
  if (before === undefined) taken[element] = whole(place, after)
  else if (after === undefined) removed[element] = whole(place, before)
  else if (at.kind === 'open' && place.kind === 'leaf' && (isFields(before) || isFields(after))) {
    // What was taken apart is no more, or the other way round.
    const { '.': _, ...parts } = isFields(before) ? whole(at, before) : {}
    if (!isEmpty(parts)) removed[element] = parts
    taken[element] = whole(at, after)
  } else if (place.kind === 'leaf') {
    if (!equal(before, after)) taken[element] = LEAF
  } else if (!(Array.isArray(after) && equal(before, after))) {
    // Telling the items of a list apart costs more than finding that nothing in it differs.
    const innerTaken: Building = {}
    const innerRemoved: Building = {}
    inside(place, before, after, innerTaken, innerRemoved)
    if (!isEmpty(innerTaken)) taken[element] = innerTaken
    if (!isEmpty(innerRemoved)) removed[element] = innerRemoved
  }
}

/** What frozen values hold, by the place that they were last seen at. */
const known = new WeakMap<object, { readonly place: Place; readonly set: FieldSet }>()

/** A value and everything in it. */
function whole(at: Place, value: unknown): FieldSet {
  const place = settled(at, value)
  if (place.kind === 'leaf' || value === null || typeof value !== 'object') return LEAF
  const before = known.get(value)
  if (before?.place === place) return before.set
  const set = wholeOf(place, value)
  if (Object.isFrozen(value)) known.set(value, { place, set })
  return set
}

/** Frozen, and the same one for all values of one form, but for lists whose items have names of their own. */
function wholeOf(place: Parted, value: object): FieldSet {
  let form = emptyForm()
  if (place.kind === 'struct' || place.kind === 'map') {
    for (const name in value) {
      const member = (value as Fields)[name]
      if (member === undefined) continue
      const below = whole(place.kind === 'map' ? place.value : place.fields(name), member)
      if (!Object.isFrozen(below)) return built(place, value)
      form = formWith(form, fieldElement(name), below)
    }
  } else if (place.kind === 'set') return built(place, value)
  else {
    for (const item of value as readonly unknown[]) {
      const element = commonElement(place, item)
      if (element === undefined) return built(place, value)
      const below = whole(place.item, item)
      if (!Object.isFrozen(below)) return built(place, value)
      form = formWith(form, element, below)
    }
  }
  return setOf(form, () => built(place, value))
}

function built(place: Parted, value: object): FieldSet {
  const children: Building = { '.': LEAF }
  let some = false
  if (place.kind === 'struct' || place.kind === 'map') {
    for (const name in value) {
      const member = (value as Fields)[name]
      if (member === undefined) continue
      children[fieldElement(name)] = whole(place.kind === 'map' ? place.value : place.fields(name), member)
      some = true
    }
  } else {
    for (const [element, item] of byElement(place, value as readonly unknown[])) {
      children[element] = place.kind === 'list' ? whole(place.item, item) : LEAF
      some = true
    }
  }
  return some ? children : LEAF
}
