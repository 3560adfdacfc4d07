/** A cluster whose authority ends soon says so, in its log and as a metric. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { issueAuthority } from '../../src/server/tls/issue.ts'
import { startCluster } from '../support/cluster.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'everynode-authority-'))
after(() => rmSync(dataDir, { recursive: true, force: true }))

test('an authority that ends in 60 days is warned of, and its end is a metric', async () => {
  const { certificate, key } = await issueAuthority('everynode-ca', Date.now(), 60)
  mkdirSync(join(dataDir, 'pki'), { mode: 0o700 })
  writeFileSync(join(dataDir, 'pki', 'ca.crt'), certificate, { mode: 0o600 })
  writeFileSync(join(dataDir, 'pki', 'ca.key'), key, { mode: 0o600 })
  const cluster = await startCluster(['--nodes', '0', '--simulated', '0'], { dataDir })
  try {
    const ends = new X509Certificate(certificate).validToDate
    const warning = cluster
      .output()
      .split('\n')
      .find(line => line.includes('authority ends soon'))
    const { level, days, ends: said } = JSON.parse(warning ?? '{}') as { level?: number; days?: number; ends?: string }
    assert.deepEqual({ level, days, ends: said }, { level: 40, days: 59, ends: ends.toISOString() })
    const metrics = await cluster.kubectl('get', '--raw', '/metrics')
    assert.match(metrics, new RegExp(`^everynode_authority_not_after_seconds ${ends.getTime() / 1000}$`, 'm'))
  } finally {
    await cluster.stop()
  }
})
