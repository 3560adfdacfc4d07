import assert from 'node:assert/strict'
import { request as plain } from 'node:https'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import { Deployments } from '../../api/kinds/apps/deployment.ts'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import { HttpApi } from '../../client/http/rest.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let api: HttpApi
before(async () => {
  server = await startTestServer()
  api = new HttpApi(server.admin)
})
after(async () => {
  api.close()
  await server.close()
})

interface Reply {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}
interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** One request over HTTP/2, as the administrator. */
async function h2(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Reply> {
  const response = await api.transport.request({ method, path, headers, body })
  const chunks: Buffer[] = []
  for await (const chunk of response.body) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  return { code: response.code, headers: response.headers, text: (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString() }
}

/** One request over HTTP/1.1, without a certificate. */
function h1(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = plain(`${server.server}${path}`, { method, headers, ca: server.admin.authority, agent: false }, async response => {
      let text = ''
      for await (const chunk of response) text += String(chunk)
      resolve({ code: response.statusCode ?? 0, headers: response.headers, text })
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
const line = ({ code, text }: Reply): string => {
  const value = text.startsWith('{') ? (JSON.parse(text) as { readonly reason?: string; readonly kind?: string; readonly message?: string }) : undefined
  return value ? [code, value.kind, value.reason].filter(Boolean).join(' ') : `${code} ${text.trim()}`
}

test('without a name one sees health and the version, and nothing else', async () => {
  assert.deepEqual(
    {
      ready: line(await h1('/readyz')),
      verbose: line(await h1('/readyz?verbose')),
      one: line(await h1('/readyz/store')),
      none: line(await h1('/readyz/nope')),
      version: (JSON.parse((await h1('/version/')).text) as { major: string }).major,
      api: line(await h1('/api')),
      metrics: line(await h1('/metrics')),
      nothing: line(await h1('/nothing')),
      pods: line(await h1('/api/v1/pods')),
      good: line(await h1('/api/v1/namespaces/default', { headers: { authorization: 'Bearer good' } })),
      bad: line(await h1('/version', { headers: { authorization: 'Bearer bad' } })),
      basic: line(await h1('/api/v1/pods', { headers: { authorization: 'Basic YTpi' } })),
    },
    {
      ready: '200 ok',
      verbose: '200 [+]store ok\nreadyz check passed',
      one: '200 ok',
      none: '404 404 page not found',
      version: '1',
      api: '401 Status Unauthorized',
      metrics: '401 Status Unauthorized',
      nothing: '401 Status Unauthorized',
      pods: '401 Status Unauthorized',
      good: '200 Namespace',
      bad: '401 Status Unauthorized',
      basic: '401 Status Unauthorized',
    },
  )
})

test('paths, methods, types and bodies that are none are refused with the right code', async () => {
  const maps = '/api/v1/namespaces/default/configmaps'
  const json = { 'content-type': 'application/json' }
  const post = (headers: Record<string, string>, body: string | Uint8Array) => h2(maps, { method: 'POST', headers, body }).then(line)
  assert.deepEqual(
    {
      version: line(await h2('/api/v9/pods')),
      resource: line(await h2('/api/v1/namespaces/default/things')),
      scope: line(await h2('/api/v1/namespaces/default/nodes')),
      unscoped: line(await h2('/api/v1/pods/p')),
      method: line(await h2(`${maps}/m`, { method: 'POST', headers: json, body: '{}' })),
      trace: line(await h2(maps, { method: 'TRACE' })),
      everywhere: line(await h2('/api/v1/configmaps', { method: 'DELETE' })),
      accept: line(await h2(maps, { headers: { accept: 'image/png' } })),
      type: await post({ 'content-type': 'text/plain' }, 'x'),
      patchType: line(await h2(`${maps}/m`, { method: 'PATCH', headers: json, body: '{}' })),
      empty: await post(json, ''),
      list: await post(json, '[]'),
      malformed: await post(json, '{"a":'),
      proto: await post({ 'content-type': 'application/vnd.kubernetes.protobuf' }, 'k8s'),
      include: line(await h2(`${maps}?includeObject=All`, { headers: { accept: 'application/json' } })),
      number: line(await h2(`${maps}?limit=many`)),
      large: await post(json, 'x'.repeat(3 * 1024 * 1024 + 1)),
      url: line(await h2(`/api?${'x'.repeat(20_000)}`)),
    },
    {
      version: '404 404 page not found',
      resource: '404 404 page not found',
      scope: '404 404 page not found',
      unscoped: '404 404 page not found',
      method: '405 Status MethodNotAllowed',
      trace: '405 Status MethodNotAllowed',
      everywhere: '405 Status MethodNotAllowed',
      accept: '406 Status NotAcceptable',
      type: '415 Status UnsupportedMediaType',
      patchType: '415 Status UnsupportedMediaType',
      empty: '400 Status BadRequest',
      list: '400 Status BadRequest',
      malformed: '400 Status BadRequest',
      proto: '400 Status BadRequest',
      include: '400 Status BadRequest',
      number: '400 Status BadRequest',
      large: '413 Status RequestEntityTooLarge',
      url: '414 Status RequestURITooLong',
    },
  )
  assert.equal(
    line(await h1(maps, { method: 'POST', headers: { authorization: 'Bearer good' }, body: 'x'.repeat(3 * 1024 * 1024 + 1) })),
    '413 Status RequestEntityTooLarge',
  )
})

test('a body without a type is JSON, takes its kind from the path, and may be YAML', async () => {
  const maps = '/api/v1/namespaces/default/configmaps'
  assert.equal(line(await h2(maps, { method: 'POST', body: '{"metadata":{"name":"bare"}}' })), '201 ConfigMap')
  const yaml = 'metadata: {name: yaml}\ndata: {mode: "0644"}\n'
  const made = await h2(maps, { method: 'POST', headers: { 'content-type': 'application/yaml; charset=utf-8' }, body: yaml })
  assert.deepEqual((JSON.parse(made.text) as { data: unknown }).data, { mode: '0644' })
})

test('problems that are only warned of come as headers, and strict requests are refused for them', async () => {
  const body = '{"metadata":{"name":"w","name":"warned"},"nope":1}'
  const path = '/api/v1/namespaces/default/configmaps'
  const warned = await h2(path, { method: 'POST', body })
  assert.deepEqual([warned.code, warned.headers['warning']], [201, '299 - "duplicate field \\"metadata.name\\"", 299 - "unknown field \\"nope\\""'])
  const strict = await h2(`${path}?fieldValidation=Strict`, { method: 'POST', body })
  assert.match(strict.text, /strict decoding error: duplicate field \\"metadata.name\\", unknown field \\"nope\\"/)
})

test('a key that stands twice in an apply patch is told of, and refused where the request is strict', async () => {
  const patch = (more = '') =>
    h2(`/api/v1/namespaces/default/configmaps/twice?fieldManager=m${more}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata:\n  a: "1"\n  a: "2"\n',
    })
  const strict = await patch('&fieldValidation=Strict')
  assert.equal(line(strict), '400 Status BadRequest')
  assert.match(strict.text, /error strict decoding YAML: duplicate field \\"data\.a\\"/)
  const warned = await patch()
  assert.deepEqual([warned.code, warned.headers['warning']], [201, '299 - "duplicate field \\"data.a\\""'])
  const ignored = await patch('&fieldValidation=Ignore')
  assert.deepEqual([ignored.code, ignored.headers['warning']], [200, undefined])
})

test('a Table has the columns of the kind, its rows the metadata, and its revision is that of the list', async () => {
  await api.create({ kind: ConfigMaps, namespace: 'default' }, { metadata: { name: 'table', labels: { x: 'y' } }, data: { a: '1', b: '2' } })
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  const { text } = await h2('/api/v1/namespaces/default/configmaps?labelSelector=x%3Dy', { headers: { accept } })
  const table = JSON.parse(text) as {
    kind: string
    metadata: { resourceVersion: string }
    columnDefinitions: { name: string; format: string }[]
    rows: { cells: unknown[]; object: { kind: string; metadata: { labels: unknown } } }[]
  }
  assert.deepEqual(
    table.columnDefinitions.map(column => `${column.name} ${column.format}`.trim()),
    ['Name name', 'Data', 'Age'],
  )
  assert.deepEqual([table.kind, table.rows.length, table.rows[0]!.cells.slice(0, 2)], ['Table', 1, ['table', 2]])
  assert.deepEqual([table.rows[0]!.object.kind, table.rows[0]!.object.metadata.labels], ['PartialObjectMetadata', { x: 'y' }])
  assert.ok(Number(table.metadata.resourceVersion) > 0)
})

test('status and scale are tables too: the status as the object, the scale with columns of its own', async () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await api.create(
    { kind: Deployments, namespace: 'default' },
    { metadata: { name: 'scaled' }, spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template } },
  )
  const table = async (subresource: string) => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    const { text } = await h2(`/apis/apps/v1/namespaces/default/deployments/scaled/${subresource}`, { headers: { accept } })
    const { columnDefinitions, rows } = JSON.parse(text) as { columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }
    return { columns: columnDefinitions.map(({ name }) => name), cells: rows[0]!.cells.slice(0, 3) }
  }
  assert.deepEqual(await table('scale'), { columns: ['Name', 'Desired', 'Available', 'Age'], cells: ['scaled', 2, 0] })
  const { columns, cells } = await table('status')
  assert.deepEqual(
    [columns.slice(0, 4), cells],
    [
      ['Name', 'Ready', 'Up-to-date', 'Available'],
      ['scaled', '0/2', 0],
    ],
  )
})

test('schemas have the names under which generators of clients look for them', async () => {
  const names = async (path: string) => {
    const { components } = JSON.parse((await h2(path)).text) as { components: { schemas: object } }
    return Object.keys(components.schemas).filter(name => /\.(DaemonSet|CustomResourceDefinition|ObjectMeta)$/.test(name))
  }
  const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
  assert.deepEqual((await names('/openapi/v3/apis/apps/v1')).sort(), ['io.k8s.api.apps.v1.DaemonSet', META])
  const definition = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition'
  assert.deepEqual((await names('/openapi/v3/apis/apiextensions.k8s.io/v1')).sort(), [definition, META])
})

test('a watch as Table tells its columns once', async () => {
  const { metadata } = await api.list({ kind: DaemonSets, namespace: 'default' })
  const stop = new AbortController()
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const path = `/apis/apps/v1/namespaces/default/daemonsets?watch=1&resourceVersion=${metadata.resourceVersion}`
  const response = await api.transport.request({ method: 'GET', path, headers: { accept }, signal: stop.signal })
  assert.equal(response.code, 200)
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  for (const name of ['one', 'two']) {
    await api.create({ kind: DaemonSets, namespace: 'default' }, { metadata: { name }, spec: { selector: { matchLabels: { a: 'b' } }, template } })
  }
  let text = ''
  response.body.on('error', () => {})
  for await (const chunk of response.body) {
    text += String(chunk)
    if (text.split('\n').length > 2) break
  }
  stop.abort()
  const events = text
    .trim()
    .split('\n')
    .map(one => JSON.parse(one) as { type: string; object: { columnDefinitions: unknown[] | null; rows: { cells: unknown[] }[] } })
  assert.deepEqual(
    events.map(({ type, object }) => [type, object.columnDefinitions?.length ?? 0, object.rows[0]!.cells[0]]),
    [
      ['ADDED', 11, 'one'],
      ['ADDED', 0, 'two'],
    ],
  )
})

test('discovery is there in both forms and is not sent again to those who have it', async () => {
  const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const first = await h2('/apis', { headers: { accept: `${v2},application/json` } })
  assert.equal(first.headers['content-type'], v2)
  const again = await h2('/apis', { headers: { accept: v2, 'if-none-match': String(first.headers['etag']) } })
  assert.deepEqual([again.code, again.text], [304, ''])
  const old = JSON.parse((await h2('/apis')).text) as { kind: string; groups: { name: string; preferredVersion: { version: string } }[] }
  assert.deepEqual(
    [old.kind, old.groups[0], old.groups.at(-1)?.name],
    [
      'APIGroupList',
      {
        name: 'apps',
        versions: [
          { groupVersion: 'apps/v1', version: 'v1' },
          { groupVersion: 'apps/v1beta2', version: 'v1beta2' },
        ],
        preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
      },
      'extensions',
    ],
  )
  const core = (await h2('/api/v1')).text
  const wanted =
    '{"name":"configmaps","singularName":"configmap","namespaced":true,"kind":"ConfigMap","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"shortNames":["cm"],"storageVersionHash":'
  assert.ok(core.includes(wanted))
})

test('a large answer is compressed for those who take it, and HEAD has no body', async () => {
  const at = { kind: ConfigMaps, namespace: 'kube-system' }
  for (let i = 0; i < 3; i++) await api.create(at, { metadata: { name: `large-${i}` }, data: { text: 'x'.repeat(100_000) } })
  const path = '/api/v1/namespaces/kube-system/configmaps'
  const packed = await h2(path, { headers: { 'accept-encoding': 'gzip' } })
  assert.equal(packed.headers['content-encoding'], 'gzip')
  const bare = await h2(path)
  assert.equal(bare.headers['content-encoding'], undefined)
  assert.equal(packed.text, bare.text)
  const head = await h2(path, { method: 'HEAD' })
  assert.deepEqual([head.code, head.text], [200, ''])
  assert.equal((await h1('/version', { method: 'HEAD' })).text, '')
})

test('a list of many comes whole', async () => {
  const at = { kind: ConfigMaps, namespace: 'kube-system' }
  await Promise.all(Array.from({ length: 450 }, (_, i) => api.create(at, { metadata: { name: `many-${i}`, labels: { many: '1' } }, data: {} })))
  const list = await api.list(at, { labelSelector: 'many=1' })
  assert.equal(new Set(list.items.map(item => item.metadata.name)).size, 450)
})

test('watches end in good order when the server closes', async () => {
  const own = await startTestServer()
  const client = new HttpApi(own.admin)
  const began = Promise.withResolvers<void>()
  const watching = (async () => {
    for await (const _ of client.watch({ kind: ConfigMaps }, { initialEvents: true, signal: new AbortController().signal })) began.resolve()
  })()
  await began.promise
  await own.close()
  await watching
  client.close()
})

test('a watch is open, and counted once, until its client goes away or its time is over', async () => {
  const own = await startTestServer()
  const client = new HttpApi(own.admin)
  const read = async (path: string): Promise<string> => {
    let text = ''
    for await (const chunk of await client.stream(path, AbortSignal.timeout(5000))) text += String(chunk)
    return text
  }
  const counted = async (): Promise<readonly [open: string, ended: string]> => {
    const text = await read('/metrics')
    const of = (name: string) => new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? '0'
    return [of('apiserver_longrunning_requests'), of('apiserver_request_total\\{verb="watch",resource="configmaps",code="200"\\}')]
  }
  const until = async (...wanted: readonly [string, string]): Promise<void> => {
    while (String(await counted()) !== String(wanted)) await new Promise(setImmediate)
  }
  const path = '/api/v1/configmaps?watch=1'
  const { certificate: cert, key, authority: ca, server: url } = own.admin
  const overHttp1 = plain(`${url}${path}`, { cert, key, ca })
  overHttp1.on('error', () => {}).end()
  const gone = new AbortController()
  const overHttp2 = await client.transport.request({ method: 'GET', path, headers: {}, signal: gone.signal })
  overHttp2.body.on('error', () => {})
  await until('2', '0')
  gone.abort()
  await until('1', '1')
  overHttp1.destroy()
  await until('0', '2')
  await read(`${path}&timeoutSeconds=1`)
  await until('0', '3')
  client.close()
  await own.close()
})

test('a list that people read is indented whole, however long it is', async () => {
  const at = { kind: ConfigMaps, namespace: 'default' }
  for (let i = 0; i < 3; i++) await api.create(at, { metadata: { name: `pretty-${i}`, labels: { pretty: '1' } }, data: { text: 'x'.repeat(50_000) } })
  for (const selector of ['pretty=1', 'pretty=none']) {
    const { text } = await h2(`/api/v1/namespaces/default/configmaps?pretty=1&labelSelector=${selector}`)
    assert.equal(text, `${JSON.stringify(JSON.parse(text), null, 2)}\n`)
  }
})
