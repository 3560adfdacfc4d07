/** What a process has used so far, as Linux counts it. */
import { readFileSync } from 'node:fs'

export interface Usage {
  /** Milliseconds since some moment. */
  readonly at: number
  /** Seconds of CPU of all its threads; of its first thread, on which the event loop runs. */
  readonly cpu: number
  readonly mainThread: number
  readonly residentBytes: number
  /** Bytes that it has made the disk write. */
  readonly diskBytes: number
}

const TICKS_PER_SECOND = 100

export function usageOf(pid: number): Usage {
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
  return {
    at: performance.now(),
    cpu: ticksIn(read('stat')) / TICKS_PER_SECOND,
    mainThread: ticksIn(read(`task/${pid}/stat`)) / TICKS_PER_SECOND,
    residentBytes: 1024 * Number(/VmRSS:\s+(\d+)/.exec(read('status'))?.[1] ?? 0),
    diskBytes: Number(/^write_bytes: (\d+)/m.exec(read('io'))?.[1] ?? 0),
  }
}

/** User and system time; the name before them may hold spaces. */
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** What was used between two looks: percent of a core, and bytes written in an hour at that pace. */
export function between(before: Usage, after: Usage) {
  const seconds = (after.at - before.at) / 1000
  return {
    seconds,
    cpuPercent: round(((after.cpu - before.cpu) / seconds) * 100, 1),
    mainThreadPercent: round(((after.mainThread - before.mainThread) / seconds) * 100, 1),
    cpuSeconds: round(after.cpu - before.cpu, 2),
    diskMBPerHour: round(((after.diskBytes - before.diskBytes) / seconds) * 3.6e-3, 1),
  }
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits))
export const megabytes = (bytes: number): number => Math.round(bytes / 1e6)
