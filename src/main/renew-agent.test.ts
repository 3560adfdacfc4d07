import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FakeClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import type { HttpApi } from '../client/http/rest.ts'
import { readKubeconfig } from '../client/node/kubeconfig.ts'
import { liveConnection, renewalTime } from '../client/node/live-connection.ts'
import { issueAuthority, issueForRequest, issueKeyPair, readRequest } from '../server/tls/issue.ts'
import { nodeRequest } from '../server/tls/requests.ts'
import { keepAgentRenewed } from './renew-agent.ts'

const DAY = 86_400_000

test('an agent renews its certificate at two thirds of its life, with the key it has, and tries again when the server cannot', async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const authority = await issueAuthority('test', clock.now(), 3650)
  const request = { ...nodeRequest('n1'), days: 30 }
  const first = await issueKeyPair(authority, request, clock.now())
  const directory = mkdtempSync(join(tmpdir(), 'everynode-renew-'))
  const kubeconfig = join(directory, 'kubeconfig')
  const connection = liveConnection({
    server: 'https://127.0.0.1:1',
    authority: authority.certificate,
    certificate: first.certificate,
    key: first.key,
    namespace: 'default',
  })
  let reconnects = 0
  const asked: string[] = []
  const api = {
    transport: { server: connection.server, reconnect: () => reconnects++ },
    async create(_: unknown, { spec }: { spec: { request: string } }) {
      const csr = Buffer.from(spec.request, 'base64').toString()
      asked.push(`${(await readRequest(csr))?.commonName} on day ${Math.round((clock.now() - Date.UTC(2026, 0, 1)) / DAY)}`)
      if (asked.length === 1) throw new Error('the server is away')
      const certificate = await issueForRequest(authority, csr, request, clock.now())
      return { status: { certificate: Buffer.from(certificate).toString('base64') } }
    },
  } as unknown as HttpApi
  const stop = new AbortController()
  const kept = keepAgentRenewed({ connection, api, node: 'n1', kubeconfig, clock, log: silentLog, signal: stop.signal })
  try {
    while (connection.certificate === first.certificate) {
      await new Promise(resolve => setImmediate(resolve))
      if (clock.pending > 0) clock.advance(DAY / 4)
    }
    while (reconnects === 0) await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(asked, ['system:node:n1 on day 20', 'system:node:n1 on day 20'])
    assert.ok(renewalTime(connection.certificate!) > clock.now())
    assert.ok(new X509Certificate(connection.certificate!).publicKey.equals(new X509Certificate(first.certificate).publicKey), 'the key stays')
    assert.equal((await readKubeconfig({ file: kubeconfig })).certificate, connection.certificate)
  } finally {
    stop.abort()
    await kept
    rmSync(directory, { recursive: true })
  }
})
