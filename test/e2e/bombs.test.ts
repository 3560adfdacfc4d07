/** Small requests that would grow large or last long: each is refused with what is wrong, and nobody else waits. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { encodeProtobuf } from '../../src/api/protobuf/codec.ts'
import { writeEnvelope } from '../../src/api/protobuf/envelope.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { type Connection, readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { watched } from '../support/watchdog.ts'

let cluster: Cluster
let admin: Connection
let api: HttpApi
before(async () => {
  cluster = await startCluster(['--nodes', '0', '--simulated', '1'])
  admin = await readKubeconfig({ file: cluster.kubeconfig })
  api = new HttpApi(admin)
})
after(async () => {
  api?.close()
  await cluster?.stop()
})

const MAPS = '/api/v1/namespaces/default/configmaps'
const JSON_TYPE = 'application/json'
const YAML = 'application/yaml'
const APPLY = 'application/apply-patch+yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

interface Attempt {
  readonly method?: string
  readonly path?: string
  readonly type?: string
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

async function send({
  method = 'POST',
  path = MAPS,
  type = JSON_TYPE,
  body,
  headers = {},
}: Attempt): Promise<{ readonly code: number; readonly text: string }> {
  const answer = await api.transport.request({ method, path, headers: { 'content-type': type, ...headers }, ...(body !== undefined && { body }) })
  const chunks: Buffer[] = []
  for await (const chunk of answer.body) chunks.push(chunk as Buffer)
  return { code: answer.code, text: Buffer.concat(chunks).toString() }
}

/** No answer takes longer, neither to the attempt nor to whoever asks beside it. */
const HANG_MS = 5_000

/** Makes each attempt; every code must be the one beside it. */
async function refuses(attempts: Readonly<Record<string, readonly [code: number, Attempt]>>): Promise<void> {
  const wrong: string[] = []
  for (const [name, [code, attempt]] of Object.entries(attempts)) {
    const { result, longestMs } = await watched(admin, () => send(attempt))
    if (result.code !== code) wrong.push(`${name}: ${code} was wanted, ${result.code} came: ${result.text.slice(0, 300)}`)
    if (result.text.includes('"InternalError"')) wrong.push(`${name}: ${result.text.slice(0, 300)}`)
    if (longestMs > HANG_MS) wrong.push(`${name}: somebody else waited ${longestMs} ms`)
  }
  assert.deepEqual(wrong, [])
}

const map = (more: string): string => `{"metadata":{"name":"bomb"},${more}}`
const nested = (depth: number, open = '{"a":', close = '}', leaf = '1'): string => open.repeat(depth) + leaf + close.repeat(depth)

test('what a body would grow to is seen before it has', async () => {
  const aliases = ['a: &a [x,x,x,x,x,x,x,x,x]', ...[...'bcdefghi'].map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(9)}]`)].join('\n')
  let message = Buffer.alloc(0)
  for (let depth = 0; depth < 20_000; depth++) {
    const length = message.length
    const varint =
      length < 0x80 ? [length] : length < 0x4000 ? [(length & 0x7f) | 0x80, length >> 7] : [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]
    message = Buffer.concat([Buffer.from([0x0a, ...varint]), message])
  }
  const envelope = (raw: Uint8Array) => writeEnvelope({ apiVersion: 'v1', kind: 'ConfigMap', raw })
  await refuses({
    'YAML aliases that multiply': [400, { type: YAML, body: aliases }],
    'the same as an apply': [400, { method: 'PATCH', path: `${MAPS}/bomb?fieldManager=me`, type: APPLY, body: aliases }],
    'an alias to what it is in': [400, { type: YAML, body: 'a: &a [*a]\n' }],
    'YAML of many parts': [400, { type: YAML, body: 'a:\n- 1\n'.repeat(200_000) }],
    'deep YAML': [400, { type: YAML, body: '['.repeat(200_000) }],
    'deep YAML in lines': [400, { type: YAML, body: Array.from({ length: 1_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n') }],
    'deep JSON': [400, { body: map(`"x":${nested(500_000, '[', ']')}`) }],
    'deep JSON that never closes': [400, { body: '['.repeat(3_000_000) }],
    'a number of millions of digits': [400, { body: map(`"x":${'9'.repeat(2_900_000)}`) }],
    'more than may come': [413, { body: map(`"x":"${'x'.repeat(3 * 1024 * 1024)}"`) }],
    packed: [400, { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(50_000_000, 'a')) }],
    'deep protobuf': [422, { type: PROTOBUF, body: envelope(message) }],
    'protobuf that is longer than it says': [400, { type: PROTOBUF, body: envelope(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])) }],
    'members by the hundred thousand, all of one name': [201, { body: map(`"data":{${'"a":"b",'.repeat(300_000)}"a":"b"}`) }],
    'that nobody knows': [201, { body: `{"metadata":{"name":"bomb-2"},${Array.from({ length: 150_000 }, (_, i) => `"x${i}":1`).join(',')}}` }],
  })
})

test('a patch that doubles what is there again and again is refused', async () => {
  await send({ body: '{"metadata":{"name":"doubling"},"data":{"a":"x"}}' })
  const doubling = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '/data', path: `/data/k${i}` }))
  const many = Array.from({ length: 20_000 }, () => ({ op: 'test', path: '/data/a', value: 'x' }))
  const path = `${MAPS}/doubling`
  await refuses({
    'copies of copies': [413, { method: 'PATCH', path, type: 'application/json-patch+json', body: JSON.stringify(doubling) }],
    'too many operations': [413, { method: 'PATCH', path, type: 'application/json-patch+json', body: JSON.stringify(many) }],
    'a deep merge patch': [400, { method: 'PATCH', path, type: 'application/merge-patch+json', body: nested(100_000) }],
    'a deep strategic patch': [400, { method: 'PATCH', path, type: 'application/strategic-merge-patch+json', body: nested(100_000) }],
  })
  assert.equal(JSON.parse((await send({ method: 'GET', path })).text).data.a, 'x')
})

test('patterns, rules and selectors take no longer than they are long', async () => {
  const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const definition = (plural: string, spec: object) =>
    JSON.stringify({
      metadata: { name: `${plural}.bombs.example` },
      spec: {
        group: 'bombs.example',
        scope: 'Namespaced',
        names: { plural, kind: plural },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
      },
    })
  const rules = [{ rule: "self.b.matches('^(b|b|bb)*$')", message: 'only b' }]
  const slow = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' }, b: { type: 'string', maxLength: 10_000 } } }
  assert.equal((await send({ path: CRDS, body: definition('slows', { ...slow, 'x-kubernetes-validations': rules }) })).code, 201)
  const things = '/apis/bombs.example/v1/namespaces/default/slows'
  await eventually(
    () => send({ method: 'GET', path: things }),
    ({ code }) => code === 200,
  )
  const thing = (spec: object) => JSON.stringify({ metadata: { name: 'x' }, spec })
  const list = { type: 'array', items: { type: 'string' } }
  const cubic = { type: 'object', properties: { l: list }, 'x-kubernetes-validations': [{ rule: 'self.l.all(x, self.l.all(y, self.l.all(z, x + y != z)))' }] }
  assert.equal((await send({ path: CRDS, body: definition('cubics', cubic) })).code, 201)
  await eventually(
    () => send({ method: 'GET', path: '/apis/bombs.example/v1/namespaces/default/cubics' }),
    ({ code }) => code === 200,
  )
  const query = (selector: string, which = 'labelSelector') => ({ method: 'GET', path: `${MAPS}?${which}=${encodeURIComponent(selector)}` })
  await refuses({
    'a text that a pattern tries in many ways': [422, { path: things, body: thing({ a: `${'a'.repeat(50_000)}!`, b: 'b' }) }],
    'a text that a rule tries in many ways': [422, { path: things, body: thing({ a: 'a', b: `${'b'.repeat(9_000)}!` }) }],
    'a pattern that repeats what repeats': [422, { path: CRDS, body: definition('repeats', { type: 'string', pattern: '(((a{100}){100}){100}){100}' }) }],
    'a rule over all of all of all': [
      422,
      { path: '/apis/bombs.example/v1/namespaces/default/cubics', body: thing({ l: Array.from({ length: 20_000 }, String) }) },
    ],
    'a rule that is none': [422, { path: CRDS, body: definition('nones', { type: 'string', 'x-kubernetes-validations': [{ rule: {} }] }) }],
    'a selector of thousands of values': [200, query(`a in (${'x,'.repeat(3_000)}y)`)],
    'a selector of nothing but brackets': [400, query('('.repeat(5_000))],
    'a field selector of hundreds of terms': [200, query('metadata.name!=a,'.repeat(700), 'fieldSelector')],
    'a selector longer than a request line': [414, query('a,'.repeat(9_000))],
  })
})

test('names of what every object has are names like others, whatever they come in', async () => {
  const bad = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}'
  const path = `${MAPS}/names`
  const data = '{"__proto__":"yes","constructor":"yes","hasOwnProperty":"yes","toString":"yes"}'
  const kept = { ['__proto__']: 'yes', constructor: 'yes', hasOwnProperty: 'yes', toString: 'yes' }
  const raw = encodeProtobuf(ConfigMaps.schema, { metadata: { name: 'names-2' }, data: JSON.parse(data) })
  await refuses({
    json: [201, { body: `{"metadata":{"name":"names"},"data":${data},${bad.slice(1, -1)}}` }],
    'unknown, strictly': [400, { path: `${MAPS}?fieldValidation=Strict`, body: `{"metadata":{"name":"strict"},${bad.slice(1, -1)}}` }],
    protobuf: [201, { type: PROTOBUF, body: writeEnvelope({ apiVersion: 'v1', kind: 'ConfigMap', raw }) }],
    yaml: [201, { type: YAML, body: `metadata: {name: names-3}\ndata: {__proto__: "yes", constructor: "yes"}\n__proto__: {polluted: "yes"}\n` }],
    'YAML that merges': [201, { type: YAML, body: `metadata: {name: names-4}\nx: &x {__proto__: {polluted: "yes"}}\ny: {<<: *x}\n` }],
    merge: [200, { method: 'PATCH', path, type: 'application/merge-patch+json', body: bad }],
    strategic: [200, { method: 'PATCH', path, type: 'application/strategic-merge-patch+json', body: bad }],
    'strategic, within': [
      200,
      { method: 'PATCH', path, type: 'application/strategic-merge-patch+json', body: '{"metadata":{"labels":{"constructor":"yes","hasOwnProperty":"yes"}}}' },
    ],
    'a label with a name that is none': [
      422,
      { method: 'PATCH', path, type: 'application/merge-patch+json', body: '{"metadata":{"labels":{"__proto__":"yes"}}}' },
    ],
    'add to the prototype': [
      422,
      { method: 'PATCH', path, type: 'application/json-patch+json', body: '[{"op":"add","path":"/__proto__/polluted","value":"yes"}]' },
    ],
    'add to the constructor': [
      422,
      { method: 'PATCH', path, type: 'application/json-patch+json', body: '[{"op":"add","path":"/constructor/prototype/polluted","value":"yes"}]' },
    ],
    'copy the prototype': [
      422,
      { method: 'PATCH', path, type: 'application/json-patch+json', body: '[{"op":"copy","from":"/__proto__","path":"/metadata/labels"}]' },
    ],
    apply: [
      200,
      {
        method: 'PATCH',
        path: `${path}?fieldManager=me&force=true`,
        type: APPLY,
        body: 'apiVersion: v1\nkind: ConfigMap\ndata: {__proto__: "yes", constructor: "yes"}\n',
      },
    ],
  })
  const names = JSON.parse((await send({ method: 'GET', path })).text) as { data: object; metadata: { labels: object } }
  assert.deepEqual(
    [Object.entries(names.data).sort(), Object.entries(names.metadata.labels).sort()],
    [Object.entries(kept).sort(), Object.entries({ constructor: 'yes', hasOwnProperty: 'yes' }).sort()],
  )
  for (const path of [MAPS, '/api/v1/nodes', '/apis', '/openapi/v3/api/v1', '/metrics'])
    assert.doesNotMatch((await send({ method: 'GET', path })).text, /polluted/, path)
})

test('no name leads out of where it belongs', async () => {
  const PODS = '/api/v1/namespaces/default/pods'
  const pod = (volumes: object[], mount: object = {}, container: object = {}) =>
    JSON.stringify({
      metadata: { name: 'p' },
      spec: { volumes, containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }], ...container }] },
    })
  const items = (path: string) => [{ key: 'k', path }]
  const post = (body: string, path = PODS): readonly [number, Attempt] => [422, { path, body }]
  const cases: Record<string, readonly [number, Attempt]> = {}
  for (const [i, path] of ['../x', '..', '/etc/x', 'a/../../x', '..x/../../y'].entries()) {
    cases[`configMap ${i}`] = post(pod([{ name: 'v', configMap: { name: 'm', items: items(path) } }]))
    cases[`secret ${i}`] = post(pod([{ name: 'v', secret: { secretName: 's', items: items(path) } }]))
    cases[`projected ${i}`] = post(pod([{ name: 'v', projected: { sources: [{ configMap: { name: 'm', items: items(path) } }] } }]))
    cases[`token ${i}`] = post(pod([{ name: 'v', projected: { sources: [{ serviceAccountToken: { path } }] } }]))
    cases[`downward ${i}`] = post(pod([{ name: 'v', downwardAPI: { items: [{ path, fieldRef: { fieldPath: 'metadata.name' } }] } }]))
    cases[`subPath ${i}`] = post(pod([{ name: 'v', emptyDir: {} }], { subPath: path }))
    cases[`subPathExpr ${i}`] = post(pod([{ name: 'v', emptyDir: {} }], { subPathExpr: path }))
  }
  for (const [i, name] of ['..', '.', '../x', 'a/b', 'a%2fb'].entries()) {
    cases[`data ${i}`] = post(JSON.stringify({ metadata: { name: 'm' }, data: { [name.includes('%') ? 'a b' : name]: 'x' } }), MAPS)
    cases[`name ${i}`] = post(JSON.stringify({ metadata: { name } }), MAPS)
    cases[`namespace ${i}`] = post(JSON.stringify({ metadata: { name } }), '/api/v1/namespaces')
    cases[`node ${i}`] = post(JSON.stringify({ metadata: { name } }), '/api/v1/nodes')
    cases[`container ${i}`] = post(pod([{ name: 'v', emptyDir: {} }], {}, { name }))
    cases[`volume ${i}`] = post(pod([{ name, emptyDir: {} }], { name }))
  }
  cases['hostPath'] = post(pod([{ name: 'v', hostPath: { path: '/var/../../etc' } }]))
  cases['in the path'] = [404, { method: 'GET', path: '/api/v1/namespaces/..%2f..%2fetc/pods' }]
  cases['in a log'] = [404, { method: 'GET', path: `${PODS}/..%2f..%2fx/log?container=../../x` }]
  await refuses(cases)
})
