import { systemClock } from '../base/clock.ts'
import { keepLargeApart } from '../base/node/c-memory.ts'
import { giveBackMemory } from '../base/node/give-back-memory.ts'
import { collectLargeHeapLess } from '../base/node/large-heap.ts'
import { defaultDataDir, openDataDir } from './data-dir.ts'
import { type Level, openLog } from './log.ts'
import { beginToOpen } from './open-store.ts'
import type { AuditFlags } from './start-server.ts'
import { untilStopped } from './until-stopped.ts'

export interface ServerFlags extends AuditFlags {
  readonly dataDir?: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly advertise?: readonly string[]
  readonly kubeconfig?: string
  readonly logLevel: Level
}

/** `everynode server`: the API and its controllers until it is told to stop. */
export async function runServer(flags: ServerFlags): Promise<void> {
  keepLargeApart()
  const dataDir = openDataDir(flags.dataDir ?? defaultDataDir())
  const log = openLog(flags.logLevel)
  await untilStopped(async signal => {
    const opening = beginToOpen(dataDir, systemClock, log)
    const [{ startServer }, { startControllers }] = await Promise.all([import('./start-server.ts'), import('./start-controllers.ts')])
    const server = await startServer({
      dataDir,
      opening,
      listen: flags.listen,
      advertise: flags.advertise ?? [],
      kubeconfig: flags.kubeconfig,
      audit: flags,
      clock: systemClock,
      log,
      signal,
    })
    server.markReady()
    const controllers = startControllers({ server, clock: systemClock, log })
    await controllers.ready
    const idle = new AbortController()
    void giveBackMemory(systemClock, idle.signal)
    void collectLargeHeapLess({ clock: systemClock, signal: idle.signal, crowded: server.crowded })
    process.stdout.write(`everynode is ready on ${server.url}\n  export KUBECONFIG=${server.kubeconfig}\n`)
    return async () => {
      idle.abort()
      await controllers.stop()
      await server.close()
    }
  })
}
