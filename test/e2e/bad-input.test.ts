/** Bad input gets one clear error that names the field or the remedy, the right code, and changes nothing. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { type Cluster, ROOT, run, startCluster } from '../support/cluster.ts'
import { daemonSet, edited } from '../support/manifests.ts'

let cluster: Cluster
let api: HttpApi
const PATH = '/apis/apps/v1/namespaces/default/daemonsets'

before(async () => {
  cluster = await startCluster(['--nodes', '0', '--simulated', '1'])
  api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }))
})
after(async () => {
  api?.close()
  await cluster?.stop()
})

interface Refusal {
  readonly code: number
  readonly reason: string
  readonly message: string
}
async function send(method: string, path: string, body: string, type = 'application/json'): Promise<Refusal> {
  const { code, body: answer } = await api.transport.request({ method, path, headers: { 'content-type': type }, body })
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const status = JSON.parse(Buffer.concat(chunks).toString()) as { reason?: string; message?: string }
  return { code, reason: status.reason ?? '', message: status.message ?? '' }
}

test('what is sent to the API wrongly is refused with its code, its reason and its field', async () => {
  const good = daemonSet({ name: 'bad' })
  const cases: [string, () => Promise<Refusal>, number, string, RegExp][] = [
    ['malformed JSON', () => send('POST', PATH, '{"kind":'), 400, 'BadRequest', /JSON|unexpected end/i],
    ['malformed YAML', () => send('POST', PATH, 'a: [1', 'application/yaml'), 400, 'BadRequest', /yaml|YAML|line/],
    ['a wrong type', () => send('POST', PATH, edited(good, 'spec.minReadySeconds', 'ten')), 400, 'BadRequest', /minReadySeconds/],
    [
      'an unknown field, strictly',
      () => send('POST', `${PATH}?fieldValidation=Strict`, edited(good, 'spec.foo', 1)),
      400,
      'BadRequest',
      /unknown field "spec\.foo"/,
    ],
    ['a name too long', () => send('POST', PATH, edited(good, 'metadata.name', 'x'.repeat(254))), 422, 'Invalid', /metadata\.name: Invalid value: .*253/],
    [
      'a selector that does not match',
      () => send('POST', PATH, edited(good, 'spec.selector.matchLabels', { app: 'x' })),
      422,
      'Invalid',
      /spec\.template\.metadata\.labels/,
    ],
    [
      'a body over 3 MiB',
      () => send('POST', PATH, edited(good, 'metadata.annotations', { a: 'x'.repeat(3 << 20) })),
      413,
      'RequestEntityTooLarge',
      /3145728|limit/,
    ],
    ['an unknown media type', () => send('POST', PATH, good, 'text/csv'), 415, 'UnsupportedMediaType', /application\/json/],
    [
      'a patch of no known kind',
      () => send('PATCH', `${PATH}/none`, '{}', 'application/json'),
      415,
      'UnsupportedMediaType',
      /application\/strategic-merge-patch\+json/,
    ],
    [
      'a namespace that is not there',
      () => send('POST', PATH.replace('default', 'nowhere'), edited(good, 'metadata.namespace', 'nowhere')),
      404,
      'NotFound',
      /namespaces "nowhere" not found/,
    ],
    ['a method that the path does not have', () => send('POST', `${PATH}/x`, good), 405, 'MethodNotAllowed', /./],
  ]
  for (const [what, ask, code, reason, message] of cases) {
    const refusal = await ask()
    assert.deepEqual([what, refusal.code, refusal.reason], [what, code, reason], refusal.message)
    assert.match(refusal.message, message, what)
  }
  const { stdout } = await cluster.tryKubectl(['get', 'ds', '-A', '-o', 'name'])
  assert.equal(stdout, '')
})

test('a stale resourceVersion is a conflict that says what to do', async () => {
  const created = await send('POST', PATH, daemonSet({ name: 'stale' }))
  assert.equal(created.code, 201)
  const { stdout } = await cluster.tryKubectl(['get', 'ds', 'stale', '-o', 'json'])
  const first = JSON.parse(stdout) as { metadata: { resourceVersion: string } }
  assert.equal((await send('PATCH', `${PATH}/stale`, '{"metadata":{"labels":{"a":"b"}}}', 'application/merge-patch+json')).code, 200)
  const again = await send('PUT', `${PATH}/stale`, edited(stdout, 'metadata.resourceVersion', String(Number(first.metadata.resourceVersion))))
  assert.deepEqual(again, {
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on daemonsets.apps "stale": the object has been modified; please apply your changes to the latest version and try again',
  })
})

const everynode = (...words: readonly string[]) => run(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), ...words])

test('a command line that cannot work ends with one sentence and its exit code', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-bad-'))
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  writeFileSync(join(directory, 'a-file'), '')
  try {
    const cases: [string[], number, RegExp][] = [
      [['fly'], 2, /unknown command 'fly'/],
      [['up', '--nodes', 'many'], 2, /--nodes <count>.*whole number/],
      [['up', '--listen', 'here'], 2, /ADDRESS:PORT/],
      [['up', '--nodes', '2', '--cri', '/nowhere.sock'], 2, /one engine is one node/],
      [
        ['up', '--nodes', '0', '--data-dir', join(directory, 'port'), '--listen', `127.0.0.1:${port}`],
        1,
        new RegExp(`127\\.0\\.0\\.1:${port} is in use by another process; choose another with --listen`),
      ],
      [['up', '--nodes', '0', '--data-dir', join(directory, 'a-file', 'below')], 1, /data directory .*choose another with --data-dir/],
      [['up', '--nodes', '1', '--cri', join(directory, 'none.sock'), '--data-dir', join(directory, 'cri'), '--listen', '127.0.0.1:0'], 1, /none\.sock/],
      [['up', '--nodes', '0', '--images', join(directory, 'none.tar'), '--data-dir', join(directory, 'img')], 1, /--images .*none\.tar: there is no such file/],
      [['agent'], 2, /--server and --token are wanted/],
      [
        ['agent', '--server', cluster.url, '--token', 'abcdef.0123456789abcdef', '--runtime', 'simulated', '--data-dir', join(directory, 'agent')],
        1,
        /does not know the token.*everynode token create/,
      ],
      [['agent', '--server', cluster.url, '--token', 'nonsense', '--data-dir', join(directory, 'agent')], 1, /no join token/],
      [
        ['agent', '--server', cluster.url, '--token', 'abcdef.0123456789abcdef', '--ca-hash', 'sha256:00', '--data-dir', join(directory, 'agent')],
        1,
        /is not the server that the token is for/,
      ],
      [['token', 'create', '--ttl', 'soon', '--kubeconfig', cluster.kubeconfig], 2, /--ttl "soon"/],
    ]
    for (const [words, code, message] of cases) {
      const out = await everynode(...words)
      assert.match(out.stderr, message, words.join(' '))
      assert.equal(out.code, code, `${words.join(' ')}: ${out.stderr}`)
      assert.doesNotMatch(out.stderr, /^\s+at /m, `${words.join(' ')}: a stack trace`)
    }
  } finally {
    taken.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

test('a data directory in use is refused and left as it was', async () => {
  const busy = await everynode('up', '--nodes', '0', '--data-dir', cluster.dataDir, '--listen', '127.0.0.1:0')
  assert.equal(busy.code, 1)
  assert.match(busy.stderr, /in use|another process/)
  assert.equal((await cluster.tryKubectl(['get', 'ns', 'default', '-o', 'name'])).stdout, 'namespace/default\n')
})

test('a data directory without write permission is refused with the remedy', {
  skip: process.getuid?.() === 0 && 'missing host feature unprivileged user: root may write everywhere',
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-bad-'))
  chmodSync(directory, 0o500)
  const out = await everynode('up', '--nodes', '0', '--data-dir', directory)
  assert.match(out.stderr, /no permission to write there; choose another with --data-dir/)
  rmSync(directory, { recursive: true })
})
