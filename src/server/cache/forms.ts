type Scalar = string | number | boolean | null | undefined
type Members = Readonly<Record<string, unknown>>

/** `b` of a key `a/b`. */
export const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1)

/** Where the objects of a form have a value each. */
const OWN = Symbol('own')
/** So many of the forms that fitted last are tried. */
const FORMS = 8
/** So many groups have forms. */
const GROUPS = 256

/** What the objects of a form have in common, member by member, in order. */
interface Common {
  readonly source: object
  readonly names: readonly string[]
  readonly members: readonly (Common | Scalar | typeof OWN)[]
  /** Whether something in it differs from object to object. */
  readonly varies: boolean
}

/**
 * An object that is seldom asked for, held as one text: what it does not have in common with others of its form. Its name comes from
 * its key, values that stand in it twice are said once.
 */
export class Resting {
  readonly #common: Common
  /** A JSON list; a number says which value this is again (0: the name), a list holds what is no text. */
  readonly #text: string

  constructor(common: Common, text: string) {
    this.#common = common
    this.#text = text
  }

  /** The object, made anew and frozen. */
  read(name: string): object {
    const said = JSON.parse(this.#text) as (string | number | [Scalar])[]
    const values: Scalar[] = [name]
    for (const value of said) values.push(typeof value === 'string' ? value : typeof value === 'number' ? values[value] : value[0])
    let next = 1
    const make = ({ source, names, members, varies }: Common): object => {
      if (!varies) return source
      const made = (Array.isArray(source) ? source.slice() : { ...source }) as Record<string, unknown>
      for (let i = 0; i < names.length; i++) {
        const member = members[i]
        if (member === OWN) made[names[i]!] = values[next++]
        else if (isCommon(member) && member.varies) made[names[i]!] = make(member)
      }
      return Object.freeze(made)
    }
    return make(this.#common)
  }

  /** Tells which objects of these names may hold all of these texts; those of which it says no do not. */
  static holding(texts: readonly string[]): (resting: Resting, name: string) => boolean {
    const wanted = texts.map(text => ({ text, quoted: JSON.stringify(text), common: new Map<Common, boolean>() }))
    return (resting, name) =>
      wanted.every(({ text, quoted, common }) => {
        if (text === name || resting.#text.includes(quoted)) return true
        let held = common.get(resting.#common)
        if (held === undefined) {
          held = holds(resting.#common, text)
          common.set(resting.#common, held)
        }
        return held
      })
  }
}

const isCommon = (member: Common['members'][number]): member is Common => typeof member === 'object' && member !== null

const holds = ({ members }: Common, text: string): boolean => members.some(member => member === text || (isCommon(member) && holds(member, text)))

/** The forms of the objects of one kind, found as they come. Those that no object rests in are forgotten when others have come after them. */
export class Forms {
  /** By group, those that fitted last in front. */
  readonly #groups = new Map<string, Common[]>()

  /** A frozen JSON object as it rests. Objects of a group are likely to have more in common than others. */
  rest(object: object, name: string, group: string): Resting {
    const forms = this.#formsOf(group)
    for (const [i, common] of forms.entries()) {
      const own: Scalar[] = []
      if (!gather(common, object, own)) continue
      if (i > 0) forms.unshift(...forms.splice(i, 1))
      return new Resting(common, textOf(own, name))
    }
    for (const [i, common] of forms.entries()) {
      const wider = widened(common, object)
      if (!wider) continue
      forms.splice(i, 1)
      return this.#begin(forms, wider, object, name)
    }
    return this.#begin(forms, commonOf(object), object, name)
  }

  #begin(forms: Common[], common: Common, object: object, name: string): Resting {
    forms.unshift(common)
    if (forms.length > FORMS) forms.pop()
    const own: Scalar[] = []
    gather(common, object, own)
    return new Resting(common, textOf(own, name))
  }

  #formsOf(group: string): Common[] {
    let forms = this.#groups.get(group)
    if (!forms) {
      if (this.#groups.size >= GROUPS) this.#groups.clear()
      forms = []
      this.#groups.set(group, forms)
    }
    return forms
  }
}

function textOf(own: readonly Scalar[], name: string): string {
  const values: Scalar[] = [name]
  const said = own.map(value => {
    const again = values.indexOf(value)
    values.push(value)
    if (typeof value !== 'string') return [value]
    return again >= 0 ? again : value
  })
  return JSON.stringify(said)
}

/** The form of an object that is like no other. */
function commonOf(object: object): Common {
  const names = Object.keys(object)
  const members = names.map(name => {
    const value = (object as Members)[name]
    return typeof value === 'object' && value !== null ? commonOf(value) : (value as Scalar)
  })
  return { source: object, names, members, varies: false }
}

/** Adds what the object has of its own in this form; false when it is not of this form. */
function gather(common: Common, object: object, own: Scalar[]): boolean {
  if (!common.varies && object === common.source) return true
  if (Array.isArray(object) !== Array.isArray(common.source)) return false
  let at = 0
  for (const name in object) {
    if (common.names[at] !== name) return false
    const member = common.members[at++]
    const value = (object as Members)[name]
    if (isCommon(member)) {
      if (typeof value !== 'object' || value === null || !gather(member, value, own)) return false
    } else if (member !== OWN) {
      if (value !== member) return false
    } else {
      if (typeof value === 'object' ? value !== null : value === undefined) return false
      own.push(value as Scalar)
    }
  }
  return at === common.names.length
}

/** The form of an object as well, where scalars alone differ. */
function widened(common: Common, object: object): Common | undefined {
  if (!common.varies && object === common.source) return common
  if (Array.isArray(object) !== Array.isArray(common.source)) return undefined
  const members: (Common | Scalar | typeof OWN)[] = []
  let varies = false
  let at = 0
  for (const name in object) {
    if (common.names[at] !== name) return undefined
    const member = common.members[at++]
    const value = (object as Members)[name]
    const isObject = typeof value === 'object' && value !== null
    if (isCommon(member)) {
      const inner = isObject ? widened(member, value) : undefined
      if (!inner) return undefined
      members.push(inner)
      varies ||= inner.varies
    } else if (value === member) members.push(member)
    else {
      if (isObject || value === undefined || member === undefined) return undefined
      members.push(OWN)
      varies = true
    }
  }
  if (at !== common.names.length) return undefined
  return varies ? { ...common, members, varies } : common
}
