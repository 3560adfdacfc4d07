import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Metrics } from '../base/metrics.ts'
import { Outside } from '../base/outside.ts'
import { removeCopies } from '../server/http/backup.ts'
import { issueAuthority, type KeyPair } from '../server/tls/authority.ts'
import { openSqlite, type SqliteStore } from '../store/sqlite.ts'
import { VERSION } from './version.ts'

export interface Opening {
  readonly metrics: Metrics
  readonly outside: Outside
  /** Rejects with `Unusable`, and the remedy, when the file cannot be opened or belongs to another server. */
  readonly store: Promise<SqliteStore>
  /** At a first start, the authority that the cluster will have if the data directory is ours. */
  readonly authority: Promise<KeyPair> | undefined
}

/**
 * Begins what other threads and processes do for a start, so that it goes on while this one loads the rest of the program:
 * the store opens, and at a first start another process comes up and issues the first certificate.
 */
export function beginToOpen(dataDir: string, clock: Clock, log: Log): Opening {
  const metrics = new Metrics()
  const outside = new Outside(() => performance.now())
  const store = open(dataDir, log, metrics, outside)
  const authority = existsSync(join(dataDir, 'pki', 'ca.crt')) ? undefined : issueAuthority(clock)
  // Whoever awaits them learns of a failure; until then nobody is listening.
  store.catch(() => {})
  authority?.catch(() => {})
  return { metrics, outside, store, authority }
}

async function open(dataDir: string, log: Log, metrics: Metrics, outside: Outside): Promise<SqliteStore> {
  const writes = metrics.counter('everynode_store_writes_total', 'Writes that the store has decided.')
  const commits = metrics.histogram('everynode_store_commit_seconds', 'From handing a batch of writes to the disk to its acknowledgement.')
  const full = metrics.gauge('everynode_store_unwritable', '1 while the disk refuses writes.')
  const store = await openSqlite({
    file: join(dataDir, 'everynode.db'),
    program: VERSION,
    inTurns: () => outside.expected,
    onBatch(batch) {
      writes.add(batch.writes)
      commits.observe(batch.seconds)
      full.set(batch.refused ? 1 : 0)
    },
    onFailure(error) {
      log.error('the store has failed; the server stops', { error })
      process.exitCode = 1
      process.kill(process.pid, 'SIGTERM')
    },
  })
  await removeCopies(dataDir)
  if (store.migratedFrom !== undefined)
    log.info('brought the store up to date; the old one was copied beside it', { file: store.file, schema: store.migratedFrom })
  if (store.unclean) log.info('the server was not stopped cleanly the last time', { file: store.file })
  return store
}
