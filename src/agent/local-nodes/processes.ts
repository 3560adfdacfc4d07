import { readdir, readFile } from 'node:fs/promises'
import { type Clock, sleep } from '../../base/clock.ts'

/** Processes of a data directory: named in their command line, or inside the cgroup of its nodes. */
export async function processesOf(dataDir: string, cgroup: string): Promise<readonly number[]> {
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const [commandLine, groups] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''),
    ])
    if (commandLine.includes(`${dataDir}/nodes/`) || groups.includes(`${cgroup}/`)) found.push(pid)
  }
  return found
}

const PATIENCE_MS = 10_000

/** Ends all processes of a data directory and waits until they are gone. */
export async function endProcesses(dataDir: string, cgroup: string, clock: Clock): Promise<void> {
  const deadline = clock.now() + PATIENCE_MS
  for (;;) {
    const pids = await processesOf(dataDir, cgroup)
    if (pids.length === 0) return
    if (clock.now() > deadline) throw new Error(`processes ${pids.join(', ')} of ${dataDir} do not end`)
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {}
    }
    await sleep(clock, 20)
  }
}
