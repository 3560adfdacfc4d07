import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KubeconfigError, readKubeconfig } from './kubeconfig.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'everynode-exec-'))
})
after(() => rm(directory, { recursive: true }))

const V1 = 'client.authentication.k8s.io/v1'

/** A kubeconfig beside a program that prints `output`, and notes what it was told and each time it ran. */
async function kubeconfig(output: string, exec: object = {}): Promise<string> {
  const program = `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" > "${directory}/told"\necho "$1 $EXTRA" >> "${directory}/runs"\n${output}\n`
  await writeFile(join(directory, 'plugin'), program, { mode: 0o755 })
  await writeFile(join(directory, 'runs'), '')
  const config = {
    'current-context': 'x',
    clusters: [{ name: 'k', cluster: { server: 'https://k', extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }] } }],
    users: [{ name: 'u', user: { exec: { apiVersion: V1, command: './plugin', interactiveMode: 'Never', ...exec } } }],
    contexts: [{ name: 'x', context: { cluster: 'k', user: 'u' } }],
  }
  const file = join(directory, 'config')
  await writeFile(file, JSON.stringify(config))
  return file
}
const print = (status: object, apiVersion = V1): string => `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion, status })}'`
const runs = async (): Promise<number> => (await readFile(join(directory, 'runs'), 'utf8')).split('\n').length - 1

test('a token from a program is kept until it expires', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const file = await kubeconfig(print({ token: 't', expirationTimestamp: '2026-01-01T01:00:00Z' }), {
    args: ['get'],
    env: [{ name: 'EXTRA', value: 'more' }],
    provideClusterInfo: true,
  })
  const { token } = await readKubeconfig({ file, now: () => now })
  assert.deepEqual([await token?.(), await token?.(), await runs()], ['t', 't', 1])
  now += 3_600_000
  assert.deepEqual([await token?.(), await runs()], ['t', 2])
  assert.equal((await readFile(join(directory, 'runs'), 'utf8')).split('\n')[0], 'get more')
  assert.deepEqual(JSON.parse(await readFile(join(directory, 'told'), 'utf8')), {
    kind: 'ExecCredential',
    apiVersion: V1,
    spec: { cluster: { server: 'https://k', config: { audience: 'a' } }, interactive: false },
  })
})

test('a program may give a certificate', async () => {
  const beta = 'client.authentication.k8s.io/v1beta1'
  const file = await kubeconfig(print({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }, beta), { apiVersion: beta, interactiveMode: undefined })
  const { certificate, key, token } = await readKubeconfig({ file })
  assert.deepEqual({ certificate, key, token }, { certificate: 'CERT', key: 'KEY', token: undefined })
})

test('a program that gives nothing is named, with what it said', async () => {
  const refused = async (output: string, exec: object = {}): Promise<string> =>
    readKubeconfig({ file: await kubeconfig(output, exec) }).then(
      () => 'accepted',
      error => (error instanceof KubeconfigError ? error.message.replaceAll(directory, 'DIRECTORY') : String(error)),
    )
  assert.deepEqual(
    [
      await refused('echo log in first >&2; exit 1'),
      await refused('', { command: 'no-such-program', installHint: 'get it from your admin' }),
      await refused('echo {}'),
      await refused(print({})),
      await refused(print({ clientCertificateData: 'CERT' })),
      await refused(print({ token: 't' }, 'client.authentication.k8s.io/v1beta1')),
      await refused('', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
      await refused('', { interactiveMode: 'Always' }),
    ],
    [
      'the kubeconfig takes credentials from ./plugin, but Command failed: DIRECTORY/plugin\nlog in first',
      'the kubeconfig takes credentials from no-such-program, but there is no such program\nget it from your admin',
      './plugin gave no credential: its output is no ExecCredential',
      './plugin gave no credential: neither a token nor a certificate is in it',
      './plugin gave no credential: a certificate and its key come together',
      './plugin gave no credential: it answered in client.authentication.k8s.io/v1beta1, asked in client.authentication.k8s.io/v1',
      'exec of ./plugin: apiVersion "client.authentication.k8s.io/v1alpha1" is not supported, only client.authentication.k8s.io/v1 and client.authentication.k8s.io/v1beta1',
      'exec of ./plugin: interactiveMode is Always, and no input is handed to such programs; log in with it first',
    ],
  )
})
