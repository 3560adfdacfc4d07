import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isStatus } from '../meta/status.ts'
import type { JsonSchema, Message } from '../schema/build.ts'
import { decode } from '../schema/decode.ts'
import { ControllerRevision } from '../types/apps/controller-revision.ts'
import { DaemonSet } from '../types/apps/daemon-set.ts'
import { Deployment } from '../types/apps/deployment.ts'
import { SubjectAccessReview } from '../types/authorization.ts'
import { Lease } from '../types/coordination.ts'
import { Secret } from '../types/core/config.ts'
import { Node } from '../types/core/node.ts'
import { Pod } from '../types/core/pod.ts'
import { Service } from '../types/core/service.ts'
import { PodDisruptionBudget } from '../types/policy.ts'
import { bytesOf } from './base64.ts'
import { decodeProtobuf, encodeProtobuf } from './codec.ts'
import { readEnvelope, writeEnvelope } from './envelope.ts'

/** Bodies as kubectl 1.32 sends them (create deployment, create service clusterip, create pdb). */
const SENT = {
  deployment:
    'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50ErQBCh0KAmQxEgAaACIAKgAyADgAQgBaCQoDYXBwEgJkMRKEAQgCEgsKCQoDYXBwEgJkMRprChsKABIAGgAiACoAMgA4AEIAWgkKA2FwcBICZDESTBIuCgVuZ2lueBIFbmdpbngqADIKCgAQABhQIgAqAEIAagByAIABAIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAiAgoAKAA4ABoMCAAQABgAIAAoADgAGgAiAA==',
  service:
    'azhzAAoNCgJ2MRIHU2VydmljZRKOAQohCgRzdmMxEgAaACIAKgAyADgAQgBaCwoDYXBwEgRzdmMxEmUKGwoHODAtODA4MBIDVENQGFAiBwgAEJA/GgAoAAogCgg5MC1odHRwMhIDVENQGFoiCwgBEAAaBWh0dHAyKAASCwoDYXBwEgRzdmMxGgAiCUNsdXN0ZXJJUDoAQgBSAFoAYABoABoCCgAaACIA',
  budget: 'azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSNwoSCgJwMRIAGgAiACoAMgA4AEIAEhUKCQgBEAAaAzUwJRIICgYKAWESAWIaCggAGAAgACgAMAAaACIA',
}

test('bodies that kubectl sends are read, and zeros that say nothing are left out', () => {
  const deployment = readEnvelope(bytesOf(SENT.deployment))
  assert.deepEqual([deployment.apiVersion, deployment.kind], ['apps/v1', 'Deployment'])
  assert.deepEqual(decodeProtobuf(Deployment, deployment.raw), {
    metadata: { name: 'd1', labels: { app: 'd1' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'd1' } },
      template: {
        metadata: { labels: { app: 'd1' } },
        spec: { containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }], resources: {} }] },
      },
      strategy: {},
    },
    status: {},
  })
  assert.deepEqual(decodeProtobuf(Service, readEnvelope(bytesOf(SENT.service)).raw)['spec'], {
    ports: [
      { name: '80-8080', protocol: 'TCP', port: 80, targetPort: 8080 },
      { name: '90-http2', protocol: 'TCP', port: 90, targetPort: 'http2' },
    ],
    selector: { app: 'svc1' },
    type: 'ClusterIP',
  })
  assert.deepEqual(decodeProtobuf(PodDisruptionBudget, readEnvelope(bytesOf(SENT.budget)).raw)['spec'], {
    minAvailable: '50%',
    selector: { matchLabels: { a: 'b' } },
  })
})

/** Any value of a schema in canonical form, without zeros that say nothing. */
function anyValueOf(schema: JsonSchema, zeroSays: boolean, depth: number): fc.Arbitrary<unknown> {
  if (schema.ref) return objectOf(schema.ref, depth + 1)
  if (schema['x-kubernetes-preserve-unknown-fields']) return fc.constantFrom<unknown>({ a: 1 }, { spec: { template: { $patch: 'replace' } } })
  switch (schema.type) {
    case 'string':
      switch (schema.format) {
        case 'quantity':
          return fc.constantFrom('1', '100m', '2Gi')
        case 'int-or-string':
          return fc.constantFrom<unknown>(...(zeroSays ? [0] : []), 80, 'http', '10%')
        case 'date-time':
          return fc.constantFrom('2026-01-01T00:00:00Z', '1969-12-31T23:59:59Z')
        case 'micro-time':
          return fc.constantFrom('2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.123456Z')
        case 'byte':
          return fc.constantFrom('AA==', 'aGVsbG8=')
        default:
          return zeroSays ? fc.constantFrom('', 'ä', 'x'.repeat(200)) : fc.constantFrom('a', 'zwölf Boxkämpfer jagen')
      }
    case 'integer':
      return fc.constantFrom(...(zeroSays ? [0] : []), 1, -1, 2 ** 31 - 1, ...(schema.format === 'int64' ? [2 ** 53 - 1, -(2 ** 40)] : []))
    case 'number':
      return fc.constant(1.5)
    case 'boolean':
      return zeroSays ? fc.boolean() : fc.constant(true)
    case 'array':
      return fc.array(anyValueOf(schema.items!, true, depth), { minLength: 1, maxLength: 2 })
    case 'object':
      return fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'x/y'), anyValueOf(schema.additionalProperties!, true, depth), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      })
    default:
      return fc.constant({ a: 1 })
  }
}

function objectOf(message: Message, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  const model: Record<string, fc.Arbitrary<unknown>> = {}
  for (const [key, property] of Object.entries(message.properties)) {
    if (property.protobuf === 0 || (depth > 4 && property.ref)) continue
    const required = message.required.includes(key)
    if (depth > 5 && !required) continue
    model[key] = anyValueOf(property, required || property.explicit === true, depth)
  }
  const requiredKeys = message.required.filter(key => key in model && !message.properties[key]!.ref)
  return fc.record(model, { requiredKeys, noNullPrototype: true })
}

test('what is encoded is decoded to the same object, for every field of these kinds', () => {
  for (const message of [DaemonSet, Pod, Node, Service, Secret, Lease, ControllerRevision, SubjectAccessReview] as Message[]) {
    fc.assert(
      fc.property(objectOf(message), object => {
        const bytes = encodeProtobuf(message, object)
        assert.deepEqual(JSON.parse(JSON.stringify(decodeProtobuf(message, bytes))), JSON.parse(JSON.stringify(object)))
        decode(message, decodeProtobuf(message, bytes), { unknown: 'strict' })
      }),
      { numRuns: 15 },
    )
  }
})

test('the envelope names what is in it', () => {
  const envelope = { apiVersion: 'v1', kind: 'Pod', raw: encodeProtobuf(Pod, { metadata: { name: 'a' } }) }
  assert.deepEqual(readEnvelope(writeEnvelope(envelope)), envelope)
  assert.throws(() => readEnvelope(new TextEncoder().encode('{}')), { message: /does not begin as Kubernetes protobuf does/ })
})

test('damaged bytes are read or refused as a bad request, and never anything else', () => {
  const good = encodeProtobuf(Pod, {
    metadata: { name: 'a', labels: { a: 'b' }, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } }, livenessProbe: { httpGet: { port: 'http' } } }] },
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(good.length), (changes, length) => {
      const bytes = good.slice(0, length)
      for (const [at, byte] of changes) if (at < length) bytes[at] = byte
      try {
        decode(Pod, decodeProtobuf(Pod, bytes), { unknown: 'strict' })
      } catch (error) {
        if (!isStatus(error, 'BadRequest')) throw error
      }
    }),
    { numRuns: 500 },
  )
})

test('numbers longer than ten bytes, wrong wire types and deep nesting are refused', () => {
  const cases: [number[], RegExp][] = [
    [[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], /longer than ten bytes|out of range/],
    [[0x08, 0x01], /field metadata has wire type 0 instead of 2/],
    [[0x0a, 0x05, 0x01], /ends in the middle/],
    [[0x0b], /wire type 3|field metadata/],
    [[0x00], /field number/],
  ]
  for (const [bytes, text] of cases) assert.throws(() => decodeProtobuf(Pod, new Uint8Array(bytes)), { message: text })
})
