import { deepFreeze } from '../../../base/freeze.ts'
import { type FieldSet, LEAF } from './fields.ts'

/**
 * The beginning of a set, element by element, each with what is below it. Values of one form (the conditions of all pods) hold the
 * same fields: whoever takes the steps from the empty form to theirs finds the set that was made for the first of them.
 */
export interface Form {
  /** The set that ends here; frozen. */
  set: FieldSet | undefined
  /** Where an element leads that has nothing below it. */
  leaves: Map<string, Form> | undefined
  others: Map<string, Map<FieldSet, Form>> | undefined
}

/** When so many are known, they are forgotten. */
const MOST = 4096
const fresh = (): Form => ({ set: undefined, leaves: undefined, others: undefined })
let empty = fresh()
let count = 0

export function emptyForm(): Form {
  if (count > MOST) {
    empty = fresh()
    count = 0
  }
  return empty
}

/** The form with one more element. */
export function formWith(form: Form, element: string, below: FieldSet): Form {
  let ways: Map<string | FieldSet, Form>
  let way: string | FieldSet = element
  if (below === LEAF) {
    form.leaves ??= new Map()
    ways = form.leaves as Map<string | FieldSet, Form>
  } else {
    form.others ??= new Map()
    let ofElement = form.others.get(element)
    if (ofElement === undefined) {
      ofElement = new Map()
      form.others.set(element, ofElement)
    }
    ways = ofElement as Map<string | FieldSet, Form>
    way = below
  }
  let next = ways.get(way)
  if (next === undefined) {
    next = fresh()
    ways.set(way, next)
    count++
  }
  return next
}

/** The set of a form, `made` if there is none yet. */
export function setOf(form: Form, make: () => FieldSet): FieldSet {
  form.set ??= deepFreeze(make())
  return form.set
}
