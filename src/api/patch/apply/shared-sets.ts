import { equal } from '../../../base/equal.ts'
import { deepFreeze } from '../../../base/freeze.ts'
import type { Message } from '../../schema/build.ts'
import { type FieldSet, isEmpty, LEAF } from './fields.ts'

/** The last few sets that were met at a place, and the places below it. */
interface Recent {
  readonly sets: FieldSet[]
  readonly below: Map<string, Recent>
}

const REMEMBERED = 8
/** Of the record of a subresource, which often names addresses, there is little to find. */
const OF_A_SUBRESOURCE = 2
/** Sets below `f:status` and the like are shared one by one, what is below those only as part of them. */
const DEEPEST = 2
/** The members of a map have many names; what is below those that come later is not looked up. */
const MOST_PLACES = 64

const ofMessages = new WeakMap<Message, Map<string, Recent>>()

/**
 * An equal set that the record of another object of the kind has, frozen; where there is none, its parts are such. The pods of one
 * template share one record, and those of their statuses differ in nothing but the addresses that they name.
 */
export function sharedSet(message: Message, subresource: string | undefined, fields: FieldSet): FieldSet {
  let bySubresource = ofMessages.get(message)
  if (!bySubresource) {
    bySubresource = new Map()
    ofMessages.set(message, bySubresource)
  }
  return shared(placeIn(bySubresource, subresource ?? ''), fields, subresource ? OF_A_SUBRESOURCE : REMEMBERED, 0)
}

function placeIn(places: Map<string, Recent>, name: string): Recent {
  let place = places.get(name)
  if (!place) {
    place = { sets: [], below: new Map() }
    places.set(name, place)
  }
  return place
}

function shared({ sets, below }: Recent, fields: FieldSet, most: number, depth: number): FieldSet {
  if (isEmpty(fields)) return LEAF
  if (sets[0] === fields) return fields
  const own = depth === DEEPEST || Object.isFrozen(fields) ? fields : withSharedParts(below, fields, most, depth)
  const known = sets.findIndex(set => equal(set, own))
  const found = known < 0 ? deepFreeze(own) : sets[known]!
  if (known !== 0) {
    if (known > 0) sets.splice(known, 1)
    sets.unshift(found)
    if (sets.length > most) sets.length = most
  }
  return found
}

function withSharedParts(places: Map<string, Recent>, fields: FieldSet, most: number, depth: number): FieldSet {
  const parts: Record<string, FieldSet> = {}
  for (const key in fields) {
    const part = fields[key]!
    const room = places.has(key) || places.size < MOST_PLACES
    parts[key] = isEmpty(part) || !room ? part : shared(placeIn(places, key), part, most, depth + 1)
  }
  return parts
}
