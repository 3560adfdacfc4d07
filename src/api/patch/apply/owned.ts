import { type FieldSet, isEmpty, LEAF } from './fields.ts'
import { elementOf, type Parted, type Struct, settled } from './place.ts'

type Building = Record<string, FieldSet>

/**
 * The fields that an applied configuration names: its leaves, the values of its maps, and each list item with its key.
 * `fault` is called with a path and what is wrong there (a list item without its key, or given twice) and does not return.
 */
export const fieldsOf = (place: Struct, config: object, fault: (path: string, why: string) => never): FieldSet => inside(place, config, '', fault)

const isEmptyMap = (map: object): boolean => isEmpty(map as FieldSet)

const LEAF_PLACE = { kind: 'leaf' } as const

type Fault = (path: string, why: string) => never

function inside(place: Parted, value: object, path: string, fault: Fault): Building {
  const out: Building = {}
  if (place.kind === 'struct' || place.kind === 'map') {
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue
      const field = place.kind === 'map' ? place.value : place.fields(name)
      const inner = settled(field, member)
      const at = `${path}.${name}`
      if (inner.kind === 'leaf' || member === null) out[`f:${name}`] = LEAF
      else {
        const below = inside(inner, member as object, at, fault)
        if (place.kind === 'map' || (field.kind === 'open' && !field.declared) || (!Array.isArray(member) && isEmptyMap(member as object)))
          out[`f:${name}`] = isEmpty(below) ? LEAF : { '.': LEAF, ...below }
        else if (!isEmpty(below)) out[`f:${name}`] = below
      }
    }
    return out
  }
  const list = value as readonly unknown[]
  for (let i = 0; i < list.length; i++) {
    const element = elementOf(place, list[i])
    if (element === undefined) {
      const keys = place.kind === 'list' ? place.keys.map(key => key.name).join(', ') : ''
      return fault(path, `element ${i}: associative list with keys has an element that omits key field ${JSON.stringify(keys)}`)
    }
    if (element in out) return fault(path, `duplicate entries for key ${element.slice(2)}`)
    const item = settled(place.kind === 'list' ? place.item : LEAF_PLACE, list[i])
    const below = item.kind === 'leaf' ? {} : inside(item, list[i] as object, `${path}[${i}]`, fault)
    out[element] = isEmpty(below) ? LEAF : { '.': LEAF, ...below }
  }
  return out
}
