import type { BenchOptions } from './run.ts'

/** What a process can be asked to record: what its main thread does, or what it allocates (also what the collector has taken since). */
export type Recorded = 'processor' | 'allocations'

/** What `--profile DIR` or `--allocations DIR` ask for. */
export function recordingOf({ more }: Pick<BenchOptions, 'more'>): {
  readonly recorded: Recorded
  readonly directory: string | undefined
  readonly suffix: string
} {
  return more['allocations'] === undefined
    ? { recorded: 'processor', directory: more['profile'], suffix: 'cpuprofile' }
    : { recorded: 'allocations', directory: more['allocations'], suffix: 'heapprofile' }
}

interface Answer {
  readonly profile?: unknown
}

/** One in so many bytes that are allocated is told of. */
const ALLOCATION_INTERVAL = 8192

/** Records a profile of another process over its inspector's socket; what it resolves with ends it and gives the profile as JSON. */
export async function profile(inspector: string, recorded: Recorded): Promise<() => Promise<string>> {
  const socket = new WebSocket(inspector)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  let lastId = 0
  const ask = (method: string, params: object = {}): Promise<Answer> =>
    new Promise(resolve => {
      const id = ++lastId
      const hear = ({ data }: MessageEvent) => {
        const answer = JSON.parse(String(data)) as { readonly id?: number; readonly result?: Answer }
        if (answer.id !== id) return
        socket.removeEventListener('message', hear)
        resolve(answer.result ?? {})
      }
      socket.addEventListener('message', hear)
      socket.send(JSON.stringify({ id, method, params }))
    })
  if (recorded === 'processor') {
    await ask('Profiler.enable')
    await ask('Profiler.setSamplingInterval', { interval: 500 })
    await ask('Profiler.start')
  } else {
    await ask('HeapProfiler.startSampling', {
      samplingInterval: ALLOCATION_INTERVAL,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    })
  }
  return async () => {
    const { profile: told } = await ask(recorded === 'processor' ? 'Profiler.stop' : 'HeapProfiler.stopSampling')
    socket.close()
    return JSON.stringify(told)
  }
}
