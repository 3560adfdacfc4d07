/** Agents of earlier minor versions work with this server: what each of them sends was recorded, and is answered as it was then. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { type ClientHttp2Session, connect } from 'node:http2'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { VERSION } from '../../src/main/version.ts'
import { openAuthority } from '../../src/server/tls/authority.ts'
import { nodeRequest } from '../../src/server/tls/requests.ts'
import { type Cluster, eventually, ROOT, startCluster } from '../support/cluster.ts'
import { daemonSet } from '../support/manifests.ts'

interface Recorded {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly code: number
}

const directory = join(ROOT, 'test/skew')
const recordings = readdirSync(directory).filter(name => /^agent-.*\.jsonl$/.test(name))
let cluster: Cluster
let session: ClientHttp2Session
before(async () => {
  cluster = await startCluster(['--nodes', '0', '--simulated', '0'])
  const authority = await openAuthority(join(cluster.dataDir, 'pki'), systemClock)
  const { certificate, key } = await authority.issue(nodeRequest('n1'))
  const { server, authority: ca } = await readKubeconfig({ file: cluster.kubeconfig })
  session = connect(server, { ca: ca!, cert: certificate, key })
})
after(async () => {
  session.destroy()
  await cluster.stop()
})

/** Sends one request as it was recorded; resolves with the code of the answer, of a watch once its first state is complete. */
function send({ method, path, headers, body }: Recorded): Promise<number> {
  return new Promise((resolve, reject) => {
    const stays = body === undefined && method === 'POST'
    const stream = session.request({ ...headers, ':method': method, ':path': path }, { endStream: body === undefined && !stays })
    let code = 0
    let text = ''
    stream.once('response', answer => {
      code = Number(answer[':status'])
      if (stays) resolve(code)
    })
    stream.on('data', (chunk: Buffer) => {
      text += String(chunk)
      if (path.includes('watch=true') && text.includes('k8s.io/initial-events-end')) resolve(code)
    })
    stream.once('end', () => resolve(code))
    stream.once('error', reject)
    if (body !== undefined) stream.end(body)
  })
}

const get = (what: readonly string[], path: string): Promise<string> => cluster.kubectl('get', ...what, '-o', `jsonpath={${path}}`)
/** What stands in braces in a recording, here. */
const HERE: Readonly<Record<string, () => Promise<string>>> = {
  nodeUid: () => get(['node', 'n1'], '.metadata.uid'),
  leaseUid: () => get(['lease', '-n', 'kube-node-lease', 'n1'], '.metadata.uid'),
  leaseRevision: () => get(['lease', '-n', 'kube-node-lease', 'n1'], '.metadata.resourceVersion'),
  pod: () =>
    eventually(
      () => get(['pods', '--field-selector', 'spec.nodeName=n1'], '.items[*].metadata.name'),
      name => name !== '',
    ),
  podUid: () => get(['pods', '--field-selector', 'spec.nodeName=n1'], '.items[*].metadata.uid'),
}
const IN_BRACES = new RegExp(`\\{(${Object.keys(HERE).join('|')})\\}`, 'g')

for (const name of recordings) {
  test(`what ${name.replace('.jsonl', '')} sends is answered as it was, and runs a daemon`, { timeout: 60_000 }, async () => {
    await cluster.tryKubectl(['create', '-f', '-'], { input: daemonSet({ name: 'd' }) })
    const known = new Map<string, string>()
    const answers: unknown[] = []
    const wanted: unknown[] = []
    let ran = false
    for (const line of readFileSync(join(directory, name), 'utf8').trim().split('\n')) {
      let here = line
      for (const [braces, key] of line.matchAll(IN_BRACES)) {
        if (!known.has(key!)) known.set(key!, await HERE[key!]!())
        here = here.replaceAll(braces, known.get(key!)!)
      }
      const request = JSON.parse(here) as Recorded
      const named = `${request.method} ${request.path.split('?')[0]}`
      const code = await send(request)
      // A pod that has ended may be gone already: an agent takes that for deleted.
      answers.push([named, request.method === 'DELETE' && code === 404 ? request.code : code])
      wanted.push([named, request.code])
      if (!request.body?.includes('"phase":"Running"')) continue
      await eventually(
        () => get(['ds', 'd'], '.status.numberReady'),
        ready => ready === '1',
      )
      ran = true
      await cluster.kubectl('delete', 'ds/d', '--wait=false')
      await eventually(
        () => get(['pod', known.get('pod')!], '.metadata.deletionTimestamp'),
        at => at !== '',
      )
    }
    assert.deepEqual(answers, wanted)
    assert.ok(ran)
    assert.equal(await get(['node', 'n1'], '.status.conditions[?(@.type=="Ready")].status'), 'True')
    await cluster.kubectl('delete', 'node/n1')
  })
}

test('there is a recording of the agent of this minor version, for the servers after it', () => {
  const [major, minor] = VERSION.split('.')
  assert.ok(recordings.includes(`agent-${major}.${minor}.jsonl`), recordings.join(' '))
})
