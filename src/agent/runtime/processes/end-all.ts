import { join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { removeCgroup } from '../../host/cgroups.ts'
import { leaveMemory } from '../../host/memory-directory.ts'
import { podDirectory, podsOnDisk } from '../../pod-files.ts'
import { removePlaces } from './places.ts'
import { containersOf, recordsOf, sandboxesOf, writeRecord } from './records.ts'
import { stopProcess } from './stop.ts'

const GRACE_SECONDS = 2

/**
 * Ends all processes of an agent that has ended itself, and takes away what they held of the host. Their pods stay on disk: an
 * agent that starts later starts them anew.
 */
export async function endAllProcesses(agentDir: string, cgroup: string, clock: Clock): Promise<void> {
  const paths = { data: agentDir, podLogs: '', containerLogs: '' }
  const made: string[] = []
  for (const { uid } of await podsOnDisk(paths)) {
    const records = recordsOf(paths, uid)
    const containers = await containersOf(records)
    await Promise.all(containers.map(c => stopProcess(c, { graceSeconds: GRACE_SECONDS, clock })))
    for (const sandbox of await sandboxesOf(records)) await writeRecord(join(records, 'sandboxes'), sandbox.id, { ...sandbox, stopped: true })
    made.push(...containers.flatMap(c => c.kept.made))
    await leaveMemory(podDirectory(paths, uid))
  }
  await removePlaces([...new Set(made)].sort(), new Set())
  await removeCgroup(cgroup)
}
