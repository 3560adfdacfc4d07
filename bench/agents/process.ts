/**
 * A process with the agents of many simulated nodes. Each is what `everynode agent --runtime simulated` runs: a certificate of its
 * own, one TLS session for its watches, its lease, what it reports and asks, and the ids of streams that the server opens. Nothing is shared between them but this process.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runSimulatedNodes } from '../../src/agent/simulated-nodes.ts'
import { simulatedStream } from '../../src/agent/streams/simulated.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { AGENT_RESTS_MS, runNodeLink } from '../../src/client/node/link.ts'
import { LinkReports } from '../../src/client/node/link-reports.ts'
import { LinkRequests } from '../../src/client/node/link-requests.ts'
import { issueKeyPair } from '../../src/server/tls/issue.ts'
import { nodeRequest } from '../../src/server/tls/requests.ts'
import { NODE_LABEL } from '../world/daemon-sets.ts'
import type { FromAgents, ToAgents } from './outside.ts'

/** Nodes that register at the same time: joining is not what is measured. */
const JOINING = 32
const USER_AGENT = 'everynode-agent/bench'

const tell = (message: FromAgents) => process.send?.(message)
/** One for each node, as in an agent: a signal looks through all who listen to it whenever one comes or goes. */
const stops: AbortController[] = []
const open: HttpApi[] = []
const running: Promise<unknown>[] = []

async function start({ server, pki, first, count }: Extract<ToAgents, { do: 'start' }>): Promise<void> {
  const clock = systemClock
  const authority = { certificate: await readFile(join(pki, 'ca.crt'), 'utf8'), key: await readFile(join(pki, 'ca.key'), 'utf8') }
  const certificates: { readonly certificate: string; readonly key: string }[] = []
  for (let i = 0; i < count; i++) certificates.push(await issueKeyPair(authority, nodeRequest(nodeName(first + i)), clock.now()))
  let next = 0
  const joinNext = async () => {
    for (let i = next++; i < count; i = next++) {
      const node = nodeName(first + i)
      const connection = { server, authority: authority.certificate, ...certificates[i]!, namespace: 'default' }
      const requests = new LinkRequests()
      const api = new HttpApi(connection, { userAgent: USER_AGENT, watchesWait: true, elsewhere: requests, restMs: AGENT_RESTS_MS })
      const reports = new LinkReports({ api, clock })
      open.push(api)
      const stop = new AbortController()
      stops.push(stop)
      const common = { api, reports, requests, clock, log: silentLog, signal: stop.signal }
      const registered = Promise.withResolvers<void>()
      running.push(
        runSimulatedNodes({
          ...common,
          names: [node],
          facts: () => ({ addresses: [addressOf(first + i)], labels: NODE_LABEL }),
          thorough: true,
          onReady: registered.resolve,
        }),
      )
      running.push(runNodeLink({ ...common, connection, userAgent: USER_AGENT, node, random: Math.random, onStream: simulatedStream }))
      await registered.promise
    }
  }
  await Promise.all(Array.from({ length: JOINING }, joinNext))
  tell({ has: 'registered' })
}

const nodeName = (i: number): string => `node-${String(i).padStart(5, '0')}`
const addressOf = (i: number): string => `172.${16 + ((i + 1) >> 16)}.${((i + 1) >> 8) & 255}.${(i + 1) & 255}`

process.on('message', (message: ToAgents) => {
  if (message.do === 'start') start(message).catch(error => tell({ has: 'failed', why: String(error) }))
})
process.once('disconnect', () => {
  for (const stop of stops) stop.abort()
  for (const api of open) api.close()
  void Promise.allSettled(running).then(() => process.exit(0))
})
