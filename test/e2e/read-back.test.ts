/** What people deploy, sent to a server in every form that clients use and read back whole: nothing that was said is lost, and every form says the same. */
import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { CustomResourceDefinitions } from '../../src/api/kinds/apiextensions/custom-resource-definition.ts'
import { TEMPLATE_GENERATION } from '../../src/api/kinds/apps/template-generation.ts'
import { Namespaces } from '../../src/api/kinds/core/namespace.ts'
import { Services } from '../../src/api/kinds/core/service.ts'
import { apiVersionOf } from '../../src/api/kinds/kind.ts'
import type { KubeObject } from '../../src/api/meta/object.ts'
import { isStatus } from '../../src/api/meta/status.ts'
import { encodeProtobuf } from '../../src/api/protobuf/codec.ts'
import { writeEnvelope } from '../../src/api/protobuf/envelope.ts'
import { pathOf } from '../../src/api/request-path.ts'
import type { MessageOf } from '../../src/api/schema/build.ts'
import { decode } from '../../src/api/schema/decode.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { type CollectedDocument, collectedDocuments, isFixture, lostFields, noManifests, REFUSED, UNKNOWN } from '../support/collected.ts'

/** The same document under a name and in a namespace of its own: what is read is what was sent just now. */
interface Placed extends CollectedDocument {
  readonly name: string
  readonly namespace: string | undefined
  readonly sent: Record<string, unknown> & { readonly metadata: Record<string, unknown> }
}

/** Bodies in which a client can say the document. */
type Form = 'json' | 'protobuf' | 'apply'
const AT_ONCE = 8

describe('collected manifests', { skip: noManifests }, () => {
  let cluster: Cluster
  let api: HttpApi
  before(async () => {
    cluster = await startCluster(['--nodes', '0', '--simulated', '0'])
    api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }))
    await api.create({ kind: Namespaces }, { metadata: { name: 'collected' }, spec: {} })
    await eventually(
      () => cluster.tryKubectl(['get', 'sa', 'default', '-n', 'collected']),
      ({ code }) => code === 0,
    )
  })
  after(async () => {
    api?.close()
    await cluster?.stop()
  })

  it('are read back as they were sent, as JSON, as protobuf and applied', async () => {
    const rest = (await collectedDocuments()).filter(({ id, file }) => !isFixture(file) && !REFUSED[id])
    assert.ok(rest.length > 700, `only ${rest.length} documents`)
    // Several files bring a definition of the same name, or a Service that wants the same address: those go one after the other.
    const turns = Map.groupBy(rest.map(place), ({ at, name }) => (at.kind === Services ? 'services' : `${at.kind.resource} ${name}`))
    const waiting = turns.values()
    const work = async () => {
      for (const documents of waiting) for (const document of documents) await sendEach(document)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  })

  function place(document: CollectedDocument, index: number): Placed {
    const { json, at } = document
    const given = json['metadata'] as Record<string, unknown>
    const fixed = at.kind === CustomResourceDefinitions || at.kind.group === 'storage.k8s.io'
    const metadata: Record<string, unknown> = { ...given, name: fixed ? given['name'] : `${given['name']}-${index}`.slice(-63).replace(/^\W+/, '') }
    // What a cluster wrote into the manifest is not for a new object.
    for (const key of ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'ownerReferences', 'generateName']) delete metadata[key]
    // The server counts templates itself.
    const { [TEMPLATE_GENERATION]: _, ...annotations } = (given['annotations'] ?? {}) as Record<string, string>
    if (given['annotations']) metadata['annotations'] = annotations
    if (at.kind.namespaced) metadata['namespace'] = 'collected'
    else delete metadata['namespace']
    const { status: __, ...said } = json
    return { ...document, name: metadata['name'] as string, namespace: metadata['namespace'] as string | undefined, sent: { ...said, metadata } }
  }

  async function sendEach(document: Placed): Promise<void> {
    const { id, sent } = document
    const unknown = UNKNOWN[id] ?? []
    const stored = withoutServersOwn(await send(document, 'json'))
    const read = await api.get(targetOf(document))
    const { stringData: _, ...kept } = sent
    assert.deepEqual(lostFields(kept, read, unknown), [], id)
    await api.delete(targetOf(document), { gracePeriodSeconds: 0 })
    await eventually(
      () =>
        api.get(targetOf(document)).then(
          () => 'there',
          error => (isStatus(error, 'NotFound') ? 'gone' : error),
        ),
      answer => answer === 'gone',
    )
    assert.deepEqual(withoutZeros(withoutServersOwn(await send(document, 'protobuf'))), withoutZeros(stored), `${id} as protobuf`)
    // What no schema knows is refused when it is applied.
    if (unknown.length === 0) assert.deepEqual(withoutServersOwn(await send(document, 'apply')), stored, `${id} applied`)
  }

  const targetOf = ({ at, name, namespace }: Placed) => ({ kind: at.at, name, namespace })

  /** Only the first form is stored; the others go the whole way but for that. */
  async function send(document: Placed, form: Form): Promise<KubeObject> {
    const target = targetOf(document)
    const { name: _, ...collection } = target
    const create = pathOf(collection)
    const forms = {
      json: { method: 'POST', path: create, type: 'application/json', body: JSON.stringify(document.sent) },
      protobuf: { method: 'POST', path: `${create}?dryRun=All`, type: 'application/vnd.kubernetes.protobuf', body: protobufOf(document) },
      apply: {
        method: 'PATCH',
        path: `${pathOf(target)}?dryRun=All&fieldManager=t`,
        type: 'application/apply-patch+yaml',
        body: JSON.stringify(document.sent),
      },
    }
    const { method, path, type, body } = forms[form]
    const { code, body: answer } = await api.transport.request({ method, path, headers: { accept: 'application/json', 'content-type': type }, body })
    const said = await text(answer)
    assert.equal(code, 201, `${document.id} as ${form}: ${said}`)
    return JSON.parse(said) as KubeObject
  }

  function protobufOf({ at: { at }, sent }: Placed): Uint8Array {
    const { value } = decode(at.schema as MessageOf<KubeObject>, sent, { unknown: 'drop' })
    return writeEnvelope({ apiVersion: apiVersionOf(at), kind: at.kind, raw: encodeProtobuf(at.schema, value) })
  }
})

const OF_ONE: ReadonlySet<string> = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'managedFields'])
const GIVEN_OUT: ReadonlySet<string> = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort'])

/** Without what differs from object to object. */
function withoutServersOwn({ status: _, ...object }: KubeObject & { readonly status?: unknown }): unknown {
  const own = object.kind === 'Service' ? new Set([...OF_ONE, ...GIVEN_OUT]) : OF_ONE
  // A Job selects its pods by its uid.
  const text = JSON.stringify(object).replaceAll(object.metadata.uid, 'UID')
  return JSON.parse(text, (key, value) => (own.has(key) ? undefined : value))
}

/** Protobuf says of most fields only what is not zero. */
const withoutZeros = (object: unknown): unknown =>
  JSON.parse(JSON.stringify(object), (_, value) => (value === 0 || value === false || value === '' ? undefined : value))
