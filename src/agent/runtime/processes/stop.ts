import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { type Clock, sleep } from '../../../base/clock.ts'
import { run } from '../../host/run.ts'
import { signalTo } from '../../host/signal-to.ts'
import { MARK } from './observe.ts'
import { isAlive, processesMarked } from './proc.ts'
import type { Recorded } from './records.ts'

const KILL_MS = 10_000
const LOOK_MS = 20

export interface StopOptions {
  readonly graceSeconds: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** The signal it is to end with to the session's group, after the grace SIGKILL to whatever still carries the container's mark. */
export async function stopProcess({ directory, kept }: Recorded, { graceSeconds, clock, signal }: StopOptions): Promise<void> {
  const text = (file: string) => readFile(join(directory, file), 'utf8').catch(() => '')
  const main = await text('main')
  const [pid = 0] = main.split(' ').map(Number)
  const over = async () => !(await isAlive(main))
  if (graceSeconds > 0 && !(await over())) {
    signalTo(-pid, signalNamed(kept.stopSignal))
    for (const end = clock.now() + graceSeconds * 1000; clock.now() < end && !(await over()); ) await sleep(clock, LOOK_MS, signal)
  }
  const [watching = 0] = (await text('supervisor')).split(' ').map(Number)
  const { confined } = kept
  const ask = (...words: string[]) => confined && run(confined.program, ['--root', join(directory, 'state'), ...words], { quiet: true }).catch(() => {})
  for (const end = clock.now() + KILL_MS; ; ) {
    if (!(await over())) {
      // The OCI runtime says how its container ended, if it is let.
      if (confined) await ask('kill', '--all', kept.id, 'KILL')
      else signalTo(-pid, 'SIGKILL')
    }
    const marked = await processesMarked(`${MARK}=${kept.id}`)
    // The supervisor says how it ended, and its readers what was still said.
    const strays = marked.filter(p => p.session !== watching && (!confined || p.pid !== pid))
    for (const stray of strays) signalTo(stray.pid, 'SIGKILL')
    if (marked.length === 0) break
    if (clock.now() > end) {
      for (const left of marked) signalTo(left.pid, 'SIGKILL')
      break
    }
    await sleep(clock, LOOK_MS, signal)
  }
  // Where its supervisor was killed, nobody else does.
  if (confined) await ask('delete', '--force', kept.id)
}

const signalNamed = (name = 'SIGTERM'): NodeJS.Signals => (Object.hasOwn(constants.signals, name) ? (name as NodeJS.Signals) : 'SIGTERM')
