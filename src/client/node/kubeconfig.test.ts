import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { inClusterConnection, KubeconfigError, readKubeconfig } from './kubeconfig.ts'
import { writeKubeconfig } from './write-kubeconfig.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'everynode-kubeconfig-'))
})
after(() => rm(directory, { recursive: true }))

test('a kubeconfig that was written reads back and only its owner can read it', async () => {
  const file = join(directory, 'written')
  await writeKubeconfig(file, { server: 'https://127.0.0.1:1', authority: 'CA', certificate: 'CERT', key: 'KEY', name: 'everynode' })
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.deepEqual(await readKubeconfig({ file }), {
    server: 'https://127.0.0.1:1',
    authority: 'CA',
    serverName: undefined,
    insecure: undefined,
    certificate: 'CERT',
    key: 'KEY',
    token: undefined,
    namespace: 'default',
  })
})

test('files beside the kubeconfig are found from where it lies, several files merge, and the first word counts', async () => {
  await writeFile(join(directory, 'ca.pem'), 'CA')
  await writeFile(join(directory, 'tok'), 'secret\n')
  const one = join(directory, 'one')
  const two = join(directory, 'two')
  await writeFile(one, 'current-context: c\nusers: [{name: u, user: {tokenFile: tok}}]\n')
  await writeFile(
    two,
    'current-context: other\nclusters: [{name: k, cluster: {server: "https://k", certificate-authority: ca.pem}}]\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]\n',
  )
  const { token, ...rest } = await readKubeconfig({ env: { KUBECONFIG: `${one}:${join(directory, 'nothing')}:${two}` } })
  assert.deepEqual(rest, {
    server: 'https://k',
    authority: 'CA',
    serverName: undefined,
    insecure: undefined,
    certificate: undefined,
    key: undefined,
    namespace: 'n',
  })
  assert.equal(await token?.(), 'secret')
})

test('what cannot be used says what is missing', async () => {
  const file = join(directory, 'bad')
  const refused = async (text: string) => {
    await writeFile(file, text)
    return readKubeconfig({ file }).then(
      () => 'accepted',
      error => (error instanceof KubeconfigError ? error.message.replace(file, 'FILE') : error),
    )
  }
  assert.deepEqual(
    [
      await refused('- a'),
      await refused('{}'),
      await refused('current-context: x'),
      await refused('current-context: x\ncontexts: [{name: x, context: {cluster: k}}]'),
    ],
    [
      'FILE is not a kubeconfig: it holds no mapping',
      'FILE: current-context is not set; name a context',
      'FILE: there is no context "x"',
      'FILE: the context "x" names no cluster with a server',
    ],
  )
})

test('an empty file among several says nothing', async () => {
  const empty = join(directory, 'empty')
  const full = join(directory, 'full')
  await writeFile(empty, '')
  await writeFile(
    full,
    'current-context: x\nclusters: [{name: k, cluster: {server: "https://k", tls-server-name: n}}]\ncontexts: [{name: x, context: {cluster: k}}]\n',
  )
  assert.equal((await readKubeconfig({ env: { KUBECONFIG: `${empty}:${full}` } })).serverName, 'n')
})

test('what would be passed over in silence is refused by name', async () => {
  const file = join(directory, 'unsupported')
  const refused = async (cluster: string, user: string) => {
    await writeFile(
      file,
      `current-context: x\nclusters: [{name: k, cluster: {server: "https://k"${cluster}}}]\nusers: [{name: u, user: {${user}}}]\ncontexts: [{name: x, context: {cluster: k, user: u}}]\n`,
    )
    return readKubeconfig({ file }).then(
      () => 'accepted',
      error => (error instanceof KubeconfigError ? error.message : error),
    )
  }
  assert.deepEqual(
    [
      await refused(', proxy-url: "http://p:3128"', ''),
      await refused('', 'auth-provider: {name: gcp}'),
      await refused('', 'username: a, password: b'),
      await refused('', 'as: root'),
    ],
    [
      'proxy-url (http://p:3128) in a kubeconfig is not supported: the server must be reachable without a proxy',
      'auth-provider gcp in a kubeconfig is not supported: Kubernetes removed it, use exec, a certificate, a token or a tokenFile',
      'a username with a password in a kubeconfig is not supported: use exec, a certificate, a token or a tokenFile',
      'impersonation (as) in a kubeconfig is not supported: act as the user whose credentials these are',
    ],
  )
})

test('in a pod the environment and the mounted account say all', async () => {
  await writeFile(join(directory, 'ca.crt'), 'CA')
  await writeFile(join(directory, 'token'), 't1\n')
  const connection = await inClusterConnection({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }, directory)
  assert.equal(connection?.server, 'https://[fd00::1]:6443')
  assert.equal(await connection?.token?.(), 't1')
  assert.equal(await inClusterConnection({}, directory), undefined)
})
