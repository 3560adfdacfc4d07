import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longLists, type Path } from '../../../test/support/long-lists.ts'
import type { KubeObject } from '../meta/object.ts'
import { decode } from '../schema/decode.ts'
import { fill } from '../schema/fill.ts'
import { KINDS, LATER_KINDS } from './all.ts'
import type { Kind } from './kind.ts'
import { validateCreate, validateStatusUpdate } from './validate.ts'

const ITEMS = 400
/** A check may look at each element a few times; one that looks at all for each would look four hundred times. */
const LOOKS = 100

/** Puts a list that counts how often an element is taken in the place of the one at the path. */
function counting(object: KubeObject, path: Path): { readonly looks: () => number } | undefined {
  let looks = 0
  let holder: unknown = object
  for (const key of path.slice(0, -1)) holder = (holder as Record<string | number, unknown> | undefined)?.[key]
  const name = path.at(-1)!
  const list = (holder as Record<string | number, unknown> | undefined)?.[name]
  if (!Array.isArray(list)) return undefined
  const watched = new Proxy(list as unknown[], {
    get(target, key) {
      if (typeof key === 'string' && /^[0-9]/.test(key)) looks++
      return Reflect.get(target, key) as unknown
    },
  })
  ;(holder as Record<string | number, unknown>)[name] = watched
  return { looks: () => looks }
}

function read(kind: Kind, object: object) {
  const { value } = decode(kind.schema, object, { unknown: 'drop' })
  const draft = value as unknown as Parameters<NonNullable<Kind['defaults']>>[0]
  fill(kind.schema, draft)
  kind.defaults?.(draft)
  return draft
}

test('what a long list costs to judge grows with its length, not with its square', () => {
  const slow: string[] = []
  let lists = 0
  for (const kind of [...KINDS, ...LATER_KINDS]) {
    for (const { path, object } of longLists(kind, ITEMS)) {
      const inStatus = path[0] === 'status'
      const draft = read(kind, object)
      if (!inStatus) kind.prepareForCreate?.(draft)
      const counted = counting(draft as KubeObject, path)
      if (!counted) continue
      lists++
      if (inStatus) validateStatusUpdate(kind, draft as KubeObject, read(kind, {}) as KubeObject, { now: 0 })
      else validateCreate(kind, draft as KubeObject, { now: 0 })
      kind.warnings?.(draft as KubeObject, undefined)
      if (counted.looks() > LOOKS * ITEMS) slow.push(`${kind.kind} ${path.join('.')}: ${counted.looks() / ITEMS} looks at each`)
    }
  }
  assert.deepEqual(slow, [])
  assert.ok(lists > 1000, `${lists} lists`)
})

test('a list of two hundred thousand is refused as a whole, not half way', () => {
  const pods = KINDS.find(({ kind }) => kind === 'Pod') as Kind
  const schedulingGates = Array.from({ length: 200_000 }, () => ({ name: '-' }))
  const pod = read(pods, { spec: { containers: [{ name: 'a' }], schedulingGates } }) as KubeObject
  assert.ok(validateCreate(pods, pod, { now: 0 }).length > 200_000)
})
