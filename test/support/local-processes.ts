import { readFileSync, realpathSync } from 'node:fs'
import { cgroupOf, idOf } from '../../src/agent/local-nodes/layout.ts'
import { processesOf } from '../../src/agent/local-nodes/processes.ts'

/** Processes of one local node, all of them or those whose command line holds a word. */
export async function processesOnNode(dataDir: string, node: string, word = ''): Promise<readonly number[]> {
  const data = realpathSync(dataDir)
  const group = `${cgroupOf(idOf(data))}/${node}/`
  return (await processesOf(data, cgroupOf(idOf(data)))).filter(pid => {
    const line = commandOf(pid)
    return (line.includes(`${data}/nodes/${node}/`) || read(`/proc/${pid}/cgroup`).includes(group)) && line.includes(word)
  })
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The words that a process was started with. */
export const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()

/** The engine's id of the container that a process lives in. */
export const containerOf = (pid: number): string => /[0-9a-f]{64}/.exec(read(`/proc/${pid}/cgroup`))?.[0] ?? 'none'

/** kill -9 of those processes. */
export async function killOn(dataDir: string, node: string, word = ''): Promise<void> {
  for (const pid of await processesOnNode(dataDir, node, word)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended with one before it.
    }
  }
}
