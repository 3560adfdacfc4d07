import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyType, negotiateForm, negotiateOffer } from './accept.ts'

const form = (accept: string | undefined, list = true) => {
  const got = negotiateForm(accept, { table: true, list, metadata: true })
  return got.as === 'object' ? 'object' : `${got.as} ${got.version}`
}
const KUBECTL = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'

test('the best clause that the endpoint can do wins and one that it cannot do is skipped', () => {
  assert.deepEqual(
    {
      nothing: form(undefined),
      any: form('*/*'),
      kubectl: form(KUBECTL),
      old: form('application/json;as=Table;v=v1beta1;g=meta.k8s.io'),
      unknownVersion: form('application/json;as=Table;v=v2;g=meta.k8s.io, application/json'),
      protobufFirst: form('application/vnd.kubernetes.protobuf,application/json'),
      javascript: form('application/json, */*;q=0.8'),
      quality: form('application/json;q=0.1, application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'),
      singleOfList: form('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, */*'),
      single: form('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, */*', false),
    },
    {
      nothing: 'object',
      any: 'object',
      kubectl: 'table v1',
      old: 'table v1beta1',
      unknownVersion: 'object',
      protobufFirst: 'object',
      javascript: 'object',
      quality: 'metadata v1',
      singleOfList: 'object',
      single: 'metadata v1',
    },
  )
  assert.throws(() => form('application/vnd.kubernetes.protobuf'), { reason: 'NotAcceptable' })
  assert.throws(() => form('application/json;q=0'), { reason: 'NotAcceptable' })
})

test('an offer with parameters is given to those who ask for them', () => {
  const v2 = { type: 'application/json', parameters: { g: 'apidiscovery.k8s.io', v: 'v2', as: 'APIGroupDiscoveryList' } }
  const plain = { type: 'application/json' }
  assert.equal(negotiateOffer('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json', [v2, plain]), v2)
  assert.equal(negotiateOffer('application/json, */*', [v2, plain]), plain)
  assert.equal(negotiateOffer('text/html', [v2, plain]), undefined)
})

test('a body type has no parameters and is JSON when nothing is said', () => {
  assert.deepEqual(
    [bodyType(undefined), bodyType(''), bodyType('Application/YAML; charset=utf-8')],
    ['application/json', 'application/json', 'application/yaml'],
  )
})
