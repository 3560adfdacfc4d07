import assert from 'node:assert/strict'
import { it } from 'node:test'
import { registryRig } from '../../../test/support/registry-rig.ts'
import { StatusError } from '../../api/meta/status.ts'
import type { JsonSchema, Message } from '../../api/schema/build.ts'
import { FakeClock } from '../../base/clock.ts'
import type { Request, Served } from './request.ts'

/** A small seeded generator, so that a failure can be played again: FUZZ_SEED and FUZZ_ROUNDS in the environment. */
function generator(seed: number): (n: number) => number {
  let state = seed >>> 0 || 1
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

const WORDS = [
  'a',
  'default',
  'x',
  'A_b',
  'metadata.name',
  '',
  '0',
  'None',
  'ClusterIP',
  'RollingUpdate',
  '10.96.0.9',
  '5%',
  '1Gi',
  '2026-01-01T00:00:00Z',
  'kubernetes.io/x',
  '-'.repeat(300),
  '\u0000',
  '💥',
]
const ODD = [null, true, -1, Number.POSITIVE_INFINITY, 2 ** 53, 0.5, [], {}, [[]], 'text', '__proto__', Number.NaN]

class Fuzzer {
  readonly random: (n: number) => number
  constructor(seed: number) {
    this.random = generator(seed)
  }
  pick<T>(items: readonly T[]): T {
    return items[this.random(items.length)]!
  }
  /** A value that mostly fits the schema. */
  value(schema: JsonSchema, depth: number): unknown {
    if (this.random(25) === 0) return this.pick(ODD)
    if (schema.ref) return this.message(schema.ref, depth)
    switch (schema.type) {
      case 'integer':
      case 'number':
        return this.pick([0, 1, 5, 80, 443, 30000, -1, 70000])
      case 'boolean':
        return this.random(2) === 0
      case 'array':
        return depth > 9 ? [] : Array.from({ length: this.random(3) }, () => this.value(schema.items ?? {}, depth + 1))
      case 'object':
        return depth > 9
          ? {}
          : Object.fromEntries(
              Array.from({ length: this.random(3) }, () => [
                this.pick([...WORDS, '__proto__', 'constructor']),
                this.value(schema.additionalProperties ?? {}, depth + 1),
              ]),
            )
      default:
        return schema.format === 'int-or-string' ? this.pick([1, '5%', 'x', 0]) : this.pick(WORDS)
    }
  }
  message(message: Message, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    const names = Object.keys(message.properties)
    for (const name of names) {
      const wanted = message.required.includes(name) || this.random(Math.max(3, names.length)) < 3
      if (wanted && depth < 10) out[name] = this.value(message.properties[name]!, depth + 1)
    }
    if (this.random(12) === 0) out[this.pick(['unknown', '__proto__', 'constructor', 'toString'])] = this.pick(ODD)
    return out
  }
  /** Mutations of a value that exists. */
  mangled(value: unknown, depth = 0): unknown {
    if (this.random(15) === 0) return this.pick([...ODD, ...WORDS])
    if (Array.isArray(value)) return value.map(item => this.mangled(item, depth + 1)).slice(this.random(4) === 0 ? 1 : 0)
    if (typeof value !== 'object' || value === null || depth > 20) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.random(30) === 0 ? this.pick(WORDS) : key, this.mangled(item, depth + 1)]))
  }
}

const TEMPLATE = {
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }], volumes: [{ name: 'v', emptyDir: {} }] },
}
/** Objects that are right, to begin from. */
const SOUND: Readonly<Record<string, object>> = {
  configmaps: { data: { a: 'b' } },
  pods: { spec: TEMPLATE.spec },
  nodes: { spec: { podCIDR: '10.0.0.0/24' } },
  namespaces: {},
  secrets: { stringData: { a: 'b' } },
  services: { spec: { type: 'NodePort', ports: [{ port: 80 }] } },
  endpoints: { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  endpointslices: { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [] },
  events: { involvedObject: { kind: 'Pod', namespace: 'default' }, reason: 'r' },
  daemonsets: { spec: { selector: { matchLabels: { a: 'b' } }, template: TEMPLATE } },
  deployments: { spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: TEMPLATE } },
  replicasets: { spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: TEMPLATE } },
  controllerrevisions: { data: { spec: {} }, revision: 1 },
  leases: { spec: { holderIdentity: 'a', leaseDurationSeconds: 3 } },
  clusterroles: { rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
  clusterrolebindings: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'a' } },
  priorityclasses: { value: 5 },
  poddisruptionbudgets: { spec: { minAvailable: 1, selector: {} } },
}

const NAMES = ['a', 'b', 'c']

function request(fuzz: Fuzzer, served: Served, known: unknown[]): Request {
  const { kind } = served
  const caller = { user: { name: fuzz.pick(['alice', '']), groups: ['g'] }, userAgent: fuzz.pick(['kubectl/1', '', 'x'.repeat(300)]) }
  const name = fuzz.pick(NAMES)
  const { status, scale, other = {} } = kind.subresources ?? {}
  const subresources = [...(status ? ['status'] : []), ...(scale ? ['scale'] : []), ...Object.keys(other), 'nothing']
  const subresource = fuzz.random(4) > 0 ? undefined : fuzz.pick(subresources)
  const at = { caller, served, ...(kind.namespaced && { namespace: 'default' }), ...(subresource && { subresource }) }
  const query = {
    ...(fuzz.random(4) === 0 && { dryRun: [fuzz.pick(['All', 'Some', ''])] }),
    ...(fuzz.random(4) === 0 && { fieldValidation: fuzz.pick(['Strict', 'Warn', 'Ignore', 'x']) }),
    fieldManager: fuzz.pick(['m', 'n', 'x'.repeat(200), '\u0007']),
    ...(fuzz.random(5) === 0 && { force: true }),
  }
  const schema = served.version?.schema ?? kind.schema
  const fresh = () => {
    const object = fuzz.message(schema, 0)
    if (fuzz.random(6) > 0) object['metadata'] = { name, ...(fuzz.random(3) === 0 && (fuzz.value(schema.properties['metadata'] ?? {}, 2) as object)) }
    return object
  }
  const sound = () => {
    const object = fuzz.pick(known) as { metadata: object }
    const named = { ...object, metadata: { ...object.metadata, name, ...(fuzz.random(2) === 0 && { resourceVersion: undefined, uid: undefined }) } }
    return fuzz.random(3) === 0 ? named : fuzz.mangled(named)
  }
  const body = () => ({ value: fuzz.random(12) === 0 ? fuzz.pick(ODD) : known.length > 0 && fuzz.random(4) > 0 ? sound() : fresh() })
  const operations = () =>
    Array.from({ length: fuzz.random(4) }, () => ({
      op: fuzz.pick(['add', 'remove', 'replace', 'test', 'move', 'copy', 'x']),
      path: fuzz.pick([
        '/metadata/labels',
        '/spec',
        '/metadata/name',
        '/metadata',
        '',
        '/__proto__/x',
        '/spec/containers/0',
        '/metadata/finalizers/-',
        '/metadata/managedFields',
      ]),
      from: fuzz.pick(['/spec', '/metadata', '']),
      value: fuzz.pick([...ODD, { a: 'b' }, known[0] ?? {}]),
    }))
  const list = {
    ...(fuzz.random(2) === 0 && { labelSelector: fuzz.pick(['a=b', 'a in (b', '!a', 'a>1', 'a,,b', '=', 'a notin (x,y)']) }),
    ...(fuzz.random(2) === 0 && {
      fieldSelector: fuzz.pick(['metadata.name=a', 'metadata.namespace!=x', 'spec.nodeName=n', 'x=y', '\\', 'a\\=b=c', 'constructor=a']),
    }),
    ...(fuzz.random(3) === 0 && { limit: fuzz.pick([-1, 0, 1, 2 ** 40]) }),
    ...(fuzz.random(4) === 0 && { continue: fuzz.pick(['x', 'e30', Buffer.from('{"v":"meta.k8s.io/v1","rv":2,"start":"a"}').toString('base64url')]) }),
    ...(fuzz.random(4) === 0 && { resourceVersion: fuzz.pick(['0', '1', '-1', 'x', '5']) }),
    ...(fuzz.random(4) === 0 && { resourceVersionMatch: fuzz.pick(['Exact', 'NotOlderThan', 'x']) }),
  }
  const options = fuzz.pick<unknown>([
    undefined,
    {},
    { gracePeriodSeconds: fuzz.pick([0, -5, 1, 1e300]) },
    { propagationPolicy: fuzz.pick(['Orphan', 'Foreground', 'x']) },
    { preconditions: { uid: 'x' } },
    { orphanDependents: true },
    [],
    'x',
    { dryRun: 'All' },
  ])
  switch (fuzz.pick(['create', 'create', 'create', 'update', 'update', 'patch', 'patch', 'patch', 'delete', 'get', 'list', 'deletecollection'] as const)) {
    case 'create':
      return { ...at, verb: 'create', body: body(), query, ...(subresource && { name }) }
    case 'update':
      return { ...at, verb: 'update', name, body: body(), query }
    case 'patch': {
      const type = fuzz.pick(['json', 'merge', 'strategic', 'apply'] as const)
      const value = type === 'json' ? operations() : type === 'apply' && fuzz.random(2) === 0 ? { apiVersion: 'v1', kind: kind.kind, ...fresh() } : body().value
      return { ...at, verb: 'patch', name, type, body: { value }, query }
    }
    case 'delete':
      return { ...at, verb: 'delete', name, options, query: {} }
    case 'get':
      return { ...at, verb: 'get', name, resourceVersion: fuzz.pick(['', '0', '1', 'x']) }
    case 'list':
      return { ...at, verb: 'list', query: list }
    case 'deletecollection':
      return { ...at, verb: 'deletecollection', options, query: fuzz.random(20) === 0 ? list : { ...list, fieldSelector: 'metadata.name=a' } }
  }
}

/** Lets time pass until the promise is settled. */
async function inTime<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let settled = false
  const done = () => {
    settled = true
  }
  promise.then(done, done)
  for (let turns = 0; !settled; turns++) {
    if (turns > 1000) throw new Error('no answer')
    await new Promise(resolve => setImmediate(resolve))
    if (!settled) clock.advance(100)
  }
  return promise
}

it('answers every request with an object or a Status that puts the blame where it is', async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? 7)
  const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 3000)
  const fuzz = new Fuzzer(seed)
  const clock = new FakeClock()
  const rig = await registryRig({ clock, random: n => fuzz.random(n) })
  const known = new Map<Served, unknown[]>()
  for (const served of rig.registry.resources) {
    const object = SOUND[served.at.resource]
    if (object) known.set(served, [{ ...object, metadata: { name: 'a' } }])
  }
  const codes = new Map<number, number>()
  for (let round = 0; round < rounds; round++) {
    const served = fuzz.pick(rig.registry.resources)
    const objects = known.get(served) ?? []
    const asked = request(fuzz, served, objects)
    try {
      const { code, body } = await inTime(clock, rig.registry.handle(asked))
      codes.set(code, (codes.get(code) ?? 0) + 1)
      if ('metadata' in body && 'uid' in (body.metadata ?? {})) known.set(served, [...objects.slice(-5), body])
    } catch (error) {
      if (!(error instanceof StatusError) || (error.code >= 500 && error.reason !== 'Timeout')) {
        throw new Error(
          `seed ${seed}, round ${round}: ${asked.verb} ${served.at.resource}: ${JSON.stringify({ ...asked, served: undefined }).slice(0, 2000)}`,
          { cause: error },
        )
      }
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1)
    }
  }
  for (const code of [200, 201, 400, 404, 405, 409, 422]) assert.ok((codes.get(code) ?? 0) > 0, `no request was answered with ${code}`)
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
  await rig.close()
})
