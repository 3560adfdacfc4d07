/**
 * Records what the agent of this version sends, for `test/e2e/skew.test.ts` to replay against later servers:
 * `node bin/run.js test/skew/record-agent.ts > test/skew/agent-MAJOR.MINOR.jsonl`, once, when a minor version is released. What differs from one
 * cluster to another stands in braces.
 */
import http2, { type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { startCluster } from '../support/cluster.ts'
import { daemonSet } from '../support/manifests.ts'

interface Recorded {
  readonly method: string
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  body?: string
  code?: number
}

const recorded: Recorded[] = []
let recording = false

/** Notes each request of a session, in order, with its body and the code of its answer. */
const { connect } = http2
http2.connect = ((...args: Parameters<typeof connect>) => {
  const session = connect(...args)
  const request = session.request.bind(session)
  session.request = (headers = {}, options) => {
    const stream = request(headers, options)
    if (recording) note(stream, headers as OutgoingHttpHeaders)
    return stream
  }
  return session
}) as typeof connect
syncBuiltinESMExports()

function note(stream: ClientHttp2Stream, { ':method': method, ':path': path, ...headers }: OutgoingHttpHeaders): void {
  const one: Recorded = { method: String(method), path: String(path), headers }
  recorded.push(one)
  const end = stream.end.bind(stream) as (body?: unknown) => ClientHttp2Stream
  stream.end = ((body?: unknown) => {
    if (body !== undefined) one.body = String(body)
    return end(body)
  }) as typeof stream.end
  stream.once('response', answer => {
    one.code = Number(answer[':status'])
  })
}

// After the patch above: these take `connect` from it.
const { HttpApi } = await import('../../src/client/http/rest.ts')
const { runNodeLink } = await import('../../src/client/node/link.ts')
const { readKubeconfig } = await import('../../src/client/node/kubeconfig.ts')
const { runSimulatedNodes } = await import('../../src/agent/simulated-nodes.ts')
const { openAuthority } = await import('../../src/server/tls/authority.ts')
const { nodeRequest } = await import('../../src/server/tls/requests.ts')
const { systemClock } = await import('../../src/base/clock.ts')
const { silentLog } = await import('../../src/base/log.ts')
const { KUBELET_VERSION, VERSION } = await import('../../src/main/version.ts')

const cluster = await startCluster(['--nodes', '0', '--simulated', '0'])
const authority = await openAuthority(join(cluster.dataDir, 'pki'), systemClock)
const connection = { ...(await readKubeconfig({ file: cluster.kubeconfig })), ...(await authority.issue(nodeRequest('n1'))) }
const api = new HttpApi(connection, { userAgent: `everynode-agent/${VERSION}` })
const stop = new AbortController()
await cluster.tryKubectl(['create', '-f', '-'], { input: daemonSet({ name: 'd' }) })
recording = true
const common = { api, clock: systemClock, log: silentLog, signal: stop.signal }
const agent = runSimulatedNodes({ ...common, names: ['n1'], kubeletVersion: KUBELET_VERSION, thorough: true })
const link = runNodeLink({ ...common, connection, node: 'n1', random: Math.random, onStream: () => {} })
await cluster.kubectl('wait', 'ds/d', '--for=jsonpath={.status.numberReady}=1', '--timeout=60s')
await cluster.kubectl('delete', 'ds', 'd', '--timeout=60s')
while (!recorded.some(({ method, code }) => method === 'PUT' && code)) await new Promise(resolve => setTimeout(resolve, 100))
stop.abort()
await Promise.all([agent, link])
await cluster.stop()

const text = recorded
  .filter(({ code }) => code !== undefined)
  .map(one => `${JSON.stringify(one)}\n`)
  .join('')
const value = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? ''
const inBraces: readonly (readonly [string, string])[] = [
  [value(/pods\/(d-\w+)\/status/), '{pod}'],
  [value(/preconditions\\":{\\"uid\\":\\"([\w-]+)/), '{podUid}'],
  [value(/kind\\":\\"Node\\",\\"name\\":\\"n1\\",\\"uid\\":\\"([\w-]+)/), '{nodeUid}'],
  [value(/kube-node-lease\\",\\"uid\\":\\"([\w-]+)/), '{leaseUid}'],
]
const general = inBraces.reduce((out, [from, to]) => out.replaceAll(from, to), text)
process.stdout.write(general.replace(/(kind\\":\\"Lease\\".*\\"resourceVersion\\":\\")\d+/g, '$1{leaseRevision}'))
process.exit()
