import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deepFreeze } from '../../../base/freeze.ts'
import { isStatus } from '../../meta/status.ts'
import type { Message } from '../../schema/build.ts'
import { DaemonSet } from '../../types/apps/daemon-set.ts'
import { ConfigMap } from '../../types/core/config.ts'
import { Pod } from '../../types/core/pod.ts'
import { customObject } from '../../types/custom-object.ts'
import type { ManagedFieldsEntry } from '../../types/meta.ts'
import { type Applied, applyPatch } from './apply.ts'
import { LAST_APPLIED } from './last-applied.ts'
import { trackUpdate } from './track.ts'

type Fields = Record<string, unknown>
type World = Fields & { metadata?: Fields & { managedFields?: readonly ManagedFieldsEntry[] | undefined } }

const Open = customObject('x.v1.Open', {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
  properties: { atomic: { type: 'object', 'x-kubernetes-map-type': 'atomic', 'x-kubernetes-preserve-unknown-fields': true } },
})
const kinds: Record<string, Message> = { ConfigMap, Pod, DaemonSet, Open }
interface Options {
  manager?: string
  force?: boolean
  minute?: number
  subresource?: string
}
function apply(live: World | undefined, config: Fields, { manager = 'me', force = false, minute = 0, subresource }: Options = {}): Applied {
  const kind = (config['kind'] as string | undefined) ?? 'ConfigMap'
  return applyPatch({
    message: kinds[kind]!,
    live: deepFreeze(live),
    config: deepFreeze({ apiVersion: 'v1', kind, ...config }),
    manager,
    force,
    apiVersion: 'v1',
    subresource,
    now: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
    as: { kind, version: 'v1' },
  })
}
const asked = (config: Fields, live?: World) => ({
  message: kinds[config['kind'] as string]!,
  live: deepFreeze(live),
  config,
  force: false,
  apiVersion: 'v1',
  now: '2026-01-01T00:00:00Z',
  as: { kind: config['kind'] as string, version: 'v1' },
})
const stored = ({ object, managedFields }: Applied): World => {
  const world = structuredClone(object) as World
  return { ...world, metadata: { ...world.metadata, ...(managedFields && { managedFields }) } }
}
const applied = (live: World | undefined, config: Fields, options?: Options): World => stored(apply(live, config, options))
const updated = (live: World | undefined, object: Fields, manager: string, minute = 0): World => {
  const managedFields = trackUpdate({
    versions: { message: () => ConfigMap, convert: one => one },
    stored: 'v1',
    old: live,
    object,
    manager,
    apiVersion: 'v1',
    now: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
  })
  return { ...object, metadata: { ...(object['metadata'] as Fields), managedFields } }
}
const refusal = (live: World | undefined, config: Fields, options?: Options) => {
  try {
    apply(live, config, options)
  } catch (error) {
    if (isStatus(error)) return { code: error.code, message: error.message, causes: error.status.details?.causes }
    throw error
  }
  return undefined
}
const owners = (world: World) =>
  Object.fromEntries((world.metadata?.managedFields ?? []).map(e => [`${e.manager} ${e.operation} ${e.time?.slice(14, 16)}`, e.fieldsV1]))
const data = (...pairs: [string, string][]) => ({ data: Object.fromEntries(pairs) })

test('an object is created from what is applied, and applying it again changes nothing, not even the time', () => {
  const one = applied(undefined, data(['a', '1']))
  assert.deepEqual(one['data'], { a: '1' })
  assert.deepEqual(owners(one), { 'me Apply 00': { 'f:data': { 'f:a': {} } } })
  const again = apply(one, data(['a', '1']), { minute: 5 })
  assert.equal(again.unchanged, true)
  assert.deepEqual(again.managedFields, one.metadata?.managedFields)
})

test('what is applied no more is removed, unless somebody else owns it', () => {
  const mine = applied(undefined, data(['a', '1'], ['b', '1'], ['c', '1']))
  const theirs = applied(mine, data(['b', '1']), { manager: 'you' })
  const less = applied(theirs, data(['a', '1']), { minute: 1 })
  assert.deepEqual(less['data'], { a: '1', b: '1' })
  assert.deepEqual(owners(less), { 'me Apply 01': { 'f:data': { 'f:a': {} } }, 'you Apply undefined': { 'f:data': { 'f:b': {} } } })
  assert.equal(applied(applied(undefined, data(['a', '1'])), {})['data'], undefined)
})

test('a list that is applied empty is owned, and empties what is there', () => {
  const pod = (args: readonly string[]) => ({ kind: 'Pod', spec: { containers: [{ name: 'c', args }] } })
  const live = applied(undefined, pod(['x']), { manager: 'base' })
  assert.match(refusal(live, pod([]))?.message ?? '', /conflict with "base": \.spec\.containers\[name="c"\]\.args$/)
  const forced = applied(live, pod([]), { force: true })
  assert.deepEqual(forced['spec'], pod([]).spec)
  assert.deepEqual(owners(forced)['me Apply 00'], { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:args': {} } } } })
})

test('an apply that changes nothing gives its owner no time', () => {
  const mine = applied(undefined, data(['a', '1']))
  assert.deepEqual(Object.keys(owners(applied(mine, data(['a', '1']), { manager: 'you', minute: 1 }))), ['you Apply undefined', 'me Apply 00'])
})

test('JSON that a schema leaves open is owned value by value, lists in it as one', () => {
  const open = (spec: Fields) => ({ kind: 'Open', spec, atomic: { a: spec } })
  const mine = applied(undefined, open({ a: { b: '1', list: [1] } }))
  assert.deepEqual(owners(mine), {
    'me Apply 00': { 'f:atomic': {}, 'f:spec': { '.': {}, 'f:a': { '.': {}, 'f:b': {}, 'f:list': {} } } },
  })
  const both = applied(mine, { kind: 'Open', spec: { a: { c: '2' } } }, { manager: 'you' })
  assert.deepEqual(both['spec'], { a: { b: '1', c: '2', list: [1] } })
  assert.match(
    refusal(both, { kind: 'Open', spec: { a: { b: '2', list: [2] } } }, { manager: 'you' })?.message ?? '',
    /2 conflicts: .*\n- \.spec\.a\.b\n- \.spec\.a\.list$/,
  )
  assert.deepEqual(applied(both, open({ a: {} }))['spec'], { a: { c: '2' } })
  const flat = applied(mine, { kind: 'Open', spec: { a: 'flat' } }, { manager: 'you', force: true })
  assert.deepEqual(owners(flat), {
    'you Apply 00': { 'f:spec': { '.': {}, 'f:a': {} } },
    'me Apply 00': { 'f:atomic': {}, 'f:spec': {} },
  })
})

test('another value of what somebody else owns is a conflict in the words of upstream', () => {
  const live = updated(undefined, { metadata: { name: 'c' }, data: { a: '1', b: '1' } }, 'kubectl-client-side-apply')
  assert.deepEqual(refusal(live, data(['a', '2'])), {
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a',
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl-client-side-apply" using v1', field: '.data.a' }],
  })
  assert.equal(
    refusal(applied(live, data(['b', '1']), { manager: 'you' }), data(['a', '2'], ['b', '2']))?.message,
    'Apply failed with 3 conflicts: conflicts with "kubectl-client-side-apply" using v1:\n- .data.a\n- .data.b\nconflicts with "you":\n- .data.b',
  )
  assert.equal(refusal(live, data(['a', '1'], ['x', '2'])), undefined, 'the same value makes two owners')
})

test('force takes the fields from the others', () => {
  const live = updated(undefined, { metadata: { name: 'c' }, data: { a: '1', b: '1' } }, 'other')
  const forced = applied(live, data(['a', '2']), { force: true, minute: 1 })
  assert.deepEqual(forced['data'], { a: '2', b: '1' })
  assert.deepEqual(owners(forced), { 'me Apply 01': { 'f:data': { 'f:a': {} } }, 'other Update 00': { 'f:data': { '.': {}, 'f:b': {} } } })
})

const pod = (...containers: Fields[]) => ({ kind: 'Pod', spec: { containers } })
const containersOf = (world: World) => (world['spec'] as { containers: unknown }).containers

test('items of a list with keys merge by key and go with their last owner', () => {
  const one = applied(undefined, pod({ name: 'a', image: '1' }, { name: 'b', image: '1' }))
  const two = applied(one, pod({ name: 'b', env: [{ name: 'X', value: 'y' }] }, { name: 'c' }), { manager: 'you' })
  assert.deepEqual(containersOf(two), [{ name: 'a', image: '1' }, { name: 'b', image: '1', env: [{ name: 'X', value: 'y' }] }, { name: 'c' }])
  assert.deepEqual(containersOf(applied(two, pod({ name: 'a', image: '1' }))), [
    { name: 'a', image: '1' },
    { name: 'b', env: [{ name: 'X', value: 'y' }] },
    { name: 'c' },
  ])
  assert.deepEqual(
    refusal(two, pod({ name: 'b', image: '2' }), { manager: 'she' })?.message,
    'Apply failed with 1 conflict: conflict with "me": .spec.containers[name="b"].image',
  )
})

test('a key that is left out and has a default counts as given', () => {
  const one = applied(undefined, pod({ name: 'a', ports: [{ containerPort: 80, name: 'x' }] }))
  const live = { ...one, spec: { containers: [{ name: 'a', ports: [{ containerPort: 80, name: 'x', protocol: 'TCP' }] }] } }
  assert.deepEqual(containersOf(applied(live, pod({ name: 'a', ports: [{ containerPort: 80, name: 'y' }] }))), [
    { name: 'a', ports: [{ containerPort: 80, name: 'y', protocol: 'TCP' }] },
  ])
})

test('atomic lists and structs are owned as one', () => {
  const tolerate = (key: string) => ({ kind: 'Pod', spec: { containers: [], tolerations: [{ key }] } })
  const one = applied(undefined, tolerate('a'))
  assert.match(refusal(one, tolerate('b'), { manager: 'you' })?.message ?? '', /: \.spec\.tolerations$/)
  assert.deepEqual((applied(one, tolerate('b'))['spec'] as Fields)['tolerations'], [{ key: 'b' }])
  const select = (app: string) => ({ kind: 'DaemonSet', spec: { selector: { matchLabels: { app } } } })
  assert.match(refusal(applied(undefined, select('a')), select('b'), { manager: 'you' })?.message ?? '', /: \.spec\.selector$/)
})

test('sets are united, and each item has its own owners', () => {
  const finalizers = (...list: string[]) => ({ metadata: { finalizers: list } })
  const one = applied(applied(undefined, finalizers('x/a', 'x/b')), finalizers('x/c'), { manager: 'you' })
  assert.deepEqual(one.metadata?.['finalizers'], ['x/a', 'x/b', 'x/c'])
  assert.deepEqual(applied(one, finalizers('x/b')).metadata?.['finalizers'], ['x/b', 'x/c'])
})

test('an object without a record gets one at its first apply', () => {
  const live: World = { metadata: { name: 'c' }, data: { a: '1' } }
  const one = applied(live, data(['b', '1']))
  assert.deepEqual(owners(one), { 'before-first-apply Update 00': { 'f:data': { '.': {}, 'f:a': {} } }, 'me Apply 00': { 'f:data': { 'f:b': {} } } })
  assert.match(refusal(live, data(['a', '2']))?.message ?? '', /conflict with "before-first-apply" using v1: \.data\.a$/)
})

test('kubectl may take what its client-side apply said last and still stands, and keeps the annotation in step', () => {
  const last = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { annotations: {}, name: 'c' }, data: { a: '1', b: '1' } }
  const live = updated(
    undefined,
    { metadata: { name: 'c', annotations: { [LAST_APPLIED]: `${JSON.stringify(last)}\n` } }, data: { a: '1', b: '9' } },
    'kubectl-client-side-apply',
  )
  const taken = applied(live, { metadata: { name: 'c' }, ...data(['a', '2']) }, { manager: 'kubectl', minute: 1 })
  assert.deepEqual(taken['data'], { a: '2', b: '9' })
  assert.deepEqual(owners(taken)['kubectl Apply 01'], { 'f:data': { 'f:a': {} } })
  assert.equal(
    (taken.metadata?.['annotations'] as Fields | undefined)?.[LAST_APPLIED],
    '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"c"}}\n',
  )
  assert.match(refusal(live, data(['b', '2']), { manager: 'kubectl' })?.message ?? '', /\.data\.b$/, 'b is not as kubectl left it')
  assert.match(refusal(live, data(['a', '2']), { manager: 'helm' })?.message ?? '', /\.data\.a$/)
})

test('entries of a subresource say so in conflicts', () => {
  const one = applied(undefined, data(['a', '1']), { subresource: 'status' })
  assert.match(refusal(one, data(['a', '2']), { manager: 'you' })?.message ?? '', /conflict with "me" with subresource "status": \.data\.a$/)
})

test('what a write cannot set makes no conflict and takes nothing from anybody', () => {
  const status = (phase: string) => ({ kind: 'Pod', spec: { containers: [{ name: 'a' }] }, status: { phase } })
  const live = stored(applyPatch({ ...asked(status('Running')), manager: 'agent', subresource: 'status', ignore: member => member === 'spec' }))
  const one = applyPatch({ ...asked(status('Pending'), live), manager: 'me', ignore: member => member === 'status' })
  assert.deepEqual(
    one.managedFields?.map(e => [e.manager, Object.keys(e.fieldsV1 ?? {})]),
    [
      ['agent', ['f:status']],
      ['me', ['f:spec']],
    ],
  )
})

test('a configuration that does not fit the schema is refused by path', () => {
  const cases: [Fields, RegExp][] = [
    [{ data: { a: 1 } }, /cannot unmarshal number/],
    [{ metadata: { name: 'c' }, foo: 1 }, /^failed to create typed patch object \(\/c; v1, Kind=ConfigMap\): \.foo: field not declared in schema$/],
    [pod({ image: 'x', name: null }), /\.spec\.containers: element 0: associative list with keys has an element that omits key field "name"/],
    [pod({ name: 'a' }, { name: 'a' }), /\.spec\.containers: duplicate entries for key \{"name":"a"\}/],
    [{ metadata: { managedFields: [] } }, /^metadata\.managedFields must be nil$/],
  ]
  for (const [config, text] of cases) {
    const refused = refusal(undefined, config)
    assert.equal(refused?.code, 400)
    assert.match(refused?.message ?? '', text)
  }
})

test('whoever applies what, the object holds what each applied last, and nothing that nobody applies', () => {
  const names = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd'), { minLength: 0 })
  fc.assert(
    fc.property(fc.array(fc.record({ manager: fc.constantFrom('x', 'y', 'z'), names }), { minLength: 1, maxLength: 8 }), steps => {
      let live: World | undefined
      const last: Record<string, string[]> = {}
      for (const step of steps) {
        live = applied(live, pod(...step.names.map(name => ({ name, image: `of-${name}` }))), { manager: step.manager })
        last[step.manager] = step.names
        const wanted = new Set(Object.values(last).flat())
        const found = ((live['spec'] as { containers?: Fields[] } | undefined)?.containers ?? []).map(c => c['name'])
        assert.deepEqual(new Set(found), wanted)
        assert.equal(found.length, wanted.size)
        assert.deepEqual(
          found.filter(name => step.names.includes(name as string)),
          step.names,
        )
      }
    }),
  )
})
