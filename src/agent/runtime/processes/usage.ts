import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processesIn } from '../../host/cgroups.ts'
import type { ContainerReading } from '../../stats/usage.ts'
import { MARK } from './observe.ts'
import { processesMarked, statOf } from './proc.ts'
import type { Kept } from './records.ts'

const NANOS_PER_TICK = 1e7
const PAGE = 4096
const ROOT = '/sys/fs/cgroup'

/** What a container has used so far: by its cgroup where it has one, else by its processes. Undefined when it is gone. */
export async function readingOf(uid: string, kept: Kept, now: () => number): Promise<ContainerReading | undefined> {
  const used = kept.confined ? await usedByCgroup(kept.confined.cgroup) : await usedByProcesses(kept.id)
  return used && { uid, container: kept.name, at: now(), ...used }
}

interface Used {
  readonly cpuNanoSeconds: number
  readonly memoryBytes: number
}

/** Memory is the working set: what is in use without the file pages that can be dropped at once. */
async function usedByCgroup(cgroup: string): Promise<Used | undefined> {
  const text = (...parts: string[]) => readFile(join(ROOT, ...parts), 'utf8').catch(() => undefined)
  const stat = await text(cgroup, 'cpu.stat')
  if (stat !== undefined) {
    const [current = '', memory = ''] = await Promise.all([text(cgroup, 'memory.current'), text(cgroup, 'memory.stat')])
    return { cpuNanoSeconds: field(stat, 'usage_usec') * 1000, memoryBytes: Math.max(0, Number(current) - field(memory, 'inactive_file')) }
  }
  const [cpu, current, memory = ''] = await Promise.all([
    text('cpuacct', cgroup, 'cpuacct.usage'),
    text('memory', cgroup, 'memory.usage_in_bytes'),
    text('memory', cgroup, 'memory.stat'),
  ])
  if (cpu === undefined) return undefined
  return { cpuNanoSeconds: Number(cpu), memoryBytes: Math.max(0, Number(current ?? 0) - field(memory, 'total_inactive_file')) }
}

const field = (text: string, key: string): number => Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)

/** How many processes and threads a container has: of its cgroup where it has one. */
export async function countOf(kept: Pick<Kept, 'id' | 'confined'>): Promise<number> {
  if (kept.confined) return processesIn(kept.confined.cgroup)
  return (await statsOf(kept.id)).reduce((sum, stat) => sum + Number(stat[17] ?? 1), 0)
}

async function statsOf(id: string): Promise<readonly (readonly string[])[]> {
  const stats = await Promise.all((await processesMarked(`${MARK}=${id}`)).map(({ pid }) => statOf(String(pid))))
  return stats.filter(s => s !== undefined)
}

async function usedByProcesses(id: string): Promise<Used | undefined> {
  const found = await statsOf(id)
  if (found.length === 0) return undefined
  const sum = (...fields: readonly number[]) => found.reduce((total, stat) => total + fields.reduce((part, at) => part + Number(stat[at] ?? 0), 0), 0)
  return { cpuNanoSeconds: sum(11, 12) * NANOS_PER_TICK, memoryBytes: sum(21) * PAGE }
}
