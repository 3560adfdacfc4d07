import { join } from 'node:path'
import { logDirectory, podsOnDisk } from '../../pod-files.ts'
import type { ContainerReading } from '../../stats/usage.ts'
import type { Backend } from '../backend.ts'
import type { Owner } from '../cri/sandbox-config.ts'
import type { BackendParts, OpenedBackend } from '../open-backend.ts'
import { type Confinement, findConfinement } from './confinement.ts'
import { processDoors } from './doors.ts'
import { containersOf, recordsOf } from './records.ts'
import { ProcessesRuntime } from './runtime.ts'
import { countOf, readingOf } from './usage.ts'

export async function openProcesses(owner: Owner): Promise<OpenedBackend> {
  if (process.platform !== 'linux') throw new Error('the processes runtime needs Linux: it finds processes again in /proc')
  const confinement = await findConfinement(owner.cgroup)
  // Profiles of AppArmor are refused container by container, with the words that fit here.
  const abilities = { appArmor: true, strictGroups: confinement !== undefined, recursiveReadOnly: confinement?.recursiveReadOnly ?? false, resize: false }
  return { name: 'processes', version: confinement?.version ?? 'plain', abilities, backend: parts => processesBackend(parts, confinement) }
}

function processesBackend({ setup, clock, recorder, hostIPs }: BackendParts, confinement: Confinement | undefined): Backend {
  const { paths } = setup
  const runtime = new ProcessesRuntime({ setup, clock, recorder, hostIPs, confinement })
  const readings = async () => {
    const found = new Map<string, ContainerReading>()
    for (const { uid, containers } of await runtime.list()) {
      const running = new Set(containers.filter(c => c.state === 'running').map(c => c.id))
      for (const { kept } of await containersOf(recordsOf(paths, uid))) {
        const reading = running.has(kept.id) ? await readingOf(uid, kept, () => clock.now()) : undefined
        if (reading) found.set(kept.id, reading)
      }
    }
    return found
  }
  return {
    runtime,
    doors: processDoors(paths),
    health: async () => ({}),
    async openLogs() {
      const pods = await Promise.all((await podsOnDisk(paths)).map(async pod => ({ pod, containers: await containersOf(recordsOf(paths, pod.uid)) })))
      // The supervisor opens its log anew for each line.
      const reopen = async () => {}
      return pods.flatMap(({ pod, containers }) =>
        containers.map(({ kept }) => ({ path: join(logDirectory(paths, pod), kept.name, `${kept.attempt}.log`), reopen })),
      )
    },
    readings,
    processes: async uid => {
      const counts = (await containersOf(recordsOf(paths, uid))).map(({ kept }) => countOf(kept))
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    },
    close() {},
  }
}
